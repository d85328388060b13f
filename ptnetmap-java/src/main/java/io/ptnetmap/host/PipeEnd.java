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
 * <p>Sent slots are copied whole, slot k to slot k. Slots that are given back need not be copied, but where a buffer was
 * changed on the way, which then travels back. The other end is woken through its eventfd only when it has said that it
 * sleeps. An end that the host runs for a user in a virtual machine looks at every slot that it takes from there; others take
 * what their own process has written. For one thread.
 */
abstract sealed class PipeEnd extends RingEnd {
    /** Slots from which on copying all at once, which takes wide stores, is faster than one by one. */
    private static final int BULK = 32;

    /** Syncs without sleep after which the peer need not fence any more. */
    private static final int AWAKE = 4096;

    private static final long CHANGED = NetmapSlot.descriptor(0, 0, NetmapSlot.NS_BUF_CHANGED);

    /** What makes a slot need a closer look: the other bits of an index are no buffer's, and mean something to the lane. */
    private static final long UNUSUAL = CHANGED | PipeLane.BATCH;

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
    private PipeEnd(
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

    private static boolean continues(long descriptor) {
        return (NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) != 0;
    }

    /** The sending end: hands over complete packets, learns of slots that came back. */
    static final class Tx extends PipeEnd {
        /** The slot after the last complete packet that was handed over. */
        private int published;
        /** As last read. */
        private int released;

        /** Starts from what has been handed over: an incomplete packet behind it is simply taken again. */
        Tx(RegionView region, LaneEnd end, int slots, Runnable wakeUp, boolean checks) {
            super(region, end, slots, wakeUp, checks, PipeLane.RX_ARMED, PipeLane.TX_ARMED);
            published = PipeLane.published(lane, rxRing, slots);
            hwcur = published;
            released = PipeLane.slotAt(lane + PipeLane.RELEASED, slots);
            hwtail = previous(released);
        }

        @Override
        boolean transmits() {
            return true;
        }

        @Override
        boolean push(int head) {
            int from = hwcur;
            hwcur = head;
            if (from != published || checks || RingWindow.distance(from, head, slots) >= BULK) {
                return pushMany(from, head);
            }
            // A loop that the compiler leaves as it is: for a few slots, what it does to make loops fast takes longer.
            long source = Memory.base(txRing) + NetmapRing.SLOT_OFFSET;
            long target = Memory.base(rxRing) + NetmapRing.SLOT_OFFSET;
            long first = 0;
            int end = from;
            int k = from;
            do {
                long at = Integer.toUnsignedLong(k) * NetmapSlot.SIZE;
                long descriptor = takeOne(source + at, target + at);
                NetmapSlot.write(target + at, descriptor);
                first = k == from ? descriptor : first;
                k = next(k);
                if (!continues(descriptor)) {
                    end = k;
                }
            } while (k != head);
            return end != from && handOver(first, end);
        }

        /** Has the batch from {@code published} on be the receiver's, as soon as its first slot says how long it is. */
        private boolean handOver(long first, int end) {
            long slot = slot(rxRing, published);
            long batch = Integer.toUnsignedLong(RingWindow.distance(published, end, slots)) << PipeLane.INDEX_BITS;
            published = end;
            Memory.putLongRelease(slot, first | batch);
            return true;
        }

        private boolean pushMany(int from, int head) {
            if (checks) {
                copyChecked(from, head);
            } else if (from < head) {
                copyBulk(from, head - from);
            } else {
                copyBulk(from, slots - from);
                copyBulk(0, head);
            }
            int end = head;
            while (end != from && continues(NetmapSlot.read(slot(rxRing, previous(end))))) {
                end = previous(end);
            }
            return end != from && handOver(PipeLane.plain(NetmapSlot.read(slot(rxRing, published))), end);
        }

        /**
         * Copies {@code ptr}, and takes NS_BUF_CHANGED from where it was. Returns the descriptor, which remains to be written.
         * An index that is none becomes 0.
         */
        private static long takeOne(long source, long target) {
            // In halves: the user may just have written one of them, and a wider read would have to wait for that
            // store.
            int buffer = NetmapSlot.bufferIndex(source);
            int rest = Memory.getInt(source + NetmapSlot.LEN_OFFSET);
            long descriptor = (long) rest << 32 | Integer.toUnsignedLong(buffer);
            NetmapSlot.ptr(target, NetmapSlot.ptr(source));
            return (descriptor & UNUSUAL) == 0 ? descriptor : takeUnusual(source, descriptor);
        }

        private static long takeUnusual(long source, long descriptor) {
            if ((descriptor & CHANGED) != 0) {
                NetmapSlot.write(source, descriptor & ~CHANGED);
            }
            return PipeLane.batch(descriptor) == 0 ? descriptor : descriptor & ~0xffff_ffffL;
        }

        private void copyBulk(int first, int count) {
            long from = slot(txRing, first);
            long to = slot(rxRing, first);
            Memory.copy(from, to, (long) count * NetmapSlot.SIZE);
            long all = bitsOfMany(from, count);
            for (int i = 0; i < count && (all & UNUSUAL) != 0; i++) {
                long at = Integer.toUnsignedLong(i) * NetmapSlot.SIZE;
                NetmapSlot.write(to + at, takeUnusual(from + at, NetmapSlot.read(from + at)));
            }
        }

        /** Where the source is written by someone who may do so at any time: reads each slot once. */
        private void copyChecked(int from, int to) {
            for (int k = from; k != to; k = next(k)) {
                long source = slot(txRing, k);
                long found = NetmapSlot.read(source);
                long good = sanitised(found);
                NetmapSlot.write(slot(rxRing, k), good);
                NetmapSlot.ptr(slot(rxRing, k), NetmapSlot.ptr(source));
                if (found != (good & ~CHANGED)) {
                    NetmapSlot.write(source, good & ~CHANGED);
                }
            }
        }

        @Override
        void pull() {
            int now = Memory.getIntAcquire(Memory.aligned(lane) + PipeLane.RELEASED);
            if (now != released) {
                learn(now);
            }
        }

        /** What was never sent cannot come back, whatever stands in shared memory. */
        private void learn(int now) {
            if (Integer.compareUnsigned(now, slots) < 0
                    && RingWindow.distance(released, now, slots) <= RingWindow.distance(released, hwcur, slots)) {
                released = now;
                hwtail = previous(now);
            }
        }
    }

    /** The receiving end: sees complete packets, gives slots back. */
    static final class Rx extends PipeEnd {
        private static final int SLOTS_PER_LINE = 64 / NetmapSlot.SIZE;

        /** Keeps what was {@linkplain #fetch fetched}, so that fetching is not optimised away. */
        private long fetched;

        Rx(RegionView region, LaneEnd end, int slots, Runnable wakeUp, boolean checks) {
            super(region, end, slots, wakeUp, checks, PipeLane.TX_ARMED, PipeLane.RX_ARMED);
            hwcur = PipeLane.slotAt(lane + PipeLane.RELEASED, slots);
            hwtail = PipeLane.slotAt(lane + PipeLane.TAKEN, slots);
            // The predecessor may have died on the way.
            for (int k = hwcur; k != hwtail; k = next(k)) {
                NetmapSlot.write(slot(rxRing, k), PipeLane.plain(NetmapSlot.read(slot(rxRing, k))));
            }
        }

        @Override
        boolean transmits() {
            return false;
        }

        @Override
        boolean push(int head) {
            int from = hwcur;
            if (from < head) {
                giveBack(from, head - from);
            } else {
                giveBack(from, slots - from);
                giveBack(0, head);
            }
            hwcur = head;
            Memory.putIntRelease(Memory.aligned(lane) + PipeLane.RELEASED, head);
            return true;
        }

        private void giveBack(int first, int count) {
            long from = slot(rxRing, first);
            long all = count < BULK ? bitsOfFew(from, count) : bitsOfMany(from, count);
            // A guest is not relied upon to say which ones it has changed.
            if (checks || (all & UNUSUAL) != 0) {
                giveBackChanged(from, slot(txRing, first), count);
            }
        }

        /** As {@link #bitsOfMany}, for fewer. */
        private static long bitsOfFew(long first, int count) {
            long all = 0;
            for (int i = 0; i < count; i++) {
                all |= NetmapSlot.read(first + Integer.toUnsignedLong(i) * NetmapSlot.SIZE);
            }
            return all;
        }

        /** Has the sender know the buffers that are in these slots now. */
        private void giveBackChanged(long from, long to, int count) {
            for (int i = 0; i < count; i++) {
                long at = Integer.toUnsignedLong(i) * NetmapSlot.SIZE;
                long found = NetmapSlot.read(from + at);
                long good = checks ? sanitised(found) : PipeLane.plain(found);
                NetmapSlot.ptr(to + at, NetmapSlot.ptr(from + at));
                NetmapSlot.write(to + at, good);
                NetmapSlot.write(from + at, good & ~CHANGED);
            }
        }

        @Override
        void pull() {
            long descriptor = Memory.getLongAcquire(slot(rxRing, hwtail));
            if ((descriptor & PipeLane.BATCH) != 0) {
                take(descriptor);
            }
        }

        /**
         * Has the processor get the slots' cache lines all at once. A loop that does something with each slot has only a few
         * of them under way at a time, because a processor looks a few hundred instructions ahead and no further.
         */
        private void fetch(long first, int count) {
            long all = 0;
            for (int i = 0; i < count; i += SLOTS_PER_LINE) {
                all |= NetmapSlot.read(first + Integer.toUnsignedLong(i) * NetmapSlot.SIZE);
            }
            fetched = all;
        }

        private void take(long first) {
            int before = hwtail;
            int room = slots - 1 - RingWindow.distance(hwcur, before, slots);
            int end = before;
            for (long descriptor = first; room > 0; descriptor = Memory.getLongAcquire(slot(rxRing, end))) {
                // Never more than fits, whatever stands in shared memory.
                int batch = Math.min(PipeLane.batch(descriptor), room);
                if (batch == 0) {
                    break;
                }
                room -= batch;
                int start = end;
                if (batch >= BULK) {
                    fetch(slot(rxRing, start), Math.min(batch, slots - start));
                }
                end = end + batch >= slots ? end + batch - slots : end + batch;
                // In this order: see PipeLane.published.
                Memory.putIntRelease(Memory.aligned(lane) + PipeLane.TAKEN, end);
                Memory.putLongRelease(slot(rxRing, start), PipeLane.plain(descriptor));
            }
            hwtail = end;
            if (end != before && (NetmapRing.flags(Memory.aligned(rxRing)) & NetmapRing.NR_TIMESTAMP) != 0) {
                NetmapRing.timestampMicros(rxRing, System.currentTimeMillis() * 1000);
            }
        }
    }

    /**
     * The bits that are set in any of these slots' descriptors. A loop that few slots never come to, for the compiler makes of
     * a loop what suits the number of times that it mostly runs.
     */
    private static long bitsOfMany(long first, int count) {
        long all = 0;
        for (int i = 0; i < count; i++) {
            all |= NetmapSlot.read(first + Integer.toUnsignedLong(i) * NetmapSlot.SIZE);
        }
        return all;
    }

    /** Address of a slot of one of the two rings. */
    private static long slot(long ring, int index) {
        return Memory.aligned(ring) + NetmapRing.SLOT_OFFSET + Integer.toUnsignedLong(index) * NetmapSlot.SIZE;
    }
}
