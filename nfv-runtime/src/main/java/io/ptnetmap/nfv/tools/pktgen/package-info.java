// SPDX-License-Identifier: BSD-2-Clause
/**
 * The packet generator: {@link io.ptnetmap.nfv.tools.pktgen.PacketGenerator} runs one function, such as {@code tx} or
 * {@code pong}, on the rings of a port, and reports in the words of netmap's pkt-gen.
 */
package io.ptnetmap.nfv.tools.pktgen;
