// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.memory.Memory;

/** The sending end of a pipe: hands over complete packets, learns of slots that came back. For one thread. */
final class PipeTx extends PipeEnd {
    /** The slot after the last complete packet that was handed over. */
    private int published;
    /** As last read. */
    private int released;

    /** Starts from what has been handed over: an incomplete packet behind it is simply taken again. */
    PipeTx(RegionView region, LaneEnd end, int slots, Runnable wakeUp, boolean checks) {
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
