// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.memory.Memory;

/** The receiving end of a pipe: sees complete packets, gives slots back. For one thread. */
final class PipeRx extends PipeEnd {
    private static final int SLOTS_PER_LINE = 64 / NetmapSlot.SIZE;

    /** Keeps what was {@linkplain #fetch fetched}, so that fetching is not optimised away. */
    private long fetched;

    PipeRx(RegionView region, LaneEnd end, int slots, Runnable wakeUp, boolean checks) {
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
        int room = room();
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
        if (end != before) {
            stamp();
        }
    }
}
