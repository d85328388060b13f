// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_vale_newif}: body of {@link RequestType#VALE_NEWIF} (ABI §5.9).
 *
 * <pre>
 *    0  nr_tx_slots (4)   nr_rx_slots (4)
 *    8  nr_tx_rings (2)   nr_rx_rings (2)   nr_mem_id (2, in and out)   pad (2)
 * </pre>
 */
public final class NmreqValeNewif {
    public static final int SIZE = 16;

    public static final Field TX_SLOTS = Field.u32(0);
    public static final Field RX_SLOTS = Field.u32(4);
    public static final Field TX_RINGS = Field.u16(8);
    public static final Field RX_RINGS = Field.u16(10);
    public static final Field MEM_ID = Field.u16(12);

    private NmreqValeNewif() {}
}
