// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import io.ptnetmap.memory.Memory;

/**
 * {@code struct nm_csb_atok}: what the application tells the sync loop of one ring (ABI §15.1).
 *
 * <pre>
 *    0  head (4)   cur (4)   appl_need_kick (4)   sync_flags (4)
 *   16  pad up to 64
 * </pre>
 *
 * The application {@linkplain #publish publishes} {@code cur} before {@code head} and the loop reads {@code head} before
 * {@code cur}, so that the loop never sees a head beyond its cur (ABI §15.2). All methods take the block's address.
 */
public final class NmCsbAtok {
    public static final int SIZE = 64;

    public static final int HEAD_OFFSET = 0;
    public static final int CUR_OFFSET = 4;
    public static final int APPL_NEED_KICK_OFFSET = 8;
    public static final int SYNC_FLAGS_OFFSET = 12;

    /** {@code sync_flags}: look for packets even without an interrupt. */
    public static final int NAF_FORCE_READ = 1;
    /** Look for finished transmissions now. */
    public static final int NAF_FORCE_RECLAIM = 2;

    private NmCsbAtok() {}

    /** Hands over the slots before {@code head}, which must be written by now. */
    public static void publish(long atok, int head, int cur) {
        Memory.putIntRelease(atok + CUR_OFFSET, cur);
        Memory.putIntRelease(atok + HEAD_OFFSET, head);
    }

    /** To be read before {@link #cur} and before the slots. */
    public static int head(long atok) {
        return Memory.getIntAcquire(atok + HEAD_OFFSET);
    }

    public static int cur(long atok) {
        return Memory.getIntAcquire(atok + CUR_OFFSET);
    }

    /** Whether the application wants its irqfd written on progress. */
    public static boolean applNeedKick(long atok) {
        return Memory.getIntOpaque(atok + APPL_NEED_KICK_OFFSET) != 0;
    }

    /** Before sleeping on it: set, full barrier, look at {@link NmCsbKtoa#hwtail} once more (ABI §15.6). */
    public static void applNeedKick(long atok, boolean needed) {
        Memory.putIntOpaque(atok + APPL_NEED_KICK_OFFSET, needed ? 1 : 0);
    }

    /** {@code NAF_*} hints. */
    public static int syncFlags(long atok) {
        return Memory.getIntOpaque(atok + SYNC_FLAGS_OFFSET);
    }

    public static void syncFlags(long atok, int flags) {
        Memory.putIntOpaque(atok + SYNC_FLAGS_OFFSET, flags);
    }
}
