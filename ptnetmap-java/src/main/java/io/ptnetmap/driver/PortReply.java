// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

/**
 * The reply half of {@code struct nmreq_register}, and of {@code struct nmreq_port_info_get} (ABI §5.3, §5.4).
 *
 * @param offset of the {@code netmap_if} in the region, bytes; 0 in a port-info reply
 * @param memsize bytes of the region's pools
 * @param txSlots slots per transmit ring
 * @param rxSlots slots per receive ring
 * @param txRings transmit rings
 * @param rxRings receive rings
 * @param hostTxRings true count of host transmit rings, 0 where the port has none
 * @param hostRxRings true count of host receive rings
 * @param memId region in use
 * @param extraBufs extra buffers obtained, possibly fewer than wished for
 */
public record PortReply(
        long offset,
        long memsize,
        int txSlots,
        int rxSlots,
        int txRings,
        int rxRings,
        int hostTxRings,
        int hostRxRings,
        int memId,
        int extraBufs) {}
