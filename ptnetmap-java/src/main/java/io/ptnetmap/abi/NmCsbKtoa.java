// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import io.ptnetmap.memory.Memory;

/**
 * {@code struct nm_csb_ktoa}: what the sync loop tells the application of one ring (ABI §15.1).
 *
 * <pre>
 *    0  hwcur (4)   hwtail (4)   kern_need_kick (4)
 *   12  pad up to 64
 * </pre>
 *
 * The loop {@linkplain #publish publishes} {@code hwcur} before {@code hwtail} and the application reads {@code hwtail}
 * before {@code hwcur} (ABI §15.2). All methods take the block's address.
 */
public final class NmCsbKtoa {
    public static final int SIZE = 64;

    public static final int HWCUR_OFFSET = 0;
    public static final int HWTAIL_OFFSET = 4;
    public static final int KERN_NEED_KICK_OFFSET = 8;

    private NmCsbKtoa() {}

    /** Hands over the slots before {@code hwtail}, which must be written by now. */
    public static void publish(long ktoa, int hwcur, int hwtail) {
        Memory.putIntRelease(ktoa + HWCUR_OFFSET, hwcur);
        Memory.putIntRelease(ktoa + HWTAIL_OFFSET, hwtail);
    }

    /** To be read before {@link #hwcur} and before the slots. */
    public static int hwtail(long ktoa) {
        return Memory.getIntAcquire(ktoa + HWTAIL_OFFSET);
    }

    public static int hwcur(long ktoa) {
        return Memory.getIntAcquire(ktoa + HWCUR_OFFSET);
    }

    /** Whether the loop wants its ioeventfd written when the application publishes. */
    public static boolean kernNeedKick(long ktoa) {
        return Memory.getIntOpaque(ktoa + KERN_NEED_KICK_OFFSET) != 0;
    }

    /** Before sleeping: set, full barrier, look at {@link NmCsbAtok#head} once more (ABI §15.4). */
    public static void kernNeedKick(long ktoa, boolean needed) {
        Memory.putIntOpaque(ktoa + KERN_NEED_KICK_OFFSET, needed ? 1 : 0);
    }
}
