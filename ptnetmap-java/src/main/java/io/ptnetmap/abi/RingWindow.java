// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * Ring arithmetic, and the test that {@code head} and {@code cur} of a program must pass at each sync (ABI §3.1, §3.3).
 * Slot numbers are compared as unsigned: whatever stands in shared memory can be given to these functions.
 */
public final class RingWindow {
    private RingWindow() {}

    /** Steps forward from slot {@code from} to slot {@code to} in a ring of {@code slots}; both must be in range. */
    public static int distance(int from, int to, int slots) {
        int distance = to - from;
        return distance < 0 ? distance + slots : distance;
    }

    /**
     * Whether {@code start <= head <= cur <= tail}, cyclically.
     *
     * <p>netmap itself lets a {@code cur} beyond the ring pass where the window wraps; this test refuses it.
     *
     * @param start first slot of the window: {@code rhead} of a transmit ring, {@code hwcur} of a receive ring; in range
     * @param tail first slot after the window: {@code rtail} or {@code hwtail}; in range
     * @param head as read from the ring, any value
     * @param cur as read from the ring, any value
     */
    public static boolean accepts(int start, int tail, int head, int cur, int slots) {
        if (Integer.compareUnsigned(head, slots) >= 0 || Integer.compareUnsigned(cur, slots) >= 0) {
            return false;
        }
        int toCur = distance(start, cur, slots);
        return distance(start, head, slots) <= toCur && toCur <= distance(start, tail, slots);
    }
}
