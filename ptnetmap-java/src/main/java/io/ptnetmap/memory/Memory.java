// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Loads and stores at absolute native addresses, in the host's byte order (little endian) unless a method says
 * {@code BigEndian}.
 *
 * <p>All accesses go through one constant segment that spans the address space, so that the compiler sees neither a
 * liveness check nor a bounds check that it would have to hoist: this is what makes a Java loop over slots as fast as
 * the same loop in C. The price is that <b>nothing is checked here</b>. Every caller owns the proof that the address is
 * mapped: an index checked against its ring, a length checked against its buffer, a mapping that is {@linkplain
 * io.ptnetmap.linux.Mapping#close() retired} instead of unmapped while any object that can reach it is alive. Only the
 * binding and the packet views use this class; functions never see an address.
 *
 * <p>Alignment: {@code int} and {@code long} accessors with a memory order (acquire, release, opaque) need natural
 * alignment, all others accept any address. Of these only the opaque ones and those that read and write check it: the others
 * are plain accesses beside a fence, which is the same to the processor and a fraction of the bytecodes to the compiler, which
 * takes in only so many.
 */
public final class Memory {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfShort SHORT_BE = SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT_BE = INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG_BE = LONG.withOrder(ByteOrder.BIG_ENDIAN);
    private static final VarHandle ORDERED_INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle ORDERED_LONG = ValueLayout.JAVA_LONG.varHandle();

    /** Addresses of user space have no higher bits. */
    private static final long USER_SPACE = (1L << 56) - 1;

    private static final long ALIGNED_USER_SPACE = USER_SPACE & -Long.BYTES;

    private Memory() {}

    /**
     * The same address, for use in a sum: {@code base(ring) + Integer.toUnsignedLong(slot) * 16}. With an unsigned second
     * part the JIT sees that no such sum leaves {@link #ALL}. It then drops the bounds check of each access, and can unroll
     * a loop over slots, which the check of a {@code long} address prevents.
     */
    public static long base(long address) {
        return address & USER_SPACE;
    }

    /**
     * Likewise for an address that is a multiple of 8, as those of rings are: the JIT then also sees that the words at
     * constant offsets from it are aligned, and drops the check that each access with a memory order begins with.
     */
    public static long aligned(long address) {
        return address & ALIGNED_USER_SPACE;
    }

    public static byte getByte(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    public static void putByte(long address, byte value) {
        ALL.set(ValueLayout.JAVA_BYTE, address, value);
    }

    public static short getShort(long address) {
        return ALL.get(SHORT, address);
    }

    public static void putShort(long address, short value) {
        ALL.set(SHORT, address, value);
    }

    public static int getInt(long address) {
        return ALL.get(INT, address);
    }

    public static void putInt(long address, int value) {
        ALL.set(INT, address, value);
    }

    public static long getLong(long address) {
        return ALL.get(LONG, address);
    }

    public static void putLong(long address, long value) {
        ALL.set(LONG, address, value);
    }

    public static short getShortBigEndian(long address) {
        return ALL.get(SHORT_BE, address);
    }

    public static void putShortBigEndian(long address, short value) {
        ALL.set(SHORT_BE, address, value);
    }

    public static int getIntBigEndian(long address) {
        return ALL.get(INT_BE, address);
    }

    public static void putIntBigEndian(long address, int value) {
        ALL.set(INT_BE, address, value);
    }

    public static long getLongBigEndian(long address) {
        return ALL.get(LONG_BE, address);
    }

    public static void putLongBigEndian(long address, long value) {
        ALL.set(LONG_BE, address, value);
    }

    /** Loads with acquire order: no later access of this thread moves before it. */
    public static int getIntAcquire(long address) {
        int value = ALL.get(INT, address);
        VarHandle.acquireFence();
        return value;
    }

    /** Stores with release order: no earlier access of this thread moves after it. */
    public static void putIntRelease(long address, int value) {
        VarHandle.releaseFence();
        ALL.set(INT, address, value);
    }

    /** Loads once, exactly here: neither repeated, merged nor invented by the compiler. */
    public static int getIntOpaque(long address) {
        return (int) ORDERED_INT.getOpaque(ALL, address);
    }

    public static void putIntOpaque(long address, int value) {
        ORDERED_INT.setOpaque(ALL, address, value);
    }

    /** Atomically replaces {@code expected}; full fence. */
    public static boolean compareAndSetInt(long address, int expected, int value) {
        return ORDERED_INT.compareAndSet(ALL, address, expected, value);
    }

    /** Loads once, exactly here: neither repeated, merged nor invented by the compiler. */
    public static long getLongOpaque(long address) {
        return (long) ORDERED_LONG.getOpaque(ALL, address);
    }

    public static long getLongAcquire(long address) {
        long value = ALL.get(LONG, address);
        VarHandle.acquireFence();
        return value;
    }

    public static void putLongRelease(long address, long value) {
        VarHandle.releaseFence();
        ALL.set(LONG, address, value);
    }

    /** Copies {@code length} bytes; the ranges may overlap. */
    public static void copy(long from, long to, long length) {
        MemorySegment.copy(ALL, from, ALL, to, length);
    }

    public static void copy(byte[] from, int offset, long to, int length) {
        MemorySegment.copy(from, offset, ALL, ValueLayout.JAVA_BYTE, to, length);
    }

    public static void copy(long from, byte[] to, int offset, int length) {
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, offset, length);
    }

    public static void zero(long address, long length) {
        segment(address, length).fill((byte) 0);
    }

    /** A bounds-checked view of {@code length} bytes at an address. Allocates: not for the data path. */
    public static MemorySegment segment(long address, long length) {
        return ALL.asSlice(address, length);
    }
}
