// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import java.util.List;
import java.util.OptionalInt;

/**
 * Packets to be followed, as the parts of the chain are told.
 *
 * @param filter a {@link io.ptnetmap.capture.PacketFilter}'s program
 * @param count of packets that each part may begin with
 * @param entries places at which packets are looked out for
 * @param created whether packets are looked out for in all functions that create some
 * @param exits places from which packets leave the chain
 * @param switched places from which a switch copies packets to what is behind, so that these are followed no further
 * @param path functions that packets pass one after the other, in the chain's order; those in parallel to others left out
 * @param edition which of the chain's shapes this is about, counted from when they began to be followed: while the chain is being
 *     changed some parts know a later one than others
 */
public record TraceSpec(
        long[] filter,
        int count,
        List<Place> entries,
        boolean created,
        List<Place> exits,
        List<Place> switched,
        List<String> path,
        int edition) {
    /** The same, told as the chain's shape of this number. */
    public TraceSpec withEdition(int number) {
        return new TraceSpec(filter, count, entries, created, exits, switched, path, number);
    }

    /**
     * Whether a packet comes from one function to another without passing a third.
     *
     * @param reverse whether it goes towards the chain's beginning
     */
    public boolean isStep(String from, String to, boolean reverse) {
        OptionalInt distance = distance(from, to, reverse);
        return distance.isPresent() && distance.getAsInt() == 1;
    }

    /**
     * How many steps it is from one function to another, the way that a packet goes: below 0 it comes to the other one first. Empty
     * where the chain does not have both.
     *
     * @param reverse whether it goes towards the chain's beginning
     */
    public OptionalInt distance(String from, String to, boolean reverse) {
        int at = path.indexOf(from);
        int next = path.indexOf(to);
        return at < 0 || next < 0 ? OptionalInt.empty() : OptionalInt.of(reverse ? at - next : next - at);
    }

    /**
     * A side of a function.
     *
     * @param function its name
     * @param reverse whether packets come in at its {@code out} side, in the reverse direction
     */
    public record Place(String function, boolean reverse) {}
}
