// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_opt_extmem}: the caller's memory as the region (ABI §6.1).
 *
 * <pre>
 *    0  nro_opt           a {@link NmreqOption}
 *   24  nro_usrptr (8)    start of the memory
 *   32  nro_info          a {@link NmreqPoolsInfo}: bytes of the memory, and count and size of the objects, 0 = default
 * </pre>
 */
public final class NmreqOptExtmem {
    public static final int SIZE = 96;

    public static final int OPT_OFFSET = 0;
    public static final Field USRPTR = Field.u64(24);
    public static final int INFO_OFFSET = 32;

    private NmreqOptExtmem() {}
}
