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
 */
public record TraceSpec(long[] filter, int count, List<Place> entries, boolean created, List<Place> exits) {
    /**
     * A side of a function.
     *
     * @param function its name
     * @param reverse whether packets come in at its {@code out} side, in the reverse direction
     */
    public record Place(String function, boolean reverse) {}
}
