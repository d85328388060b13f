// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools;

import java.util.concurrent.locks.LockSupport;

/**
 * Spreads packets over time, by the number that is due rather than by gaps: lateness of one batch is made up for by the next,
 * so that the rate is exact over any longer time. For one thread.
 */
public final class Pacer {
    /** Waits shorter than this are spun, in nanoseconds: a sleep takes about that much longer than it is told. */
    private static final long SPIN_NANOS = 80_000;
    /** A thread that was kept from running makes up for no more than this, in nanoseconds. */
    private static final long MEMORY_NANOS = 100_000_000;

    private static final double NANOS_PER_SECOND = 1e9;

    private final double perNano;
    private final double nanosPer;
    private long start;
    private long taken;

    /** @param perSecond packets; 0 = no limit */
    public Pacer(double perSecond) {
        perNano = perSecond / NANOS_PER_SECOND;
        nanosPer = perSecond == 0 ? 0 : NANOS_PER_SECOND / perSecond;
    }

    /** Begins to count. */
    public void start(long nowNanos) {
        start = nowNanos;
        taken = 0;
    }

    /** How many packets may go now, up to {@code most}. */
    public int due(long nowNanos, int most) {
        if (perNano == 0) {
            return most;
        }
        long due = 1 + (long) ((nowNanos - start) * perNano) - taken;
        long limit = Math.max(1, (long) (MEMORY_NANOS * perNano));
        if (due > limit) {
            taken += due - limit;
            due = limit;
        }
        return (int) Math.min(due, most);
    }

    /** {@code count} packets have gone. */
    public void take(int count) {
        taken += count;
    }

    /** Waits until the next packet is due, for at most {@code mostNanos}. */
    public void await(long nowNanos, long mostNanos) {
        long next = start + (long) (taken * nanosPer);
        long wait = Math.min(next - nowNanos, mostNanos);
        if (wait > SPIN_NANOS) {
            LockSupport.parkNanos(wait - SPIN_NANOS);
        }
        while (System.nanoTime() - nowNanos < wait) {
            Thread.onSpinWait();
        }
    }
}
