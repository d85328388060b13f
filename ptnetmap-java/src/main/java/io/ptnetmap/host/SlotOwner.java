// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import java.util.List;

/** Something whose rings hold buffers. Guarded by the host's lock, see {@link Ports}. */
sealed interface SlotOwner permits PrivateRings, Pipe, ValeRings {
    /** How many slots {@link #forEachSlot} shows. */
    int slots();

    /** Shows each slot that validly names a buffer, once: for a pipe, the owner's of the two mirrored slots. */
    void forEachSlot(Visitor visitor);

    /** Of these, those of transmit or of receive rings that nobody has open. */
    void forEachAbandonedSlot(boolean transmit, Visitor visitor);

    /** A port is closed that had these rings open. */
    void close(List<Grant.HeldRing> rings);

    /** Whether there is still a port on it. */
    boolean isOpen();

    /**
     * The rings as their users see them.
     *
     * @param end of a pipe; 0 for others
     */
    PortShape shape(int end);

    /** Offset of a ring, 0 where nobody has it open. */
    long openRing(Grant.HeldRing ring);

    /** Gives back rings and descriptors; the buffers have been freed by then. */
    void destroy();

    /** Takes slot addresses. */
    @FunctionalInterface
    interface Visitor {
        void slot(long address);
    }
}
