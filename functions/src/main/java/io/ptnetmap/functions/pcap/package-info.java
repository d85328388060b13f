// SPDX-License-Identifier: BSD-2-Clause
/**
 * Capture files: {@link io.ptnetmap.functions.pcap.CaptureReader} and {@link io.ptnetmap.functions.pcap.CaptureWriter} for pcap
 * and pcapng, and the functions {@code pcap-source} and {@code pcap-sink} that replay and record them.
 *
 * <p>Formats: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
package io.ptnetmap.functions.pcap;
