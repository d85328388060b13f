// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.driver.RingWatch;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.memory.Memory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The monitors of a ring, on the side of who runs it (ABI §11). Copying ones get packets as they are handed to the port, or when
 * the port has received them; the one without copying gets their buffers when they are done with.
 *
 * <p>What is read of the region to find the monitors is checked as far as accesses depend on it. For the thread that syncs the
 * ring.
 */
final class RingTaps implements RingWatch {
    /** More than can be: others may write into the region. */
    private static final int MOST = 256;

    private static final long CLOCK_IS_GOOD = 1_000_000_000;

    /** Keeps the addresses valid. */
    private final Mapping memory;

    private final RegionView region;
    private final long ring;
    private final int slots;
    private final boolean transmit;
    private final long word;

    private final List<RingTap> copying = new ArrayList<>();
    private final List<RingTap> passing = new ArrayList<>();
    /** What {@link #word} was when the monitors were looked for. */
    private int known;

    /** First slot of a transmit ring that has not been shown. */
    private int shown;
    /** Slot after the last one that the user of a transmit ring has given to the port. */
    private int given;
    /** First slot that the device has not been done with, of a transmit ring; the one not received, of a receive ring. */
    private int reached;
    /** By slot: its packet, where one that is passed on must be the same as then. */
    private long[] noted = {};

    private long clockReadAt;
    private long clockOffset;

    /**
     * @param ring its address
     * @param slots of the ring, from who has made it
     */
    RingTaps(RegionView region, long ring, int slots, boolean transmit) {
        this.memory = region.memory();
        this.region = region;
        this.ring = ring;
        this.slots = slots;
        this.transmit = transmit;
        this.word = region.watchWord(ring);
    }

    @Override
    public boolean watched() {
        return Memory.getIntOpaque(word) != 0;
    }

    @Override
    public void before(int hwcur, int hwtail, int head) {
        refresh(hwcur);
        if (transmit) {
            boolean ahead = RingWindow.distance(hwcur, shown, slots) <= RingWindow.distance(hwcur, head, slots);
            // A port may have taken what is not complete yet, or have no room for what has been shown.
            shown = show(hwcur == given || ahead ? shown : hwcur, head);
            given = head;
            reached = next(hwtail);
        } else {
            pass(hwcur, head);
            reached = hwtail;
        }
    }

    @Override
    public void after(int hwtail) {
        if (transmit) {
            pass(reached, next(hwtail));
        } else {
            show(reached, hwtail);
        }
    }

    private void refresh(int hwcur) {
        int now = Memory.getIntOpaque(word);
        boolean same = now == known;
        for (int i = 0; same && i < copying.size(); i++) {
            same = copying.get(i).current();
        }
        for (int i = 0; same && i < passing.size(); i++) {
            same = passing.get(i).current();
        }
        if (same) {
            return;
        }
        known = now;
        shown = hwcur;
        given = hwcur;
        copying.clear();
        passing.clear();
        int next = now;
        for (int i = 0; i < MOST && next > 0 && next <= region.lanes(); i++) {
            long lane = region.laneAddress(next - 1);
            attach(lane);
            next = Memory.getIntAcquire(lane + MonitorLane.NEXT);
        }
        noted = passing.isEmpty() ? new long[0] : new long[slots];
    }

    private void attach(long lane) {
        int number = Memory.getIntAcquire(lane + MonitorLane.NUMBER);
        int txRing = Memory.getInt(lane + MonitorLane.TX_RING);
        int rxRing = Memory.getInt(lane + MonitorLane.RX_RING);
        int laneSlots = Memory.getInt(lane + MonitorLane.SLOTS);
        if (number == 0 || !region.isRing(txRing, laneSlots) || !region.isRing(rxRing, laneSlots)) {
            return;
        }
        if (!MonitorLane.enter(lane, number)) {
            return;
        }
        try {
            long base = memory.address();
            LaneEnd sender = new LaneEnd(
                    true, 0, lane - base, region.ringAddress(txRing) - base, region.ringAddress(rxRing) - base);
            PipeTx end = new PipeTx(region, sender, laneSlots, region.bell()::ring, false);
            int kind = Memory.getInt(lane + MonitorLane.KIND);
            RingTap tap = new RingTap(region, end, lane, number, kind, ring, slots);
            (tap.zeroCopy() ? passing : copying).add(tap);
        } finally {
            MonitorLane.leave(lane, number);
        }
    }

    /** Shows complete packets among these slots. Returns the slot after the last one. */
    private int show(int from, int to) {
        int end = to;
        while (end != from && RingTap.continues(descriptor(previous(end)))) {
            end = previous(end);
        }
        if (end == from) {
            return from;
        }
        if (!copying.isEmpty()) {
            long nanos = now();
            for (int i = 0; i < copying.size(); i++) {
                copying.get(i).copy(from, end, nanos);
            }
        }
        for (int k = from; !passing.isEmpty() && k != end; k = next(k)) {
            noted[k] = descriptor(k);
        }
        return end;
    }

    private void pass(int from, int to) {
        if (passing.isEmpty() || from == to) {
            return;
        }
        long nanos = now();
        for (int i = 0; i < passing.size(); i++) {
            passing.get(i).pass(from, to, noted, nanos);
        }
        for (int k = from; k != to; k = next(k)) {
            noted[k] = 0;
        }
    }

    /** Nanoseconds since the epoch. */
    private long now() {
        long ticks = System.nanoTime();
        if (clockOffset == 0 || ticks - clockReadAt > CLOCK_IS_GOOD) {
            Instant instant = Instant.now();
            clockReadAt = ticks;
            clockOffset = instant.getEpochSecond() * 1_000_000_000 + instant.getNano() - ticks;
        }
        return ticks + clockOffset;
    }

    private long descriptor(int slot) {
        return NetmapSlot.read(NetmapRing.slot(ring, slot));
    }

    private int next(int slot) {
        return slot + 1 == slots ? 0 : slot + 1;
    }

    private int previous(int slot) {
        return slot == 0 ? slots - 1 : slot - 1;
    }
}
