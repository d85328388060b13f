// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_opt_csb}: where the CSB blocks are, one of each kind per bound ring, transmit rings first (ABI
 * §15.1).
 *
 * <pre>
 *    0  nro_opt           a {@link NmreqOption}
 *   24  csb_atok (8)      address of the {@link NmCsbAtok} array, a multiple of 64
 *   32  csb_ktoa (8)      address of the {@link NmCsbKtoa} array, likewise
 * </pre>
 */
public final class NmreqOptCsb {
    public static final int SIZE = 40;

    public static final int OPT_OFFSET = 0;
    public static final Field CSB_ATOK = Field.u64(24);
    public static final Field CSB_KTOA = Field.u64(32);

    private NmreqOptCsb() {}

    public static void write(long option, long next, long atok, long ktoa) {
        NmreqOption.write(option, OptionType.CSB, next);
        CSB_ATOK.write(option, atok);
        CSB_KTOA.write(option, ktoa);
    }
}
