// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_opt_sync_kloop_mode}: serve a ring inside the write to its ioeventfd, not in the loop's thread
 * (ABI §15.7).
 *
 * <pre>
 *    0  nro_opt           a {@link NmreqOption}
 *   24  mode (4)          bits of NM_OPT_SYNC_KLOOP_DIRECT_*
 * </pre>
 */
public final class NmreqOptSyncKloopMode {
    public static final int SIZE = 32;

    public static final int OPT_OFFSET = 0;
    public static final Field MODE = Field.u32(24);

    public static final int NM_OPT_SYNC_KLOOP_DIRECT_TX = 1;
    public static final int NM_OPT_SYNC_KLOOP_DIRECT_RX = 2;

    private NmreqOptSyncKloopMode() {}

    public static void write(long option, long next, int mode) {
        NmreqOption.write(option, OptionType.SYNC_KLOOP_MODE, next);
        MODE.write(option, mode);
    }
}
