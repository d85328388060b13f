// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The network interfaces of this process's network namespace. */
public final class NetworkInterfaces {
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCSIFMTU = 0x8922;
    private static final long SIOCSIFHWADDR = 0x8924;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final long SIOCGIFINDEX = 0x8933;
    private static final int IFF_UP = 0x1;
    // struct ifreq: name (16, with its terminating 0), then a union.
    private static final int IFREQ_SIZE = 40;
    private static final int IFREQ_VALUE = 16;
    private static final int NAME_SIZE = 15;

    private NetworkInterfaces() {}

    /** The interface's number, or 0 where there is none of this name. */
    public static int index(String name) {
        return query(name, SIOCGIFINDEX);
    }

    /** Whether there is an interface of this name that is administratively up. */
    public static boolean isUp(String name) {
        return (query(name, SIOCGIFFLAGS) & IFF_UP) != 0;
    }

    private static int query(String name, long request) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > NAME_SIZE) {
            return 0;
        }
        int socket = Linux.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = arena.allocate(IFREQ_SIZE, 8);
            Memory.copy(bytes, 0, ifreq.address(), bytes.length);
            return Linux.ioctl(socket, request, ifreq.address()) < 0 ? 0 : Memory.getInt(ifreq.address() + IFREQ_VALUE);
        } finally {
            Linux.close(socket);
        }
    }

    /** The longest packet that it takes, without the Ethernet header; 0 where there is none of this name. */
    public static int mtu(String name) {
        return query(name, SIOCGIFMTU);
    }

    /** Gives {@code name} the hardware address and the MTU of {@code model}. Returns 0 or the negated errno. */
    public static int copyLinkLayer(String model, String name) {
        int socket = Linux.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = arena.allocate(IFREQ_SIZE, 8);
            int result = 0;
            for (long[] request : new long[][] {{SIOCGIFHWADDR, SIOCSIFHWADDR}, {SIOCGIFMTU, SIOCSIFMTU}}) {
                writeName(ifreq, model);
                result = result < 0 ? result : Linux.ioctl(socket, request[0], ifreq.address());
                writeName(ifreq, name);
                result = result < 0 ? result : Linux.ioctl(socket, request[1], ifreq.address());
            }
            return result;
        } finally {
            Linux.close(socket);
        }
    }

    private static void writeName(MemorySegment ifreq, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        ifreq.asSlice(0, IFREQ_VALUE).fill((byte) 0);
        Memory.copy(bytes, 0, ifreq.address(), Math.min(bytes.length, NAME_SIZE));
    }

    /** Sets it up. Returns 0 or the negated errno. */
    public static int setUp(String name) {
        int socket = Linux.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = arena.allocate(IFREQ_SIZE, 8);
            writeName(ifreq, name);
            int result = Linux.ioctl(socket, SIOCGIFFLAGS, ifreq.address());
            long flags = ifreq.address() + IFREQ_VALUE;
            if (result == 0 && (Memory.getShort(flags) & IFF_UP) == 0) {
                Memory.putShort(flags, (short) (Memory.getShort(flags) | IFF_UP));
                result = Linux.ioctl(socket, SIOCSIFFLAGS, ifreq.address());
            }
            return result;
        } finally {
            Linux.close(socket);
        }
    }

    /** All names, in the kernel's order. */
    public static List<String> names() {
        try {
            // Two lines of headings, then "name: numbers".
            return Files.readAllLines(Path.of("/proc/self/net/dev")).stream()
                    .skip(2)
                    .map(line -> line.substring(0, line.indexOf(':')).strip())
                    .toList();
        } catch (IOException noProc) {
            throw new UncheckedIOException(noProc);
        }
    }
}
