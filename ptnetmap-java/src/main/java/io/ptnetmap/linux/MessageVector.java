// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Messages for {@code recvmmsg(2)} and {@code sendmmsg(2)}: an array of {@code struct mmsghdr} over one array of {@code
 * struct iovec}, with room for control data. Everything is allocated once; filling and sending allocates nothing.
 *
 * <p>Checks nothing: whoever sets an address or a count answers for it. For one thread at a time.
 */
public final class MessageVector {
    // struct msghdr of 64-bit Linux: name (8), namelen (8), iov (8), iovlen (8), control (8), controllen (8), flags
    // (8).
    static final int MSG_IOV = 16;
    static final int MSG_IOVLEN = 24;
    static final int MSG_CONTROL = 32;
    static final int MSG_CONTROLLEN = 40;
    private static final int MSG_FLAGS = 48;
    static final int MSGHDR_SIZE = 56;
    // struct mmsghdr: a msghdr, then bytes transferred.
    private static final int MSG_LEN = 56;
    private static final int MMSGHDR_SIZE = 64;
    // struct iovec: base (8), len (8).
    static final int IOVEC_SIZE = 16;
    // struct cmsghdr: len (8), level (4), type (4).
    static final int CMSG_HEADER = 16;

    private final MemorySegment memory;
    private final long messages;
    private final long iovecs;
    private final long controls;
    private final int controlSize;

    /**
     * @param messages how many messages
     * @param iovecs parts of all messages together
     * @param controlSize bytes of control data to receive with each, a multiple of 8
     */
    public MessageVector(int messages, int iovecs, int controlSize) {
        long headers = (long) messages * MMSGHDR_SIZE;
        long parts = (long) iovecs * IOVEC_SIZE;
        this.memory = Arena.ofAuto().allocate(headers + parts + (long) messages * controlSize, 8);
        this.messages = memory.address();
        this.iovecs = this.messages + headers;
        this.controls = this.iovecs + parts;
        this.controlSize = controlSize;
    }

    /** Makes part number {@code iovec} these bytes. */
    public void part(int iovec, long address, long length) {
        long at = iovecs + (long) iovec * IOVEC_SIZE;
        Memory.putLong(at, address);
        Memory.putLong(at + 8, length);
    }

    /** Makes a message of {@code count} parts, and gives it back its room for control data. */
    public void message(int message, int firstIovec, int count) {
        long header = header(message);
        Memory.putLong(header + MSG_IOV, iovecs + (long) firstIovec * IOVEC_SIZE);
        Memory.putLong(header + MSG_IOVLEN, count);
        Memory.putLong(header + MSG_CONTROL, controlSize == 0 ? 0 : control(message));
        Memory.putLong(header + MSG_CONTROLLEN, controlSize);
    }

    /** Receives up to {@code count} messages into the first ones, without waiting. See {@link Linux#recvmmsg}. */
    public int receive(int fd, int count) {
        return Linux.recvmmsg(fd, memory.address(), count, Linux.MSG_DONTWAIT);
    }

    /** Sends the first {@code count} messages, without waiting. See {@link Linux#sendmmsg}. */
    public int send(int fd, int count) {
        return Linux.sendmmsg(fd, memory.address(), count, Linux.MSG_DONTWAIT);
    }

    /** Bytes that were received. */
    public int length(int message) {
        return Memory.getInt(header(message) + MSG_LEN);
    }

    /** Whether the message was longer than its parts. */
    public boolean truncated(int message) {
        return (Memory.getInt(header(message) + MSG_FLAGS) & Linux.MSG_TRUNC) != 0;
    }

    /**
     * Finds received control data.
     *
     * @return address of the data of the first {@code struct cmsghdr} if it is of this kind, else 0
     */
    public long controlData(int message, int level, int type) {
        long control = control(message);
        boolean found = Memory.getLong(header(message) + MSG_CONTROLLEN) > CMSG_HEADER
                && Memory.getInt(control + 8) == level
                && Memory.getInt(control + 12) == type;
        return found ? control + CMSG_HEADER : 0;
    }

    private long header(int message) {
        return messages + (long) message * MMSGHDR_SIZE;
    }

    private long control(int message) {
        return controls + (long) message * controlSize;
    }
}
