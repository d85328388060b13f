// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Becomes readable when an interface of this network namespace appears, disappears, goes up or goes down (rtnetlink). Which
 * one, its user finds out by {@link NetworkInterfaces}. For one thread at a time.
 */
public final class LinkEvents implements AutoCloseable {
    private static final int NETLINK_ROUTE = 0;
    private static final int RTMGRP_LINK = 1;
    // struct sockaddr_nl: family (2), pad (2), port id (4), groups (4).
    private static final int SOCKADDR_SIZE = 12;
    private static final int SOCKADDR_GROUPS = 8;

    private final int fd;
    private final MemorySegment scratch = Arena.ofAuto().allocate(64, 8);

    public LinkEvents() {
        this.fd = Linux.socket(Linux.AF_NETLINK, Linux.SOCK_RAW | Linux.SOCK_NONBLOCK, NETLINK_ROUTE);
        try (Arena arena = Arena.ofConfined()) {
            long address = arena.allocate(SOCKADDR_SIZE, 8).address();
            Memory.putShort(address, (short) Linux.AF_NETLINK);
            Memory.putInt(address + SOCKADDR_GROUPS, RTMGRP_LINK);
            int result = Linux.bind(fd, address, SOCKADDR_SIZE);
            if (result < 0) {
                close();
                throw new LinuxException("listen to interface changes", -result);
            }
        }
    }

    /** For {@code poll(2)} with {@code POLLIN}. */
    public int descriptor() {
        return fd;
    }

    /** Forgets what has happened so far. Returns whether anything has. */
    public boolean drain() {
        boolean any = false;
        // A message is cut to the room it is given; an overrun says ENOBUFS once, which is as good as a message.
        long result = Linux.recvfrom(fd, scratch.address(), scratch.byteSize(), Linux.MSG_DONTWAIT, 0, 0);
        while (result >= 0 || result == -Errno.ENOBUFS.number()) {
            any = true;
            result = Linux.recvfrom(fd, scratch.address(), scratch.byteSize(), Linux.MSG_DONTWAIT, 0, 0);
        }
        return any;
    }

    @Override
    public void close() {
        Linux.close(fd);
    }
}
