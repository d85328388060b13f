// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_vale_detach}: body of {@link RequestType#VALE_DETACH} (ABI §5.6).
 *
 * <pre>
 *    0  port_index (4, out)   pad (4)
 * </pre>
 */
public final class NmreqValeDetach {
    public static final int SIZE = 8;

    public static final Field PORT_INDEX = Field.u32(0);

    private NmreqValeDetach() {}
}
