// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import java.lang.ref.Cleaner;

/**
 * A mapping, mostly a shared one of a descriptor, that can be closed while other threads still use it.
 *
 * <p>Fast-path code holds plain addresses, so a closed mapping must not leave a hole: {@link #close()} lays private zero
 * pages over the range, at once and atomically, and the range itself is given back only when nothing can reach this
 * object any more. A late access reads zeros or writes to nowhere; it never faults and never touches the shared memory.
 * Whoever stores an address of this mapping keeps a reference to it.
 *
 * <p>Thread-safe.
 */
public final class Mapping implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final int ANONYMOUS = Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS | Linux.MAP_NORESERVE;

    private final long address;
    private final long length;
    private boolean closed;

    private Mapping(long address, long length) {
        this.address = address;
        this.length = length;
        CLEANER.register(this, () -> Linux.munmap(address, length));
    }

    /**
     * Maps {@code length} bytes of {@code fd}, from its start, for reading and writing; of a file in huge pages, as many whole
     * ones. The descriptor may then be closed.
     */
    public static Mapping of(int fd, long length) {
        // The kernel maps whole pages anyway, but neither gives back nor overlays parts of huge ones.
        long page = Linux.hugePageSize(fd);
        long whole = (length + page - 1) / page * page;
        long address = Linux.mmap(0, whole, Linux.PROT_READ | Linux.PROT_WRITE, Linux.MAP_SHARED, fd, 0);
        return new Mapping(address, whole);
    }

    /** Likewise, from {@code offset} on, with its page tables filled. */
    static Mapping of(int fd, long offset, long length) {
        int flags = Linux.MAP_SHARED | Linux.MAP_POPULATE;
        return new Mapping(Linux.mmap(0, length, Linux.PROT_READ | Linux.PROT_WRITE, flags, fd, offset), length);
    }

    /** Fresh memory of this process, zeroed and taken from the system page by page as it is touched. */
    public static Mapping anonymous(long length) {
        return new Mapping(Linux.mmap(0, length, Linux.PROT_READ | Linux.PROT_WRITE, ANONYMOUS, -1, 0), length);
    }

    public long address() {
        return address;
    }

    /** Bytes. */
    public long length() {
        return length;
    }

    /** Retires the mapping, see the class comment. Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Linux.mmap(address, length, Linux.PROT_READ | Linux.PROT_WRITE, ANONYMOUS | Linux.MAP_FIXED, -1, 0);
        }
    }
}
