// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.lang.management.ManagementFactory;
import org.HdrHistogram.Histogram;

/** The times of packets that come one at a time, and whether each was the expected one. For one thread. */
final class RoundTrips {
    private static final int DIGITS = 3;

    private final Histogram times = new Histogram(Patience.STALL_NANOS, DIGITS);
    private long packets;
    private long differences;
    private long processor;
    private long start;

    /** Forgets what was. */
    void begin() {
        times.reset();
        packets = 0;
        differences = 0;
        processor = processorTime();
        start = System.nanoTime();
    }

    /**
     * A packet has come.
     *
     * @param expected its number
     * @param number what it says
     * @param sent when it was sent, {@link System#nanoTime()}
     */
    void take(long expected, long number, long sent) {
        take(expected, number);
        times.recordValue(System.nanoTime() - sent);
    }

    /** Likewise where nobody asks for the time, so that taking it is not part of what the other end measures. */
    void take(long expected, long number) {
        packets++;
        differences |= number ^ expected;
    }

    /** The answer that {@link EchoTask} takes. */
    String answer() {
        return packets + " " + times.getValueAtPercentile(50) + " " + times.getValueAtPercentile(99) + " "
                + times.getMaxValue() + " " + (processorTime() - processor) + " " + (System.nanoTime() - start) + " "
                + Long.toUnsignedString(differences);
    }

    /** Of all threads of this process, nanoseconds. */
    private static long processorTime() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
