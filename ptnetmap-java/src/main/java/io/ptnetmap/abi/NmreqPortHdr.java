// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_port_hdr}: body of {@link RequestType#PORT_HDR_SET} and {@link RequestType#PORT_HDR_GET} (ABI
 * §5.8).
 *
 * <pre>
 *    0  nr_hdr_len (4): 0, 10 or 12   pad (4)
 * </pre>
 */
public final class NmreqPortHdr {
    public static final int SIZE = 8;

    public static final Field HDR_LEN = Field.u32(0);

    private NmreqPortHdr() {}
}
