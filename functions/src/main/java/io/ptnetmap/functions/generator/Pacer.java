// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.generator;

/**
 * Spreads packets evenly over time. What could not be sent in time is made up for, up to one second's worth. Single-threaded.
 */
final class Pacer {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double packetsPerNano;
    private final double maxDebt;
    private boolean started;
    private long startNanos;
    private double accounted;

    /** @param packetsPerSecond 0 = no limit */
    Pacer(long packetsPerSecond) {
        packetsPerNano = packetsPerSecond / NANOS_PER_SECOND;
        maxDebt = Math.max(1, packetsPerSecond);
    }

    /** Packets that may be sent now, {@code most} at most. */
    int budget(long nowNanos, int most) {
        if (packetsPerNano == 0) {
            return most;
        }
        if (!started) {
            started = true;
            startNanos = nowNanos;
        }
        double due = 1 + (nowNanos - startNanos) * packetsPerNano - accounted;
        if (due > maxDebt) {
            accounted += due - maxDebt;
            due = maxDebt;
        }
        return (int) Math.min(due, most);
    }

    /** Nanoseconds until the next packet may be sent. */
    long untilNext(long nowNanos) {
        if (packetsPerNano == 0 || !started) {
            return 0;
        }
        return Math.max(0, (long) (accounted / packetsPerNano) - (nowNanos - startNanos));
    }

    void sent(int packets) {
        accounted += packets;
    }
}
