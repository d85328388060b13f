// SPDX-License-Identifier: BSD-2-Clause
/**
 * The functions {@code pcap-source} and {@code pcap-sink}, which replay and record capture files, and what other functions need to
 * record packets.
 */
package io.ptnetmap.functions.pcap;
