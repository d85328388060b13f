// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import java.util.List;

/**
 * Packets to be followed, as the parts of the chain are told.
 *
 * @param filter a {@link io.ptnetmap.capture.PacketFilter}'s program
 * @param count of packets that each part may begin with
 * @param entries places at which packets are looked out for
 * @param created whether packets are looked out for in all functions that create some
 * @param exits places from which packets leave the chain
 * @param path functions that packets pass one after the other, in the chain's order; those in parallel to others left out
 */
public record TraceSpec(
        long[] filter, int count, List<Place> entries, boolean created, List<Place> exits, List<String> path) {
    /**
     * Whether a packet comes from one function to another without passing a third.
     *
     * @param reverse whether it goes towards the chain's beginning
     */
    public boolean isStep(String from, String to, boolean reverse) {
        return path.indexOf(from) + (reverse ? -1 : 1) == path.indexOf(to);
    }

    /**
     * A side of a function.
     *
     * @param function its name
     * @param reverse whether packets come in at its {@code out} side, in the reverse direction
     */
    public record Place(String function, boolean reverse) {}
}
