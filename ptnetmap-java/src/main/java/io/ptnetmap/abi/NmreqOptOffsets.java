// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_opt_offsets}: packets that do not begin at the start of their buffer (ABI §6.5).
 *
 * <pre>
 *    0  nro_opt                  a {@link NmreqOption}
 *   24  nro_max_offset (8)       largest offset, in and out
 *   32  nro_initial_offset (8)   written into all slots
 *   40  nro_offset_bits (4)      low bits of a slot's ptr that hold it, 0 = all     nro_tx_align (4)
 *   48  nro_min_gap (8)          bytes to leave free at a buffer's end
 * </pre>
 */
public final class NmreqOptOffsets {
    public static final int SIZE = 56;

    public static final int OPT_OFFSET = 0;
    public static final Field MAX_OFFSET = Field.u64(24);
    public static final Field INITIAL_OFFSET = Field.u64(32);
    public static final Field OFFSET_BITS = Field.u32(40);
    public static final Field TX_ALIGN = Field.u32(44);
    public static final Field MIN_GAP = Field.u64(48);

    private NmreqOptOffsets() {}

    /** Writes the option; alignment and gap, which netmap ignores or derives, are left at 0. */
    public static void write(long option, long next, long maxOffset, long initialOffset, int offsetBits) {
        NmreqOption.write(option, OptionType.OFFSETS, next);
        MAX_OFFSET.write(option, maxOffset);
        INITIAL_OFFSET.write(option, initialOffset);
        OFFSET_BITS.write(option, offsetBits);
        TX_ALIGN.write(option, 0);
        MIN_GAP.write(option, 0);
    }
}
