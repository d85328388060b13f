// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_port_info_get}: body of {@link RequestType#PORT_INFO_GET} (ABI §5.4).
 *
 * <pre>
 *    0  nr_memsize (8)
 *    8  nr_tx_slots (4)           nr_rx_slots (4)
 *   16  nr_tx_rings (2)           nr_rx_rings (2)
 *   20  nr_host_tx_rings (2)      nr_host_rx_rings (2)
 *   24  nr_mem_id (2, in and out)
 * </pre>
 */
public final class NmreqPortInfoGet {
    public static final int SIZE = 32;

    public static final Field MEMSIZE = Field.u64(0);
    public static final Field TX_SLOTS = Field.u32(8);
    public static final Field RX_SLOTS = Field.u32(12);
    public static final Field TX_RINGS = Field.u16(16);
    public static final Field RX_RINGS = Field.u16(18);
    public static final Field HOST_TX_RINGS = Field.u16(20);
    public static final Field HOST_RX_RINGS = Field.u16(22);
    public static final Field MEM_ID = Field.u16(24);

    private NmreqPortInfoGet() {}
}
