// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.telemetry.Distribution;
import io.ptnetmap.nfv.telemetry.Latency.Kind;
import io.ptnetmap.nfv.telemetry.Latency.Times;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.HistogramIterationValue;
import org.HdrHistogram.IntCountsHistogram;

/** The times taken at one function. For the worker that runs it; who else wants to know asks that one. */
final class Latencies {
    /** Times are kept for as long as it lasts, and for as long again. */
    static final long PERIOD_NANOS = 5_000_000_000L;

    /** Shorter times are not told apart from one another. */
    private static final long SHORTEST_NANOS = 8;

    static final long LONGEST_NANOS = 3_600_000_000_000L;
    /** Which makes classes of 3 to 6 % of a time, as Prometheus's own histograms have, and 2 KB for all of them. */
    private static final int DIGITS = 1;
    /** Of times within two orders of magnitude. */
    private static final int USUAL_CLASSES = 64;

    private final Map<Kind, Series> series = new EnumMap<>(Kind.class);

    /** Times of one kind. */
    private static final class Series {
        private IntCountsHistogram current = histogram();
        private IntCountsHistogram before = histogram();
        private long period;
        private long samples;
        private long totalNanos;

        private static IntCountsHistogram histogram() {
            return new IntCountsHistogram(SHORTEST_NANOS, LONGEST_NANOS, DIGITS);
        }

        void record(long nanos, long nowNanos) {
            turn(nowNanos);
            current.recordValue(Math.min(nanos, LONGEST_NANOS));
            samples++;
            totalNanos += nanos;
        }

        private void turn(long nowNanos) {
            long now = nowNanos / PERIOD_NANOS;
            if (now == period) {
                return;
            }
            IntCountsHistogram old = before;
            before = current;
            current = old;
            current.reset();
            if (now != period + 1) {
                before.reset();
            }
            period = now;
        }

        Times times(long nowNanos) {
            turn(nowNanos);
            return new Times(samples, totalNanos, distribution(before).plus(distribution(current)));
        }

        /** In one pass, for it is the worker's time. */
        private static Distribution distribution(IntCountsHistogram histogram) {
            long[] nanos = new long[USUAL_CLASSES];
            long[] counts = new long[USUAL_CLASSES];
            int classes = 0;
            for (HistogramIterationValue value : histogram.recordedValues()) {
                if (classes == nanos.length) {
                    nanos = Arrays.copyOf(nanos, 2 * classes);
                    counts = Arrays.copyOf(counts, 2 * classes);
                }
                nanos[classes] = value.getValueIteratedTo();
                counts[classes++] = value.getCountAtValueIteratedTo();
            }
            return new Distribution(Arrays.copyOf(nanos, classes), Arrays.copyOf(counts, classes));
        }
    }

    /**
     * Adds a time.
     *
     * @param nanos negative ones, as of clocks that do not agree, count as 0
     * @param nowNanos {@link System#nanoTime}
     */
    void record(Kind kind, long nanos, long nowNanos) {
        series.computeIfAbsent(kind, first -> new Series()).record(Math.max(0, nanos), nowNanos);
    }

    /** All that has been added, as of now. */
    Map<Kind, Times> times(long nowNanos) {
        Map<Kind, Times> all = new EnumMap<>(Kind.class);
        series.forEach((kind, one) -> all.put(kind, one.times(nowNanos)));
        return all;
    }
}
