// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_option}: what every option begins with (ABI §6).
 *
 * <pre>
 *    0  nro_next (8)      address of the next option, 0 = none
 *    8  nro_reqtype (4)   nro_status (4): errno of this option, written by netmap
 *   16  nro_size (8)      bytes in all; counts only for options whose size varies
 * </pre>
 */
public final class NmreqOption {
    public static final int SIZE = 24;

    public static final Field NEXT = Field.u64(0);
    public static final Field REQTYPE = Field.u32(8);
    public static final Field STATUS = Field.u32(12);
    public static final Field NRO_SIZE = Field.u64(16);

    private NmreqOption() {}

    /** Writes an option's header. {@code next} is the address of the option after this one, 0 = none. */
    public static void write(long option, OptionType type, long next) {
        NEXT.write(option, next);
        REQTYPE.write(option, type.number());
        STATUS.write(option, 0);
        NRO_SIZE.write(option, 0);
    }
}
