// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import io.ptnetmap.nfv.telemetry.Distribution;
import io.ptnetmap.nfv.telemetry.Latency;
import java.util.List;
import java.util.Optional;

/**
 * How long sampled packets took, nanoseconds.
 *
 * @param samples taken since the chain was started first
 * @param sum of their times
 * @param recent the times of the last 5 to 10 s; empty if there were none
 */
public record Timing(long samples, long sum, Optional<Percentiles> recent) {
    /**
     * Times that a share of all samples is not above, to some 6 %.
     *
     * @param samples that these are of
     */
    public record Percentiles(long samples, long p50, long p90, long p99, long p999, long max) {
        /** The shares of the samples, as OpenMetrics writes quantiles; the last is the longest's. */
        public static final List<String> SHARES = List.of("0.5", "0.9", "0.99", "0.999", "1.0");

        private static Percentiles of(Distribution times) {
            return new Percentiles(
                    times.count(), times.at(0.5), times.at(0.9), times.at(0.99), times.at(0.999), times.at(1));
        }

        /** The time of one of the {@link #SHARES}, by its place there. */
        public long nanos(int share) {
            return switch (share) {
                case 0 -> p50;
                case 1 -> p90;
                case 2 -> p99;
                case 3 -> p999;
                default -> max;
            };
        }
    }

    /** In the form for clients. */
    public static Timing of(Latency.Times times) {
        return new Timing(
                times.samples(),
                times.totalNanos(),
                Optional.of(times.recent())
                        .filter(recent -> recent.count() != 0)
                        .map(Percentiles::of));
    }
}
