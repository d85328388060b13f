// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The accounts of a chain's functions and links at one moment. Counters only grow.
 *
 * @param elapsedNanos since the chain was started first
 * @param latencyNanos of sampled packets, from the chain's beginning through its last function
 * @param backwardLatencyNanos from the chain's end through its first function, in the reverse direction
 */
public record Statistics(
        String chain,
        Instant time,
        long elapsedNanos,
        List<FunctionCount> functions,
        List<LinkCount> links,
        Optional<Balance> conservation,
        Optional<Timing> latencyNanos,
        Optional<Timing> backwardLatencyNanos) {
    /**
     * A function's account.
     *
     * @param batchNanos the function's own time for sampled batches
     */
    public record FunctionCount(
            String name, String type, FunctionState state, FunctionAccount account, Optional<Timing> batchNanos) {}

    /**
     * A link's state.
     *
     * @param forward what has come over it to the chain's end
     * @param backward and to its beginning
     */
    public record LinkCount(String name, String kind, int slots, int used, Flow forward, Flow backward) {}

    /**
     * What has come over a link in one direction.
     *
     * @param waitNanos of sampled packets, from being put onto the link to being taken from it; empty where it is a call
     * @param latencyNanos of sampled packets, from where they came into the chain to the link's far end
     */
    public record Flow(long packets, long bytes, Optional<Timing> waitNanos, Optional<Timing> latencyNanos) {
        /** Nothing. */
        public static final Flow NONE = new Flow(0, 0, Optional.empty(), Optional.empty());
    }
}
