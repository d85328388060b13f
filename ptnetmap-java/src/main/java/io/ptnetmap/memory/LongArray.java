// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * An array for large tables that are read at random: outside of the Java heap, from a cache line's boundary on, and on huge pages
 * where the system has them, so that a read of 64 aligned bytes is one access to memory and mostly no walk of page tables.
 *
 * <p>All are 0 at first; memory is taken from the system as it is written, and given back when the array is unreachable. As
 * safe as a Java array, and as little thread-safe.
 */
public final class LongArray {
    private static final long HUGE_PAGE = 2L << 20;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int MADV_HUGEPAGE = 14;

    private static final MethodHandle MMAP = function(
            "mmap",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG));
    private static final MethodHandle MUNMAP = function(
            "munmap", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    private static final MethodHandle MADVISE = function(
            "madvise",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

    private final int length;
    private final long base;
    /** Owns the mapping. */
    private final MemorySegment memory;

    /**
     * @param length number of elements
     * @throws OutOfMemoryError if the system gives no more memory
     */
    public LongArray(int length) {
        if (length < 0) {
            throw new IllegalArgumentException("an array of " + length);
        }
        this.length = length;
        long bytes = Math.max(1, (long) length * Long.BYTES);
        boolean huge = bytes >= HUGE_PAGE;
        long mapped = huge ? bytes + HUGE_PAGE : bytes;
        long address = map(mapped);
        this.memory =
                MemorySegment.ofAddress(address).reinterpret(mapped, Arena.ofAuto(), gone -> unmap(address, mapped));
        this.base = huge ? (address + HUGE_PAGE - 1) & -HUGE_PAGE : address;
        if (huge) {
            adviseHugePages(base, bytes);
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }

    private static long map(long bytes) {
        try {
            long address = (long) MMAP.invokeExact(0L, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
            if (address == -1) {
                throw new OutOfMemoryError("the system gives no " + bytes + " bytes for a table");
            }
            return address;
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void unmap(long address, long bytes) {
        try {
            int ignored = (int) MUNMAP.invokeExact(address, bytes);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** A wish: where there are none, small pages serve. */
    private static void adviseHugePages(long address, long bytes) {
        try {
            int ignored = (int) MADVISE.invokeExact(address, bytes, MADV_HUGEPAGE);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    public int length() {
        return length;
    }

    public long get(int index) {
        long value = Memory.getLong(address(index));
        Reference.reachabilityFence(this);
        return value;
    }

    public void set(int index, long value) {
        Memory.putLong(address(index), value);
        Reference.reachabilityFence(this);
    }

    /**
     * Sets {@code count} elements from {@code index} on to words of memory, 8 bytes each.
     *
     * @param from address of the first
     * @param stride bytes from one to the next
     */
    public void set(int index, int count, long from, int stride) {
        Objects.checkFromIndexSize(index, count, length);
        long source = Memory.base(from);
        long target = Memory.base(base) + Integer.toUnsignedLong(index) * Long.BYTES;
        for (int i = 0; i < count; i++) {
            long offset = Integer.toUnsignedLong(i);
            Memory.putLong(target + offset * Long.BYTES, Memory.getLong(source + offset * stride));
        }
        Reference.reachabilityFence(this);
    }

    /** Sets all to 0. */
    public void clear() {
        Memory.zero(base, (long) length * Long.BYTES);
        Reference.reachabilityFence(memory);
    }

    private long address(int index) {
        return Memory.base(base) + Objects.checkIndex(index, length) * (long) Long.BYTES;
    }
}
