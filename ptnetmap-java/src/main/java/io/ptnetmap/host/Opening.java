// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import java.util.List;

/**
 * A port whose rings are there, to be granted: what is not the same for all kinds of ports.
 *
 * @param kind what its user has to do for it
 * @param shape sizes of the whole port
 * @param rings where those are that are opened
 * @param lanes as in {@link Registration}
 * @param held as in {@link Grant}, like all that follows
 */
record Opening(
        Registration.Kind kind,
        PortShape shape,
        RingOffsets rings,
        List<LaneEnd> lanes,
        List<Grant.HeldRing> held,
        int eventfd,
        int peerEventfd,
        SlotOwner owner) {
    /** Where nothing ever wakes the port's user. */
    static final int NONE = -1;
}
