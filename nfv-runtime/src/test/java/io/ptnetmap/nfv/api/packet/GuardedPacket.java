// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.api.Packet;

/** A packet whose last byte is the last one before a page that cannot be touched: reading past it ends the JVM. */
final class GuardedPacket implements AutoCloseable {
    static final int MAX_LENGTH = 4096;

    private static final int PAGE = 4096;
    private final long start;
    private final Packet packet = new Packet();

    GuardedPacket() {
        int flags = Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS;
        start = Linux.mmap(0, 2 * PAGE, Linux.PROT_READ | Linux.PROT_WRITE, flags, -1, 0);
        Linux.mmap(start + PAGE, PAGE, Linux.PROT_NONE, flags | Linux.MAP_FIXED, -1, 0);
    }

    Packet place(byte[] bytes) {
        return place(bytes, bytes.length);
    }

    /** The first buffer of a packet that goes on in others. */
    Packet place(byte[] bytes, int totalLength) {
        long address = start + PAGE - bytes.length;
        Memory.copy(bytes, 0, address, bytes.length);
        return packet.wrap(address, bytes.length, bytes.length, totalLength, 0);
    }

    static byte[] bytes(Packet packet) {
        byte[] bytes = new byte[packet.length()];
        packet.get(0, bytes, 0, bytes.length);
        return bytes;
    }

    @Override
    public void close() {
        Linux.munmap(start, 2 * PAGE);
    }
}
