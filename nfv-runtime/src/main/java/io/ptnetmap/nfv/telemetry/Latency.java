// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.telemetry;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How long sampled packets took to get through a chain, or through a part of it.
 *
 * @param places by the name of the function or port where the times were taken
 */
public record Latency(Map<String, Map<Kind, Times>> places) {
    /** Where nothing has been sampled. */
    public static final Latency NONE = new Latency(Map.of());

    /** What is timed at a function. */
    public enum Kind {
        /** From being put onto the link towards the chain's beginning to being taken from it. */
        LINK,
        /** Likewise on the link towards the chain's end, for packets in the reverse direction. */
        LINK_BACKWARD,
        /** From the chain's beginning to here. */
        ARRIVAL,
        /** From the chain's end to here, in the reverse direction. */
        ARRIVAL_BACKWARD,
        /** The function's own time for the batch that the packet was in. */
        FUNCTION,
        /** From the chain's beginning through its last function. */
        CHAIN,
        /** From the chain's end through its first function, in the reverse direction. */
        CHAIN_BACKWARD;

        /** This one, or its like in the reverse direction. */
        public Kind inDirection(boolean backward) {
            return switch (this) {
                case LINK, LINK_BACKWARD -> backward ? LINK_BACKWARD : LINK;
                case ARRIVAL, ARRIVAL_BACKWARD -> backward ? ARRIVAL_BACKWARD : ARRIVAL;
                case FUNCTION -> FUNCTION;
                case CHAIN, CHAIN_BACKWARD -> backward ? CHAIN_BACKWARD : CHAIN;
            };
        }
    }

    /**
     * Times of one kind at one place.
     *
     * @param samples taken since the start
     * @param totalNanos their sum
     * @param recent those of the last 5 to 10 s
     */
    public record Times(long samples, long totalNanos, Distribution recent) {
        /** Both together. */
        public Times plus(Times other) {
            return new Times(samples + other.samples, totalNanos + other.totalNanos, recent.plus(other.recent));
        }
    }

    /** What was timed at a function; empty if nothing was. */
    public Optional<Times> at(String function, Kind kind) {
        return Optional.ofNullable(places.getOrDefault(function, Map.of()).get(kind));
    }

    /** What was timed of a kind, wherever it was; empty if nothing was. */
    public Optional<Times> anywhere(Kind kind) {
        return places.values().stream()
                .flatMap(times -> Optional.ofNullable(times.get(kind)).stream())
                .reduce(Times::plus);
    }

    /** Both together. */
    public Latency plus(Latency other) {
        if (places.isEmpty() || other.places.isEmpty()) {
            return places.isEmpty() ? other : this;
        }
        Map<String, Map<Kind, Times>> all = new HashMap<>(places);
        other.places.forEach((name, times) -> all.merge(name, times, Latency::sum));
        return new Latency(all);
    }

    private static Map<Kind, Times> sum(Map<Kind, Times> some, Map<Kind, Times> others) {
        Map<Kind, Times> all = new EnumMap<>(Kind.class);
        all.putAll(some);
        others.forEach((kind, times) -> all.merge(kind, times, Times::plus));
        return all;
    }

    /** What remains of it in the accounts when the functions have ended: counts and sums, but no recent times. */
    public Latency ended() {
        Map<String, Map<Kind, Times>> all = new HashMap<>();
        places.forEach((name, times) -> {
            Map<Kind, Times> sums = new EnumMap<>(Kind.class);
            times.forEach((kind, one) -> sums.put(kind, new Times(one.samples(), one.totalNanos(), Distribution.NONE)));
            all.put(name, sums);
        });
        return new Latency(all);
    }
}
