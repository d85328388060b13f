// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.memory.Memory;
import java.lang.invoke.VarHandle;

/**
 * One end of one {@linkplain PipeLane direction} of a pipe, run by the process that has opened it: netmap's pipe sync
 * (ABI §9) without a system call.
 *
 * <p>Slots are copied whole, slot k to slot k; a buffer changed on the way travels back. The other end is woken through
 * its eventfd only when it has said that it sleeps. An end that the host runs for a user in a virtual machine looks at
 * every slot that it takes from there; others take what their own process has written. For one thread.
 */
abstract sealed class PipeEnd extends RingEnd {
    /** Slots from which on copying all at once, which takes wide stores, is faster than one by one. */
    private static final int BULK = 32;

    /** Syncs without sleep after which the peer need not fence any more. */
    private static final int AWAKE = 4096;

    private static final long CHANGED = NetmapSlot.descriptor(0, 0, NetmapSlot.NS_BUF_CHANGED);

    private final boolean fence;
    private final boolean checks;
    private final Doorbell doorbell;
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

    private PipeEnd(
            RegionView region,
            LaneEnd end,
            int slots,
            Doorbell doorbell,
            boolean checks,
            int peerArmedOffset,
            int ownArmedOffset) {
        super(region, region.memory().address() + (end.transmit() ? end.txRing() : end.rxRing()), slots);
        this.fence = region.fence();
        this.checks = checks;
        this.txRing = memory.address() + end.txRing();
        this.rxRing = memory.address() + end.rxRing();
        this.lane = memory.address() + end.lane();
        this.doorbell = doorbell;
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
        if (Memory.getLongOpaque(Memory.aligned(peerArmed)) != 0) {
            wakeSleeper();
        }
    }

    /** The peer has asked for a wake-up, for fences, or both. */
    private void wakeSleeper() {
        VarHandle.fullFence();
        int request = Memory.getIntOpaque(peerArmed);
        if (request != 0 && request != answered) {
            answered = request;
            doorbell.ringPeer();
        }
    }

    /** A bound of the lane; 0 where the peer has put nonsense there. */
    final int slotAt(int offset) {
        int slot = Memory.getIntAcquire(Memory.aligned(lane) + offset);
        return Integer.compareUnsigned(slot, slots) < 0 ? slot : 0;
    }

    /**
     * Copies slots {@code [from, to)} whole, and clears NS_BUF_CHANGED where they came from.
     *
     * @return the slot after the last one that ends a packet; {@code from} where none does
     */
    final int copySlots(long source, long target, int from, int to) {
        if (checks) {
            return copyChecked(source, target, from, to);
        }
        return RingWindow.distance(from, to, slots) < BULK
                ? copyFew(source, target, from, to)
                : copyBulk(source, target, from, to);
    }

    /** A loop that the compiler leaves as it is: for a few slots, what it does to make loops fast takes longer. */
    private int copyFew(long source, long target, int from, int to) {
        long sources = Memory.base(source) + NetmapRing.SLOT_OFFSET;
        long targets = Memory.base(target) + NetmapRing.SLOT_OFFSET;
        int end = from;
        for (int k = from; k != to; ) {
            long at = Integer.toUnsignedLong(k) * NetmapSlot.SIZE;
            // In halves: the user may just have written one of them, and a wider read would have to wait for that
            // store.
            int buffer = NetmapSlot.bufferIndex(sources + at);
            int rest = Memory.getInt(sources + at + NetmapSlot.LEN_OFFSET);
            long descriptor = (long) rest << 32 | Integer.toUnsignedLong(buffer);
            NetmapSlot.write(targets + at, descriptor);
            NetmapSlot.ptr(targets + at, NetmapSlot.ptr(sources + at));
            clearChanged(sources + at, descriptor);
            k = next(k);
            if (!continues(descriptor)) {
                end = k;
            }
        }
        return end;
    }

    private int copyBulk(long source, long target, int from, int to) {
        if (from < to) {
            copyRun(source, target, from, to - from);
        } else {
            copyRun(source, target, from, slots - from);
            copyRun(source, target, 0, to);
        }
        int end = to;
        while (end != from && continues(NetmapSlot.read(NetmapRing.slot(source, previous(end))))) {
            end = previous(end);
        }
        return end;
    }

    /** Likewise where the source is written by someone who may do so at any time: reads each slot once. */
    private int copyChecked(long source, long target, int from, int to) {
        int end = from;
        for (int k = from; k != to; ) {
            long slot = NetmapRing.slot(source, k);
            long found = NetmapSlot.read(slot);
            long good = sanitised(found);
            NetmapSlot.write(NetmapRing.slot(target, k), good);
            NetmapSlot.ptr(NetmapRing.slot(target, k), NetmapSlot.ptr(slot));
            if (found != (good & ~CHANGED)) {
                NetmapSlot.write(slot, good & ~CHANGED);
            }
            k = next(k);
            if (!continues(good)) {
                end = k;
            }
        }
        return end;
    }

    private static boolean continues(long descriptor) {
        return (NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) != 0;
    }

    private static void copyRun(long source, long target, int first, int count) {
        long from = Memory.base(NetmapRing.slot(source, first));
        Memory.copy(from, NetmapRing.slot(target, first), (long) count * NetmapSlot.SIZE);
        for (int i = 0; i < count; i++) {
            long slot = from + Integer.toUnsignedLong(i) * NetmapSlot.SIZE;
            clearChanged(slot, NetmapSlot.read(slot));
        }
    }

    private static void clearChanged(long slot, long descriptor) {
        if ((descriptor & CHANGED) != 0) {
            NetmapSlot.write(slot, descriptor & ~CHANGED);
        }
    }

    /** The sending end: publishes complete packets, learns of slots that came back. */
    static final class Tx extends PipeEnd {
        /** Starts from what has been published: an incomplete packet behind it is simply taken again. */
        Tx(RegionView region, LaneEnd end, int slots, Doorbell doorbell, boolean checks) {
            super(region, end, slots, doorbell, checks, PipeLane.RX_ARMED, PipeLane.TX_ARMED);
            hwcur = slotAt(PipeLane.PUBLISHED);
            hwtail = previous(slotAt(PipeLane.RELEASED));
        }

        @Override
        boolean push(int head) {
            int end = copySlots(txRing, rxRing, hwcur, head);
            boolean complete = end != hwcur;
            if (complete) {
                Memory.putIntRelease(Memory.aligned(lane) + PipeLane.PUBLISHED, end);
            }
            hwcur = head;
            return complete;
        }

        @Override
        void pull() {
            hwtail = previous(slotAt(PipeLane.RELEASED));
        }
    }

    /** The receiving end: sees complete packets, gives slots back. */
    static final class Rx extends PipeEnd {
        Rx(RegionView region, LaneEnd end, int slots, Doorbell doorbell, boolean checks) {
            super(region, end, slots, doorbell, checks, PipeLane.TX_ARMED, PipeLane.RX_ARMED);
            hwcur = slotAt(PipeLane.RELEASED);
            hwtail = slotAt(PipeLane.PUBLISHED);
        }

        @Override
        boolean push(int head) {
            copySlots(rxRing, txRing, hwcur, head);
            hwcur = head;
            Memory.putIntRelease(Memory.aligned(lane) + PipeLane.RELEASED, head);
            return true;
        }

        @Override
        void pull() {
            int now = slotAt(PipeLane.PUBLISHED);
            if (now != hwtail) {
                hwtail = now;
                if ((NetmapRing.flags(Memory.aligned(rxRing)) & NetmapRing.NR_TIMESTAMP) != 0) {
                    NetmapRing.timestampMicros(rxRing, System.currentTimeMillis() * 1000);
                }
            }
        }
    }
}
