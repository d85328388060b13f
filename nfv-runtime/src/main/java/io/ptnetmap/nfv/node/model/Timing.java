// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import io.ptnetmap.nfv.telemetry.Distribution;
import io.ptnetmap.nfv.telemetry.Latency;
import java.util.LinkedHashMap;
import java.util.Map;
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
        private static Percentiles of(Distribution times) {
            return new Percentiles(
                    times.count(), times.at(0.5), times.at(0.9), times.at(0.99), times.at(0.999), times.at(1));
        }

        /** By the share of the samples, 1 for the longest. */
        public Map<Double, Long> byShare() {
            Map<Double, Long> all = new LinkedHashMap<>();
            all.put(0.5, p50);
            all.put(0.9, p90);
            all.put(0.99, p99);
            all.put(0.999, p999);
            all.put(1.0, max);
            return all;
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
