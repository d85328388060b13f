// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.memory.LongArray;
import io.ptnetmap.memory.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A ring of slots in a port's shared memory (ABI §3).
 *
 * <p>The slots from {@link #head()} up to, not including, {@link #tail()} belong to the user: on a {@link RxRing} they
 * hold received packets, on a {@link TxRing} they are free to be filled. A program works on some of them, {@linkplain
 * #advance gives them back} and {@linkplain #sync syncs}:
 *
 * <pre>{@code
 * rx.sync();
 * int n = Math.min(rx.available(), tx.available());
 * for (int i = 0, from = rx.head(), to = tx.head(); i < n; i++, from = rx.next(from), to = tx.next(to)) {
 *     rx.move(from, tx, to);
 * }
 * rx.advance(n);
 * tx.advance(n);
 * tx.sync();
 * }</pre>
 *
 * <p>Slot numbers are ring positions, 0 to {@link #slots()} - 1. Each accessor checks its slot number with one compare;
 * a buffer index that names no buffer of the region resolves to the reserved buffer 0, as in netmap. So whatever a peer
 * writes into shared memory, and whatever is done with a closed port, no access leaves the region.
 *
 * <p>Single-threaded: one thread per ring. {@link NetmapPort#close} may come from any thread.
 */
public abstract sealed class Ring permits RxRing, TxRing {
    /** {@code ptr} of a slot without a packet; no time that a packet could have been received at. */
    private static final long VACATED = -1;

    private static final long CHANGED = NetmapSlot.descriptor(0, 0, NetmapSlot.NS_BUF_CHANGED);
    private static final long CONTINUES = NetmapSlot.descriptor(0, 0, NetmapSlot.NS_MOREFRAG);
    /** What of a descriptor goes along with the fragment. */
    private static final long MOVED = NetmapSlot.descriptor(-1, -1, NetmapSlot.NS_MOREFRAG);

    private final NetmapPort port;
    private final Mapping memory;
    private final RingSync sync;
    private final long ring;
    private final long buffers;
    private final int bufferCount;
    private final int bufferSize;
    private final int ringId;
    /** 0 once the port is closed, which makes every slot number invalid. */
    private int slots;

    private int head;
    private int tail;

    Ring(NetmapPort port, PortBinding binding, RingSync sync, long ring) {
        this.port = port;
        this.memory = binding.memory();
        this.sync = sync;
        this.ring = ring;
        this.slots = NetmapRing.numSlots(ring);
        this.bufferSize = NetmapRing.bufSize(ring);
        this.buffers = ring + NetmapRing.bufOfs(ring);
        this.ringId = NetmapRing.ringId(ring);
        // What stands in shared memory decides where this ring's accesses go: others may have put anything there.
        RingTable.requireInside(memory, binding.reply(), ring, slots > 0 ? NetmapRing.size(slots) : 0);
        RingTable.requireInside(memory, binding.reply(), buffers, bufferSize);
        long end = memory.address() + binding.reply().memsize();
        this.bufferCount = (int) Math.min((end - buffers) / bufferSize, Integer.MAX_VALUE);
        refresh();
    }

    public NetmapPort port() {
        return port;
    }

    /** The ring's number in its port; host rings come after the hardware ones. */
    public int ringId() {
        return ringId;
    }

    /** Slots of the ring. At most {@code slots() - 1} belong to the user at a time. */
    public int slots() {
        return slots;
    }

    /** Bytes of each buffer. */
    public int bufferSize() {
        return bufferSize;
    }

    /** First slot that belongs to the user. */
    public int head() {
        return head;
    }

    /** First slot that does not, as of the last {@link #sync}. */
    public int tail() {
        return tail;
    }

    /** Slots that belong to the user: packets to read, or room to write. */
    public int available() {
        int distance = tail - head;
        return distance < 0 ? distance + slots : distance;
    }

    /** The slot after {@code slot}. */
    public int next(int slot) {
        int next = slot + 1;
        return next >= slots ? 0 : next;
    }

    /**
     * How many of {@code count} slots from {@code slot} on come before the ring's end, after which slot 0 follows. A loop
     * over such a run, {@code for (int k = slot; k < slot + n; k++)}, is compiled with one check of all slot numbers.
     */
    public int run(int slot, int count) {
        return Math.min(count, slots - slot);
    }

    /** The slot {@code count} places after {@link #head()}, {@code count} up to {@link #slots()}. */
    public int fromHead(int count) {
        int slot = head + count;
        return slot >= slots ? slot - slots : slot;
    }

    /**
     * Gives the first {@code count} slots back: to be sent, or to be received into. Takes effect at the next sync.
     *
     * @throws IllegalArgumentException if fewer slots are {@linkplain #available() available}
     */
    public void advance(int count) {
        if (slots == 0 || count < 0 || count > available()) {
            requireOpen();
            throw new IllegalArgumentException(
                    "advance by " + count + " slots, but only " + available() + " are the user's");
        }
        head = fromHead(count);
        long header = Memory.aligned(ring);
        NetmapRing.cur(header, head);
        NetmapRing.head(header, head);
    }

    /**
     * Moves the wake-up point without giving slots back: {@link NetmapPort#poll} then waits until {@code tail} differs
     * from it (ABI §3.1). {@link #advance} sets it back to {@code head}.
     *
     * @param count slots after {@code head}, up to {@link #available()}
     */
    public void wakeAfter(int count) {
        if (slots == 0 || count < 0 || count > available()) {
            requireOpen();
            throw new IllegalArgumentException("wake-up point " + count + " of " + available() + " slots");
        }
        NetmapRing.cur(ring, fromHead(count));
    }

    /**
     * Syncs the ring: hands over what was {@linkplain #advance given back} and looks for more. Over the embedded host's
     * pipes this is no system call; over {@code /dev/netmap} it is one, and it syncs all rings of this direction.
     *
     * @throws NetmapException if the port is closed, or its device has gone
     */
    public void sync() {
        requireOpen();
        try {
            int now = sync.sync();
            if (now != RingSync.LOOK) {
                tail = now;
            } else {
                refresh();
            }
        } catch (LinuxException failure) {
            throw new NetmapException(port.name(), failure);
        }
    }

    /** Reads {@code tail} anew, and {@code head}, which is ours unless netmap has had to put it right (ABI §3.4). */
    final void refresh() {
        int newTail = NetmapRing.tail(ring);
        if (Integer.compareUnsigned(newTail, slots) < 0) {
            tail = newTail;
        }
        int newHead = NetmapRing.head(ring);
        if (Integer.compareUnsigned(newHead, slots) < 0) {
            head = newHead;
        }
    }

    /** {@code buf_idx}, {@code len} and {@code flags} in one word, see {@link NetmapSlot}. */
    public long descriptor(int slot) {
        return NetmapSlot.read(slotAddress(slot));
    }

    /**
     * Reads the descriptors of {@code count} slots, one behind the other.
     *
     * @param into takes them, the first one at {@code at}
     * @throws IndexOutOfBoundsException if {@code into} has no room for {@code count}, or the {@linkplain #run run} goes
     *     beyond the ring's end
     */
    public void descriptors(int slot, int count, LongArray into, int at) {
        into.set(at, count, runAddress(slot, count), NetmapSlot.SIZE);
    }

    public void descriptor(int slot, long descriptor) {
        NetmapSlot.write(slotAddress(slot), descriptor);
    }

    public int bufferIndex(int slot) {
        return NetmapSlot.bufferIndex(slotAddress(slot));
    }

    /** Bytes of this slot's fragment, cut to the buffer's size. */
    public int length(int slot) {
        return Math.min(NetmapSlot.length(slotAddress(slot)), bufferSize);
    }

    /** Sets the fragment's length, 0 to {@link #bufferSize()}. */
    public void length(int slot, int length) {
        if (Integer.compareUnsigned(length, bufferSize) > 0) {
            throw tooLong(length);
        }
        NetmapSlot.length(slotAddress(slot), length);
    }

    /** Sets the fragment's {@linkplain #length(int, int) length} and its {@code NS_*} flags, with one store. */
    public void length(int slot, int length, int flags) {
        if (Integer.compareUnsigned(length, bufferSize) > 0) {
            throw tooLong(length);
        }
        NetmapSlot.length(slotAddress(slot), length, flags);
    }

    private IllegalArgumentException tooLong(int length) {
        return new IllegalArgumentException("length " + length + " in a buffer of " + bufferSize + " bytes");
    }

    /** {@code NS_*} flags, see {@link NetmapSlot}. */
    public int flags(int slot) {
        return NetmapSlot.flags(descriptor(slot));
    }

    public void flags(int slot, int flags) {
        long address = slotAddress(slot);
        NetmapSlot.write(address, NetmapSlot.withFlags(NetmapSlot.read(address), flags));
    }

    /** The slot's {@code ptr} word: carried along by pipes, free for the user where offsets are off (ABI §6.5). */
    public long ptr(int slot) {
        return NetmapSlot.ptr(slotAddress(slot));
    }

    public void ptr(int slot, long ptr) {
        NetmapSlot.ptr(slotAddress(slot), ptr);
    }

    /** Address of the slot's {@link #ptr} word, valid as long as this ring is reachable. For packet views. */
    public long ptrAddress(int slot) {
        return slotAddress(slot) + NetmapSlot.PTR_OFFSET;
    }

    /**
     * Address of the slot's buffer, {@link #bufferSize()} bytes long and valid as long as this ring is reachable. For
     * packet views over {@link Memory}; others use {@link #buffer}.
     */
    public long bufferAddress(int slot) {
        return bufferAddressOf(bufferIndex(slot));
    }

    /** Address of a buffer of this ring's region by index; that of buffer 0 where the index names none. */
    public long bufferAddressOf(int bufferIndex) {
        int index = Integer.compareUnsigned(bufferIndex, bufferCount) < 0 ? bufferIndex : 0;
        return Memory.base(buffers + (long) index * bufferSize);
    }

    /** The slot's whole buffer, bounds-checked. Allocates: for tests and tools rather than the data path. */
    public MemorySegment buffer(int slot) {
        return Memory.segment(bufferAddress(slot), bufferSize);
    }

    /** Whether buffers can move between the two rings: their ports lie in one region. */
    public boolean sharesMemoryWith(Ring other) {
        return buffers == other.buffers;
    }

    /**
     * Moves a fragment to a slot of another ring of the same region without copying it: the buffers change places, length,
     * continuation flag and {@code ptr} go along, and both slots are marked {@link NetmapSlot#NS_BUF_CHANGED}. The slot
     * left behind is empty; that of a receive ring is {@linkplain #vacated vacated}.
     *
     * @throws IllegalArgumentException if the rings lie in different regions: copy then
     */
    public void move(int slot, Ring to, int toSlot) {
        move(slot, to, toSlot, 1);
    }

    /**
     * Moves the fragments of {@code count} slots, one behind the other, as {@link #move(int, Ring, int)} does.
     *
     * @throws IndexOutOfBoundsException if one of the two {@linkplain #run runs} goes beyond its ring's end
     * @throws IllegalArgumentException if the rings lie in different regions
     */
    public void move(int slot, Ring to, int toSlot, int count) {
        move(slot, to, toSlot, count, false);
    }

    /** Likewise, up to the first {@linkplain #vacated vacated} slot. Returns how many have been moved. */
    final int moveUntilVacated(int slot, Ring to, int toSlot, int count) {
        return move(slot, to, toSlot, count, true);
    }

    private int move(int slot, Ring to, int toSlot, int count, boolean untilVacated) {
        if (buffers != to.buffers) {
            throw otherRegion(to);
        }
        long from = runAddress(slot, count);
        long dest = to.runAddress(toSlot, count);
        // Nobody ever looks for packets in a transmit ring, whoever dies.
        boolean vacates = this instanceof RxRing;
        for (int i = 0; i < count; i++) {
            long source = from + Integer.toUnsignedLong(i) * NetmapSlot.SIZE;
            long target = dest + Integer.toUnsignedLong(i) * NetmapSlot.SIZE;
            long packet = NetmapSlot.read(source);
            if (untilVacated && NetmapSlot.len(packet) == 0 && vacated(source, packet)) {
                return i;
            }
            long empty = NetmapSlot.read(target);
            // The packet first: whoever dies on the way leaves one buffer in two slots of its own, which the embedded
            // host finds and repairs; the packet itself is then still in its old slot or wholly in the new one.
            NetmapSlot.write(target, packet & MOVED | CHANGED);
            NetmapSlot.ptr(target, NetmapSlot.ptr(source));
            if (vacates) {
                NetmapSlot.ptr(source, VACATED);
            }
            NetmapSlot.write(source, NetmapSlot.descriptor(NetmapSlot.bufIdx(empty), 0, NetmapSlot.NS_BUF_CHANGED));
        }
        return count;
    }

    private IllegalArgumentException otherRegion(Ring to) {
        return new IllegalArgumentException(port.name() + " and " + to.port.name()
                + " lie in different memory regions: buffers cannot move between them, copy the packet instead");
    }

    /**
     * Reads the lengths of packets that lie in one slot each, one behind the other, up to a slot that goes on in the next one,
     * is empty and so may be none, or says more bytes than a buffer has.
     *
     * @param lengths takes them
     * @param at where in {@code lengths} the first one goes
     * @return how many, in the upper half; their bytes in the lower one
     * @throws IndexOutOfBoundsException if {@code lengths} has no room for {@code count}, or the {@linkplain #run run} goes
     *     beyond the ring's end
     */
    public long lengths(int slot, int count, int[] lengths, int at) {
        Objects.checkFromIndexSize(at, count, lengths.length);
        long run = runAddress(slot, count);
        int most = bufferSize;
        int bytes = 0;
        int i = 0;
        while (i < count) {
            int length = NetmapSlot.wholeLength(NetmapSlot.read(run + Integer.toUnsignedLong(i) * NetmapSlot.SIZE));
            if (Integer.compareUnsigned(length - 1, most) >= 0) {
                break;
            }
            lengths[at + i] = length;
            bytes += length;
            i++;
        }
        return (long) i << 32 | bytes;
    }

    /**
     * Marks the fragment in a slot as dealt with, before the slot is {@linkplain #advance given back}: should this process
     * die in between, its successor {@linkplain #vacated passes over} it.
     */
    public void vacate(int slot) {
        long address = slotAddress(slot);
        vacate(address, NetmapSlot.bufIdx(NetmapSlot.read(address)));
    }

    private static void vacate(long slot, int bufIdx) {
        NetmapSlot.ptr(slot, VACATED);
        NetmapSlot.write(slot, NetmapSlot.descriptor(bufIdx, 0, NetmapSlot.NS_BUF_CHANGED));
    }

    /**
     * Whether {@link #move} or {@link #vacate} has taken the fragment out of this slot. A program that opens a ring may find
     * such slots among those that its predecessor had not given back; there is no packet in them.
     */
    public boolean vacated(int slot) {
        long address = slotAddress(slot);
        return vacated(address, NetmapSlot.read(address));
    }

    private static boolean vacated(long slot, long descriptor) {
        return NetmapSlot.len(descriptor) == 0
                && NetmapSlot.flags(descriptor) == NetmapSlot.NS_BUF_CHANGED
                && NetmapSlot.ptr(slot) == VACATED;
    }

    final long address() {
        return ring;
    }

    final void markClosed() {
        slots = 0;
    }

    private long slotAddress(int slot) {
        if (Integer.compareUnsigned(slot, slots) >= 0) {
            throw outOfRange(slot);
        }
        return uncheckedAddress(slot);
    }

    private long runAddress(int slot, int count) {
        if (slot < 0 || count < 0 || count > slots - slot) {
            requireOpen();
            throw new IndexOutOfBoundsException(
                    count + " slots from " + slot + " on, of a ring of " + slots + " slots");
        }
        return uncheckedAddress(slot);
    }

    private long uncheckedAddress(int slot) {
        return Memory.base(ring) + NetmapRing.SLOT_OFFSET + Integer.toUnsignedLong(slot) * NetmapSlot.SIZE;
    }

    private RuntimeException outOfRange(int slot) {
        requireOpen();
        return new IndexOutOfBoundsException("slot " + slot + " of a ring of " + slots + " slots");
    }

    private void requireOpen() {
        if (slots == 0) {
            throw new NetmapException(port.name(), Errno.EBADF, "the port is closed");
        }
    }

    /** Keeps the mapping reachable as long as this ring is. */
    final Mapping memory() {
        return memory;
    }
}
