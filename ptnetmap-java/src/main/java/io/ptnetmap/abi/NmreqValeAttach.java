// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_vale_attach}: body of {@link RequestType#VALE_ATTACH} (ABI §5.6).
 *
 * <pre>
 *    0  reg               a {@link NmreqRegister}: mode ALL_NIC or NIC_SW, ring 0, memory id
 *   56  port_index (4, out)
 * </pre>
 */
public final class NmreqValeAttach {
    public static final int SIZE = 64;

    public static final int REG_OFFSET = 0;
    public static final Field PORT_INDEX = Field.u32(56);

    private NmreqValeAttach() {}
}
