// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The accounts of a chain's functions and links at one moment. Counters only grow.
 *
 * @param elapsedNanos since the chain was started first
 */
public record Statistics(
        String chain,
        Instant time,
        long elapsedNanos,
        List<FunctionCount> functions,
        List<LinkCount> links,
        Optional<Balance> conservation) {
    /** A function's account. */
    public record FunctionCount(String name, String type, FunctionState state, FunctionAccount account) {}

    /**
     * A link's state.
     *
     * @param latencyNanos of sampled packets, from the chain's beginning to this link, by {@code p50}, {@code p90}, {@code
     *     p99} and {@code max}
     * @param forward what has come over it to the chain's end
     * @param backward and to its beginning
     */
    public record LinkCount(
            String name,
            String kind,
            int slots,
            int used,
            Optional<Map<String, Long>> latencyNanos,
            Flow forward,
            Flow backward) {}

    /** What has come over a link in one direction. */
    public record Flow(long packets, long bytes) {
        /** Nothing. */
        public static final Flow NONE = new Flow(0, 0);
    }
}
