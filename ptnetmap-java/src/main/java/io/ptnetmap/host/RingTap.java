// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.memory.Memory;

/**
 * One monitor of one ring, on the side of who runs the ring: the sending end of a {@link MonitorLane}.
 *
 * <p>The ring's slots are read once, checked, and what was read is what is used. What the lane has no room for is counted and
 * left out: nobody ever waits for a monitor. For the thread that syncs the ring.
 */
final class RingTap {
    private static final int LEFT_OUT =
            NetmapSlot.NS_BUF_CHANGED | NetmapSlot.NS_REPORT | NetmapSlot.NS_INDIRECT | NetmapSlot.NS_FORWARD;

    private final PipeTx end;
    private final long lane;
    private final int number;
    private final int monitorFlag;
    private final boolean zeroCopy;
    private final long buffer0;
    /** Of the watched ring. */
    private final long watched0;

    private final int watchedSlots;

    /** The next slot of the lane to fill. */
    private int head;

    /**
     * @param end the lane's sending end
     * @param lane its address
     * @param number of this use of it
     * @param kind {@link MonitorLane#KIND}
     * @param watched address of the watched ring
     * @param watchedSlots of it
     */
    RingTap(RegionView region, PipeTx end, long lane, int number, int kind, long watched, int watchedSlots) {
        this.end = end;
        this.lane = lane;
        this.number = number;
        this.monitorFlag = (kind & MonitorLane.TRANSMIT) != 0 ? NetmapSlot.NS_TXMON : 0;
        this.zeroCopy = (kind & MonitorLane.ZERO_COPY) != 0;
        this.buffer0 = region.bufferBase();
        this.watched0 = NetmapRing.slot(watched, 0);
        this.watchedSlots = watchedSlots;
        this.head = end.hwcur;
    }

    boolean zeroCopy() {
        return zeroCopy;
    }

    /** Whether the monitor is still there. */
    boolean current() {
        return MonitorLane.current(lane, number);
    }

    private int room() {
        end.exchange(head);
        return RingWindow.distance(head, end.hwtail, end.slots);
    }

    /**
     * Copies whole packets from slots {@code [from, to)} of the watched ring; where there is not room for all of them, the last
     * ones.
     *
     * @param nanos when that is, since the epoch
     */
    void copy(int from, int to, long nanos) {
        if (!MonitorLane.enter(lane, number)) {
            return;
        }
        try {
            int room = room();
            int at = from;
            int left = RingWindow.distance(from, to, watchedSlots);
            int missed = 0;
            while (left > room) {
                boolean more = true;
                while (more && left > 0) {
                    more = continues(NetmapSlot.read(watched(at)));
                    at = next(at);
                    left--;
                }
                missed++;
            }
            int shown = 0;
            while (at != to) {
                long descriptor = end.sanitised(NetmapSlot.read(watched(at)));
                copyOne(descriptor, nanos);
                shown += continues(descriptor) ? 0 : 1;
                at = next(at);
            }
            count(shown, missed);
        } finally {
            MonitorLane.leave(lane, number);
        }
    }

    private void copyOne(long descriptor, long nanos) {
        long slot = NetmapRing.slot(end.txRing, head);
        int own = NetmapSlot.bufIdx(NetmapSlot.read(slot));
        int length = NetmapSlot.len(descriptor);
        if (end.validBuffer(own)) {
            Memory.copy(address(NetmapSlot.bufIdx(descriptor)), address(own), length);
        } else {
            // Somebody has spoilt the monitor's ring.
            length = 0;
        }
        fill(slot, own, length, NetmapSlot.flags(descriptor), nanos);
    }

    private void fill(long slot, int buffer, int length, int flags, long nanos) {
        NetmapSlot.ptr(slot, nanos);
        NetmapSlot.write(slot, NetmapSlot.descriptor(buffer, length, flags & ~LEFT_OUT | monitorFlag));
        head = end.next(head);
    }

    /**
     * Passes the buffers of whole packets on, from slots {@code [from, to)} that the watched ring's user or device has done with,
     * and puts others in their place.
     *
     * @param noted by slot: its descriptor when the packet was in it for certain, 0 = none was
     */
    void pass(int from, int to, long[] noted, long nanos) {
        if (!MonitorLane.enter(lane, number)) {
            return;
        }
        try {
            int room = room();
            int shown = 0;
            int missed = 0;
            int at = from;
            while (at != to) {
                int fragments = wholeAndUnchanged(at, to, noted);
                if (fragments < 0 || fragments > room) {
                    missed++;
                    at = afterPacket(at, to, noted);
                    continue;
                }
                for (int i = 0; i < fragments; i++) {
                    passOne(at, noted[at], nanos);
                    at = next(at);
                }
                room -= fragments;
                shown++;
            }
            count(shown, missed);
        } finally {
            MonitorLane.leave(lane, number);
        }
    }

    /** Slots of the packet at {@code from}; -1 where not all of it is there, or its buffers are elsewhere by now. */
    private int wholeAndUnchanged(int from, int to, long[] noted) {
        int count = 0;
        boolean good = true;
        for (int at = from; at != to; at = next(at)) {
            int buffer = NetmapSlot.bufIdx(noted[at]);
            good &= end.validBuffer(buffer)
                    && buffer == NetmapSlot.bufIdx(NetmapSlot.read(watched(at)))
                    && end.validBuffer(NetmapSlot.bufIdx(NetmapSlot.read(NetmapRing.slot(end.txRing, ahead(count)))));
            count++;
            if (!continues(noted[at])) {
                return good ? count : -1;
            }
        }
        return -1;
    }

    private int ahead(int count) {
        int slot = head + count;
        return slot >= end.slots ? slot % end.slots : slot;
    }

    private int afterPacket(int from, int to, long[] noted) {
        int at = from;
        boolean more = true;
        while (more && at != to) {
            more = continues(noted[at]);
            at = next(at);
        }
        return at;
    }

    private void passOne(int from, long packet, long nanos) {
        long slot = NetmapRing.slot(end.txRing, head);
        int spare = NetmapSlot.bufIdx(NetmapSlot.read(slot));
        // The monitor's first: who dies in between leaves one buffer in two slots of its own, as with any swap.
        fill(slot, NetmapSlot.bufIdx(packet), NetmapSlot.len(packet), NetmapSlot.flags(packet), nanos);
        NetmapSlot.write(watched(from), NetmapSlot.descriptor(spare, 0, NetmapSlot.NS_BUF_CHANGED));
    }

    private void count(int shown, int missed) {
        end.exchange(head);
        Memory.putLong(lane + MonitorLane.SHOWN, Memory.getLong(lane + MonitorLane.SHOWN) + shown);
        if (missed > 0) {
            Memory.putLong(lane + MonitorLane.MISSED, Memory.getLong(lane + MonitorLane.MISSED) + missed);
        }
    }

    static boolean continues(long descriptor) {
        return (NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) != 0;
    }

    private long watched(int slot) {
        return watched0 + Integer.toUnsignedLong(slot) * NetmapSlot.SIZE;
    }

    private int next(int slot) {
        return slot + 1 == watchedSlots ? 0 : slot + 1;
    }

    private long address(int buffer) {
        return buffer0 + Integer.toUnsignedLong(buffer) * end.bufferSize;
    }
}
