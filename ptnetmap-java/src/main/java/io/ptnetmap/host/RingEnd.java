// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.memory.Memory;

/**
 * The port's side of one ring: what the kernel's half of netmap is in the original. Checks at each sync what the ring's user
 * has done (ABI §3.3), and puts the ring right where that was against the rules. For one thread.
 */
abstract sealed class RingEnd implements RingSync
        permits PipeEnd, InterfaceTx, InterfaceRx, XdpTx, XdpRx, ValeTx, ValeRx, CsbUserEnd {
    /** Keeps the addresses valid. */
    final Mapping memory;

    /** Packet buffers of the region. */
    final int buffers;

    /** Bytes of each. */
    final int bufferSize;

    /** Address of the ring that this end's user works on. */
    final long ring;

    final int slots;

    /** First slot that this end has not taken from its user. */
    int hwcur;
    /** First slot that this end's user does not own. */
    int hwtail;

    private final RegionView region;
    /** Says whether anybody watches the ring; the host's alone to write. */
    private final long watchWord;
    /** Null until somebody has. */
    private RingTaps taps;

    private boolean violated;

    /**
     * @param ring its address
     * @param slots of the ring, from who has made it: the ring's own header is in memory that others write
     */
    RingEnd(RegionView region, long ring, int slots) {
        this.region = region;
        this.watchWord = region.watchWord(ring);
        this.memory = region.memory();
        this.buffers = region.buffers();
        this.bufferSize = region.bufferSize();
        this.ring = ring;
        this.slots = slots;
    }

    /** Takes the user's slots {@code [hwcur, head)}, and updates {@code hwtail}. Does not touch the ring's header. */
    abstract void exchange(int head);

    /** Whether the ring's user sends by it. */
    abstract boolean transmits();

    /**
     * {@link #exchange}, before the eyes of the ring's monitors, if there are any: for the host, whose users have the ring's header,
     * but not the control area.
     */
    final void turn(int head) {
        if (Memory.getIntOpaque(Memory.aligned(watchWord)) == 0) {
            exchange(head);
        } else {
            exchangeWatched(head);
        }
    }

    void exchangeWatched(int head) {
        if (taps == null) {
            taps = new RingTaps(region, ring, slots, transmits());
        }
        taps.before(hwcur, hwtail, head);
        exchange(head);
        taps.after(hwtail);
    }

    /** Packets that were lost at this end. */
    long dropped() {
        return 0;
    }

    /** Whether {@code head} and {@code cur}, of any value, are what the rules allow the user to ask for (ABI §3.3). */
    final boolean accepts(int head, int cur) {
        return RingWindow.accepts(hwcur, hwtail, head, cur, slots);
    }

    @Override
    public final int sync() {
        // Each once: what is checked is what is used.
        long header = Memory.aligned(ring);
        int head = Memory.getIntOpaque(header + NetmapRing.HEAD_OFFSET);
        int cur = Memory.getIntOpaque(header + NetmapRing.CUR_OFFSET);
        boolean asBefore = head == hwcur && cur == hwcur;
        if (!asBefore && !accepts(head, cur)) {
            reinitialise();
            violated = true;
            return LOOK;
        }
        // In the line that has just been read. Who writes there without right has the monitors looked for in vain.
        if (Memory.getInt(header + NetmapRing.WATCHED_OFFSET) == 0) {
            exchange(head);
        } else {
            exchangeWatched(head);
        }
        // Also where it is the same as before: the user may have overwritten it (ABI §3.3).
        NetmapRing.tail(header, hwtail);
        return hwtail;
    }

    /** {@code POLLERR} where a violation has been found since the last {@link #forgetViolation} (ABI §3.4), else 0. */
    final int trouble() {
        return violated ? Linux.POLLERR : 0;
    }

    final void forgetViolation() {
        violated = false;
    }

    /** A slot names no buffer, or more bytes than a buffer has. */
    final void violation() {
        violated = true;
    }

    /** {@code cur != tail}: the condition under which poll reports this ring. */
    final boolean ready() {
        return NetmapRing.cur(ring) != NetmapRing.tail(ring);
    }

    /**
     * Puts a ring right after its user broke the rules. Unlike upstream, which accepts the same bad {@code head} at the
     * next sync, this always goes back to what the port knows.
     */
    private void reinitialise() {
        for (int k = hwcur; k != hwtail; k = next(k)) {
            long slot = NetmapRing.slot(ring, k);
            long descriptor = NetmapSlot.read(slot);
            int index = NetmapSlot.bufIdx(descriptor);
            if (!validBuffer(index)) {
                NetmapSlot.write(slot, NetmapSlot.descriptor(0, 0, NetmapSlot.flags(descriptor)));
            } else if (NetmapSlot.len(descriptor) > bufferSize) {
                NetmapSlot.write(slot, NetmapSlot.descriptor(index, 0, NetmapSlot.flags(descriptor)));
            }
        }
        writeHeader();
    }

    /** Has the ring's header say what the port knows: nothing given back, nothing unseen. */
    final void writeHeader() {
        NetmapRing.head(ring, hwcur);
        NetmapRing.cur(ring, hwcur);
        NetmapRing.tail(ring, hwtail);
    }

    /**
     * A slot's descriptor as it may be passed on: empty where it names no buffer of the region or more bytes than a buffer
     * has, and never with an address of the user's in {@code ptr} for others to follow.
     */
    final long sanitised(long descriptor) {
        int flags = NetmapSlot.flags(descriptor) & ~NetmapSlot.NS_INDIRECT;
        return validBuffer(NetmapSlot.bufIdx(descriptor)) && NetmapSlot.len(descriptor) <= bufferSize
                ? NetmapSlot.withFlags(descriptor, flags)
                : NetmapSlot.descriptor(0, 0, flags);
    }

    final boolean validBuffer(int index) {
        return index >= Region.FIRST_BUFFER && index < buffers;
    }

    /** Free slots of a receive ring. One always stays free, or a full ring would look like an empty one. */
    final int room() {
        return slots - 1 - RingWindow.distance(hwcur, hwtail, slots);
    }

    /** Dates new packets of a receive ring, where its user has asked for that (ABI §2.6). */
    final void stamp() {
        long header = Memory.aligned(ring);
        if ((NetmapRing.flags(header) & NetmapRing.NR_TIMESTAMP) != 0) {
            NetmapRing.timestampMicros(header, System.currentTimeMillis() * 1000);
        }
    }

    /** {@code head}, or the slot {@code most} places after {@code hwcur} where that comes first. */
    final int limited(int head, int most) {
        if (RingWindow.distance(hwcur, head, slots) <= most) {
            return head;
        }
        int limit = hwcur + most;
        return limit >= slots ? limit - slots : limit;
    }

    final int next(int slot) {
        return slot + 1 == slots ? 0 : slot + 1;
    }

    final int previous(int slot) {
        return slot == 0 ? slots - 1 : slot - 1;
    }
}
