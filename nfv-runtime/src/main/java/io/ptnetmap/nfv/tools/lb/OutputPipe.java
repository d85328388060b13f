// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.lb;

import io.ptnetmap.NetmapPort;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;

/** One output: the transmit ring of a pipe, the queue before it, and what has happened to its packets. For one thread. */
final class OutputPipe {
    final NetmapPort port;
    final TxRing ring;
    final OverflowQueue queue = new OverflowQueue();

    /** By slot: whether a packet of ours was sent in it that has not been seen again. */
    private final boolean[] sent;
    /** First slot that came back from the consumer and has not been looked at. */
    private int unseen;

    long packets;
    long bytes;
    long droppedPackets;
    long droppedBytes;

    OutputPipe(NetmapPort port) {
        this.port = port;
        this.ring = port.txRing(0);
        this.unseen = ring.tail();
        this.sent = new boolean[ring.slots()];
    }

    /** A fragment was put into a slot. */
    void put(int slot) {
        sent[slot] = true;
    }

    /**
     * Whether the consumer has given slots back that {@link #takeReturned} has not seen. The last one is the slot at
     * {@code tail}, the gap of the ring: it is looked at once nothing is under way.
     */
    boolean hasReturned() {
        if (unseen == ring.tail()) {
            return ring.drained();
        }
        return unseen != ring.next(ring.tail());
    }

    /** The next slot that came back. It is free, but holds what was sent in it; -1 if the consumer has taken that away. */
    int takeReturned() {
        int slot = unseen;
        unseen = ring.next(unseen);
        boolean there = sent[slot] && ring.length(slot) != 0;
        sent[slot] = false;
        return there ? slot : -1;
    }

    /** None of the slots is of interest. */
    void forgetReturned() {
        unseen = ring.tail();
    }

    void forwarded(long descriptor) {
        packets += (NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) == 0 ? 1 : 0;
        bytes += NetmapSlot.len(descriptor);
    }

    void dropped(long descriptor) {
        droppedPackets += (NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) == 0 ? 1 : 0;
        droppedBytes += NetmapSlot.len(descriptor);
    }
}
