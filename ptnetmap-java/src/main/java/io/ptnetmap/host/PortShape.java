// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortReply;
import java.util.List;
import java.util.stream.Stream;

/**
 * Sizes of a port's rings, as its user sees them.
 *
 * @param txRings transmit rings
 * @param txSlots slots of each
 * @param rxRings receive rings
 * @param rxSlots slots of each
 */
record PortShape(int txRings, int txSlots, int rxRings, int rxSlots) {
    /** A port without rings. */
    static final PortShape NONE = new PortShape(0, 0, 0, 0);

    /** What a port gets that is made by a request without wishes. */
    static final PortShape DEFAULT = new PortShape(1, Wishes.DEFAULT_SLOTS, 1, Wishes.DEFAULT_SLOTS);

    /**
     * All rings, those of transmit rings first.
     *
     * @param end of a pipe; 0 for others
     */
    List<Grant.HeldRing> rings(int end) {
        return Stream.concat(
                        Wishes.numbers(txRings).stream().map(ring -> new Grant.HeldRing(end, ring, true)),
                        Wishes.numbers(rxRings).stream().map(ring -> new Grant.HeldRing(end, ring, false)))
                .toList();
    }

    /** The answer to who has opened such a port; there are no host rings in any. */
    PortReply opened(long offset, Region region, int extraBuffers) {
        return reply(offset, region.memsize(), region.memId(), extraBuffers);
    }

    /** The answer to PORT_INFO_GET about such a port. */
    PortReply described(Region region) {
        return reply(0, region.memsize(), region.memId(), 0);
    }

    /** Likewise, where it has no region yet. */
    PortReply described() {
        return reply(0, 0, 0, 0);
    }

    private PortReply reply(long offset, long memsize, int memId, int extraBuffers) {
        return new PortReply(offset, memsize, txSlots, rxSlots, txRings, rxRings, 0, 0, memId, extraBuffers);
    }
}
