// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;
import java.lang.invoke.VarHandle;

/**
 * One of the four rings of an {@link XdpSocket}, shared with the kernel: two free-running counters, a word of flags, and a power
 * of two of entries.
 *
 * <pre>
 *   producer                consumer                flags           entries
 *   | next to be written |  | next to be read |     | NEED_WAKEUP | | [0][1][2] ... [size - 1] |
 *
 *   a frame (receive, transmit: struct xdp_desc)           an address (fill, completion)
 *   0                         8          12         16     0                         8
 *   +-------------------------+----------+----------+      +-------------------------+
 *   |  address in the UMEM    |  length  | options  |      |  address in the UMEM    |
 *   +-------------------------+----------+----------+      +-------------------------+
 * </pre>
 *
 * <p>Of each ring this process is either the producer, who writes entries and then {@link #publish publishes} them with release
 * order, or the consumer, who sees them with acquire order and then {@link #release releases} them. The other side's counter is
 * read anew only when what is known of it does not suffice. For one thread.
 */
public final class XdpRing {
    /** Bytes of {@code struct xdp_desc}. */
    static final int DESCRIPTOR = 16;

    static final int ADDRESS = 8;

    /** In the options of a frame: the packet goes on in the next one. */
    public static final int CONTINUES = 1;

    private static final int LENGTH_OFFSET = 8;
    private static final int OPTIONS_OFFSET = 12;
    private static final int NEED_WAKEUP = 1;

    /** Keeps the addresses valid. */
    private final Mapping memory;

    private final long producer;
    private final long consumer;
    private final long flags;
    private final long entries;
    private final int entrySize;
    private final int size;

    /** The next entry that this side writes or reads, and how far the other side was when last looked at. */
    private int own;

    private int other;

    /** @param offsets of the ring's parts in its mapping: producer, consumer, entries, flags */
    XdpRing(Mapping memory, long[] offsets, int size, int entrySize) {
        this.memory = memory;
        this.producer = memory.address() + offsets[0];
        this.consumer = memory.address() + offsets[1];
        this.entries = memory.address() + offsets[2];
        this.flags = memory.address() + offsets[3];
        this.size = size;
        this.entrySize = entrySize;
    }

    /** For the producer: entries that can be written. */
    public int room() {
        other = Memory.getIntAcquire(consumer);
        return size - (own - other);
    }

    /** For the producer: entries that the kernel has not taken yet. */
    public int outstanding() {
        other = Memory.getIntAcquire(consumer);
        return own - other;
    }

    /** Writes an address as the next entry. */
    public void put(long address) {
        Memory.putLong(entry(own++), address);
    }

    /** Writes a frame as the next entry. */
    public void put(long address, int length, int options) {
        long at = entry(own++);
        Memory.putLong(at, address);
        Memory.putInt(at + LENGTH_OFFSET, length);
        Memory.putInt(at + OPTIONS_OFFSET, options);
    }

    /** Hands over what has been written. */
    public void publish() {
        Memory.putIntRelease(producer, own);
    }

    /** Whether the kernel has to be told that there is something new. */
    public boolean needsWakeup() {
        // The counter must have been seen by whoever sets the flag after a last look at it.
        VarHandle.fullFence();
        return (Memory.getIntOpaque(flags) & NEED_WAKEUP) != 0;
    }

    /** For the consumer: entries that can be read. */
    public int available() {
        if (own == other) {
            other = Memory.getIntAcquire(producer);
        }
        return other - own;
    }

    /** Address of the next entry to read; the entry stays valid until {@link #release}. */
    public long take() {
        return entry(own++);
    }

    /** Address of the entry {@code ahead} after the next one, which must be {@link #available}. */
    public long look(int ahead) {
        return entry(own + ahead);
    }

    /** The address in an entry. */
    public static long address(long entry) {
        return Memory.getLong(entry);
    }

    /** The length of the frame in an entry. */
    public static int length(long entry) {
        return Memory.getInt(entry + LENGTH_OFFSET);
    }

    /** Whether the packet goes on in the next entry. */
    public static boolean continues(long entry) {
        return (Memory.getInt(entry + OPTIONS_OFFSET) & CONTINUES) != 0;
    }

    /** Gives back what has been taken. */
    public void release() {
        Memory.putIntRelease(consumer, own);
    }

    private long entry(int counter) {
        return Memory.base(entries) + Integer.toUnsignedLong(counter & size - 1) * entrySize;
    }

    void close() {
        memory.close();
    }
}
