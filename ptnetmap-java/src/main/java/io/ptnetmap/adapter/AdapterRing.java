// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.adapter;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.driver.RingWatch;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.memory.Memory;

/**
 * A ring whose other side is a {@link Device}. Checks at each sync what its user has done (ABI §3.3): whoever shares the region can
 * write into it. For one thread.
 */
final class AdapterRing implements RingSync {
    /** {@code ptr} of a slot that a packet was moved out of; no time. */
    private static final long VACATED = -1;

    private final Mapping memory;
    private final RingWatch watch;
    private final Device device;
    private final Object closing;
    private final boolean transmit;
    private final long ring;
    private final long buffers;
    private final int bufferCount;
    final int bufferSize;
    final int slots;

    /** First slot that the device has not taken from the user. */
    int hwcur;
    /** First slot that is not the user's. */
    int hwtail;

    private boolean violated;
    private boolean closed;

    /**
     * @param slots of the ring, as the driver says: its header is in memory that others write
     * @param closing held while the device is used
     */
    AdapterRing(PortBinding port, long ring, int slots, boolean transmit, Device device, Object closing) {
        this.memory = port.memory();
        this.watch = port.watch(0, transmit);
        this.device = device;
        this.closing = closing;
        this.transmit = transmit;
        this.ring = ring;
        this.slots = slots;
        this.bufferSize = NetmapRing.bufSize(ring);
        this.buffers = ring + NetmapRing.bufOfs(ring);
        RingTable.requireInside(memory, port.reply(), ring, NetmapRing.size(slots));
        RingTable.requireInside(memory, port.reply(), buffers, bufferSize);
        long end = memory.address() + port.reply().memsize();
        this.bufferCount = (int) Math.min((end - buffers) / bufferSize, Integer.MAX_VALUE);
        this.hwtail = transmit ? slots - 1 : 0;
        writeHeader();
    }

    @Override
    public int sync() {
        // Each once: what is checked is what is used.
        long header = Memory.aligned(ring);
        int head = Memory.getIntOpaque(header + NetmapRing.HEAD_OFFSET);
        int cur = Memory.getIntOpaque(header + NetmapRing.CUR_OFFSET);
        if (!RingWindow.accepts(hwcur, hwtail, head, cur, slots)) {
            violated = true;
            writeHeader();
            return LOOK;
        }
        synchronized (closing) {
            if (!closed) {
                exchange(head);
            }
        }
        NetmapRing.tail(header, hwtail);
        return hwtail;
    }

    private void exchange(int head) {
        boolean watched = watch.watched();
        if (watched) {
            watch.before(hwcur, hwtail, head);
        }
        if (transmit) {
            device.transmit(this, head);
            hwtail = previous(hwcur);
        } else {
            hwcur = head;
            device.receive(this);
        }
        if (watched) {
            watch.after(hwtail);
        }
    }

    /** Under the lock given: the device is not used any more. */
    void markClosed() {
        closed = true;
    }

    private void writeHeader() {
        NetmapRing.head(ring, hwcur);
        NetmapRing.cur(ring, hwcur);
        NetmapRing.tail(ring, hwtail);
    }

    /** One pass of poll: {@code event} where the ring is ready, {@code POLLERR} where it was in violation. */
    int evaluate(int event) {
        sync();
        boolean ready = NetmapRing.cur(ring) != NetmapRing.tail(ring);
        return (ready ? event : 0) | (violated ? Linux.POLLERR : 0);
    }

    void forgetViolation() {
        violated = false;
    }

    /** The slot's words, each read once. */
    long descriptor(int slot) {
        return NetmapSlot.read(NetmapRing.slot(ring, slot));
    }

    /** Whether it names a buffer of the region, and no more bytes than that has. */
    boolean valid(long descriptor) {
        int index = NetmapSlot.bufIdx(descriptor);
        boolean good = index >= 2 && index < bufferCount && NetmapSlot.len(descriptor) <= bufferSize;
        violated |= !good;
        return good;
    }

    long bufferAddress(long descriptor) {
        return buffers + (long) NetmapSlot.bufIdx(descriptor) * bufferSize;
    }

    /** Puts a fragment's length into a slot whose buffer holds it. */
    void received(int slot, long descriptor, int length, boolean more, long timestampNanos) {
        long at = NetmapRing.slot(ring, slot);
        NetmapSlot.ptr(at, timestampNanos);
        NetmapSlot.write(
                at, NetmapSlot.descriptor(NetmapSlot.bufIdx(descriptor), length, more ? NetmapSlot.NS_MOREFRAG : 0));
    }

    /** When the packet of a slot was received, nanoseconds since the epoch; 0 where it does not say. */
    long timestamp(int slot) {
        long ptr = NetmapSlot.ptr(NetmapRing.slot(ring, slot));
        return ptr == VACATED ? 0 : Math.max(0, ptr);
    }

    /** A sent slot carries no timestamp on to the next packet in it. */
    void clearTimestamp(int slot) {
        NetmapSlot.ptr(NetmapRing.slot(ring, slot), 0);
    }

    /**
     * Slots of the packet that begins at {@code slot}; 0 where its last fragment has not come, unless it never can.
     *
     * @param head where the user's slots end
     */
    int fragments(int slot, int head) {
        int most = Math.min(RingWindow.distance(slot, head, slots), NetmapSlot.NETMAP_MAX_FRAGS + 1);
        int count = 0;
        for (int at = slot; count < most; at = next(at)) {
            count++;
            if ((NetmapSlot.flags(descriptor(at)) & NetmapSlot.NS_MOREFRAG) == 0) {
                return count;
            }
        }
        boolean hopeless = count > NetmapSlot.NETMAP_MAX_FRAGS || count == slots - 1;
        return hopeless ? count : 0;
    }

    /** Slots that packets can be received into. */
    int room() {
        return slots - 1 - RingWindow.distance(hwcur, hwtail, slots);
    }

    int next(int slot) {
        return slot + 1 == slots ? 0 : slot + 1;
    }

    /** The slot {@code count} places further on. */
    int plus(int slot, int count) {
        int sum = slot + count;
        return sum >= slots ? sum - slots : sum;
    }

    private int previous(int slot) {
        return slot == 0 ? slots - 1 : slot - 1;
    }
}
