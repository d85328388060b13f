// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.memory.Memory;
import java.lang.invoke.VarHandle;

/**
 * One end of one {@linkplain PipeLane direction} of a pipe, run by the process that has opened it: netmap's pipe sync
 * (ABI §9) without a system call.
 *
 * <p>Sent slots are copied whole, slot k to slot k. Slots that are given back need not be copied, but where a buffer was
 * changed on the way, which then travels back. The other end is woken through its eventfd only when it has said that it
 * sleeps. An end that the host runs for a user in a virtual machine looks at every slot that it takes from there; others take
 * what their own process has written. For one thread.
 */
abstract sealed class PipeEnd extends RingEnd permits PipeTx, PipeRx {
    /** Slots from which on copying all at once, which takes wide stores, is faster than one by one. */
    static final int BULK = 32;

    /** Syncs without sleep after which the peer need not fence any more. */
    private static final int AWAKE = 4096;

    static final long CHANGED = NetmapSlot.descriptor(0, 0, NetmapSlot.NS_BUF_CHANGED);

    /** What makes a slot need a closer look: the other bits of an index are no buffer's, and mean something to the lane. */
    static final long UNUSUAL = CHANGED | PipeLane.BATCH;

    private final boolean fence;
    /** Whether the user's slots are written by someone who means harm. */
    final boolean checks;

    private final Runnable wakeUp;
    private final long peerArmed;
    private final long ownArmed;

    final long txRing;
    final long rxRing;
    final long lane;

    /** The request to be woken that the peer has been woken for. */
    private int answered;
    /** Number of this end's own last request. */
    private int requests;
    /** Whether the peer has been asked to fence, and how many syncs ago this end slept last. */
    private boolean fencedPeer;

    private int awake;

    /**
     * @param wakeUp wakes the peer
     * @param checks whether the user's slots are written by someone who means harm
     */
    PipeEnd(
            RegionView region,
            LaneEnd end,
            int slots,
            Runnable wakeUp,
            boolean checks,
            int peerArmedOffset,
            int ownArmedOffset) {
        super(region, region.memory().address() + (end.transmit() ? end.txRing() : end.rxRing()), slots);
        this.fence = region.fence();
        this.checks = checks;
        this.txRing = memory.address() + end.txRing();
        this.rxRing = memory.address() + end.rxRing();
        this.lane = memory.address() + end.lane();
        this.wakeUp = wakeUp;
        this.peerArmed = lane + peerArmedOffset;
        this.ownArmed = lane + ownArmedOffset;
        this.requests = Memory.getInt(ownArmed + PipeLane.REQUESTS);
    }

    /** Takes the user's slots {@code [hwcur, head)}. Returns whether there is something new for the peer to see. */
    abstract boolean push(int head);

    /** Looks what the peer has done. */
    abstract void pull();

    @Override
    final void exchange(int head) {
        if (head != hwcur && push(head)) {
            wakePeer();
        }
        pull();
        if (fencedPeer && ++awake == AWAKE) {
            fencedPeer = false;
            Memory.putIntRelease(ownArmed + PipeLane.FENCE, 0);
        }
    }

    /**
     * Asks the peer for a wake-up. The caller then passes a {@linkplain RegionView#sleeperBarrier barrier} and syncs again.
     *
     * @return whether the peer fences already, so that the caller's own barrier is enough
     */
    final boolean arm() {
        requests = requests == Integer.MAX_VALUE ? 1 : requests + 1;
        Memory.putInt(ownArmed + PipeLane.REQUESTS, requests);
        Memory.putIntRelease(ownArmed, requests);
        boolean fenced = fencedPeer;
        if (!fenced) {
            fencedPeer = true;
            Memory.putIntRelease(ownArmed + PipeLane.FENCE, 1);
        }
        awake = 0;
        return fenced;
    }

    final void disarm() {
        Memory.putIntRelease(ownArmed, 0);
    }

    private void wakePeer() {
        // The peer's request must be read after the slots were published. Where a sleeper has a barrier run on our
        // behalf (membarrier), keeping the compiler from reordering is enough: if it has begun to sleep often in the
        // meantime, that barrier lies between our stores and its next look.
        if (fence) {
            VarHandle.fullFence();
        } else {
            VarHandle.releaseFence();
        }
        if (Memory.getLong(peerArmed) != 0) {
            wakeSleeper();
        }
    }

    /** The peer has asked for a wake-up, for fences, or both. */
    private void wakeSleeper() {
        VarHandle.fullFence();
        int request = Memory.getIntOpaque(peerArmed);
        if (request != 0 && request != answered) {
            answered = request;
            wakeUp.run();
        }
    }

    static boolean continues(long descriptor) {
        return (NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) != 0;
    }

    /**
     * The bits that are set in any of these slots' descriptors. A loop that few slots never come to, for the compiler makes of
     * a loop what suits the number of times that it mostly runs.
     */
    static long bitsOfMany(long first, int count) {
        long all = 0;
        for (int i = 0; i < count; i++) {
            all |= NetmapSlot.read(first + Integer.toUnsignedLong(i) * NetmapSlot.SIZE);
        }
        return all;
    }

    /** Address of a slot of one of the two rings. */
    static long slot(long ring, int index) {
        return Memory.aligned(ring) + NetmapRing.SLOT_OFFSET + Integer.toUnsignedLong(index) * NetmapSlot.SIZE;
    }
}
