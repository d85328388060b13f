// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A view of one packet in its buffer, from the first byte of its Ethernet header.
 *
 * <p>Offsets are bytes from there. Multi-byte values are in network byte order. Every access is checked against {@link
 * #length()} and throws {@link IndexOutOfBoundsException}; the header views in {@code io.ptnetmap.nfv.api.packet} check a
 * whole header at once instead.
 *
 * <p>A packet longer than one buffer lies in several; this view covers the first, which holds all headers, and {@link
 * #totalLength()} tells the whole. Single-threaded, valid during one {@link NetworkFunction#process} call.
 */
public final class Packet {
    /** In the word that holds the timestamp, whose highest bit no time until the year 2262 needs. Functions do not see it. */
    public static final long MARK = 1L << 63;

    /** What stands in the place of a timestamp where a packet has been taken out of its slot. */
    private static final long NO_TIME = -1;

    private long address;
    private int length;
    private int capacity;
    private int totalLength;
    private long timestampAddress;
    private int bufferIndex;

    /**
     * Places the view on memory that is no buffer of a region. For the engine and the test kit: the caller answers for the
     * memory.
     *
     * @param address of the first byte
     * @param length bytes in this buffer
     * @param capacity bytes that the buffer could hold
     * @param totalLength bytes of the whole packet
     * @param timestampAddress of the 8-byte word that holds {@link #timestampNanos()}
     * @return this
     */
    public Packet wrap(long address, int length, int capacity, int totalLength, long timestampAddress) {
        return wrap(address, length, capacity, totalLength, timestampAddress, 0);
    }

    /**
     * Places the view. For the engine and the test kit: the caller answers for the memory.
     *
     * @param address of the first byte
     * @param length bytes in this buffer
     * @param capacity bytes that the buffer could hold
     * @param totalLength bytes of the whole packet
     * @param timestampAddress of the 8-byte word that holds {@link #timestampNanos()}
     * @param bufferIndex of the buffer
     * @return this
     */
    public Packet wrap(
            long address, int length, int capacity, int totalLength, long timestampAddress, int bufferIndex) {
        this.address = address;
        this.length = length;
        this.capacity = capacity;
        this.totalLength = totalLength;
        this.timestampAddress = timestampAddress;
        this.bufferIndex = bufferIndex;
        return this;
    }

    /** Bytes that this view covers: all of the packet unless it lies in several buffers. */
    public int length() {
        return length;
    }

    /** Bytes of the whole packet. */
    public int totalLength() {
        return totalLength;
    }

    /** Bytes that the buffer could hold. */
    public int capacity() {
        return capacity;
    }

    /** Address of the first byte, {@link #length()} bytes valid. For the header views. */
    public long address() {
        return address;
    }

    /**
     * Number of the packet's buffer among those of its memory region: the same in all processes and virtual machines of a
     * chain, for as long as nobody copies the packet.
     */
    public int bufferIndex() {
        return bufferIndex;
    }

    /** When the packet was captured or received, nanoseconds since the epoch; 0 = not known. */
    public long timestampNanos() {
        return unmarked(Memory.getLong(timestampAddress));
    }

    /** Whether the word that holds a packet's {@link #timestampNanos()} is marked: the packet is being followed. For the engine. */
    public static boolean isMarked(long word) {
        return word < 0 && word != NO_TIME;
    }

    /** The word with the mark. */
    public static long marked(long word) {
        return word | MARK;
    }

    /** The word without the mark. */
    public static long unmarked(long word) {
        return word & ~MARK;
    }

    /** Sets the time at which the packet was captured or received, as {@link #timestampNanos()}. */
    public void timestampNanos(long nanos) {
        Memory.putLong(timestampAddress, nanos);
    }

    /** The byte at an offset, 0 to 255. */
    public int u8(int offset) {
        return Memory.getByte(at(offset, 1)) & 0xff;
    }

    /** Writes the lowest 8 bits of {@code value}. */
    public void u8(int offset, int value) {
        Memory.putByte(at(offset, 1), (byte) value);
    }

    /** The two bytes from an offset on, 0 to 65,535. */
    public int u16(int offset) {
        return Memory.getShortBigEndian(at(offset, 2)) & 0xffff;
    }

    /** Writes the lowest 16 bits of {@code value}. */
    public void u16(int offset, int value) {
        Memory.putShortBigEndian(at(offset, 2), (short) value);
    }

    /** The four bytes from an offset on. */
    public int i32(int offset) {
        return Memory.getIntBigEndian(at(offset, 4));
    }

    /** Writes four bytes. */
    public void i32(int offset, int value) {
        Memory.putIntBigEndian(at(offset, 4), value);
    }

    /** The eight bytes from an offset on. */
    public long i64(int offset) {
        return Memory.getLongBigEndian(at(offset, 8));
    }

    /** Writes eight bytes. */
    public void i64(int offset, long value) {
        Memory.putLongBigEndian(at(offset, 8), value);
    }

    /**
     * Copies bytes out of the packet.
     *
     * @param offset of the first one in the packet
     * @param position of the first one in {@code into}
     * @param count how many
     */
    public void get(int offset, byte[] into, int position, int count) {
        Objects.checkFromIndexSize(position, count, into.length);
        Memory.copy(at(offset, count), into, position, count);
    }

    /**
     * Copies bytes into the packet.
     *
     * @param offset of the first one in the packet
     * @param position of the first one in {@code from}
     * @param count how many
     */
    public void put(int offset, byte[] from, int position, int count) {
        Objects.checkFromIndexSize(position, count, from.length);
        Memory.copy(from, position, at(offset, count), count);
    }

    /** The bytes that this view covers, bounds-checked. Allocates: not for the data path. */
    public MemorySegment segment() {
        return Memory.segment(address, length);
    }

    private long at(int offset, int width) {
        if (offset < 0 || offset > length - width) {
            throw new IndexOutOfBoundsException(
                    width + " bytes at offset " + offset + " of a packet of " + length + " bytes");
        }
        return address + offset;
    }
}
