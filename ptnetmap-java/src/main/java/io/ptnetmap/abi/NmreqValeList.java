// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_vale_list}: body of {@link RequestType#VALE_LIST}, in and out (ABI §5.7).
 *
 * <pre>
 *    0  nr_bridge_idx (2)   pad (2)   nr_port_idx (4)
 * </pre>
 */
public final class NmreqValeList {
    public static final int SIZE = 8;

    public static final Field BRIDGE_IDX = Field.u16(0);
    public static final Field PORT_IDX = Field.u32(4);

    private NmreqValeList() {}
}
