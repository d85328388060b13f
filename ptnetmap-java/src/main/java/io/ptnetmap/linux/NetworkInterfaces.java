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
    private static final long SIOCGIFNAME = 0x8910;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCSIFMTU = 0x8922;
    private static final long SIOCSIFHWADDR = 0x8924;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final long SIOCGIFINDEX = 0x8933;
    private static final long SIOCETHTOOL = 0x8946;
    private static final int ETHTOOL_GDRVINFO = 0x03;
    private static final int ETHTOOL_GFLAGS = 0x25;
    private static final int ETHTOOL_GCHANNELS = 0x3c;
    /** In the flags of {@code ETHTOOL_GFLAGS}: the interface takes VLAN tags out of what it receives. */
    private static final int ETH_FLAG_RXVLAN = 1 << 8;
    // struct ethtool_drvinfo: cmd (4), driver (32), ...
    private static final int DRVINFO_SIZE = 196;
    private static final int DRVINFO_DRIVER = 4;
    private static final int DRVINFO_NAME_SIZE = 32;
    // struct ethtool_channels: cmd, max_rx, max_tx, max_other, max_combined, rx, tx, other, combined; 4 bytes each.
    private static final int CHANNELS_SIZE = 36;
    private static final int CHANNELS_RX = 20;
    private static final int CHANNELS_COMBINED = 32;
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

    /** Longest payload of an Ethernet frame of this interface, bytes; 0 where there is no such interface. */
    public static int mtu(String name) {
        return query(name, SIOCGIFMTU);
    }

    /** The name that the interface with this number has now, which may have been renamed; empty where it is gone. */
    public static String nameOf(int index) {
        int socket = Linux.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = arena.allocate(IFREQ_SIZE, 8);
            Memory.putInt(ifreq.address() + IFREQ_VALUE, index);
            return Linux.ioctl(socket, SIOCGIFNAME, ifreq.address()) < 0 ? "" : ifreq.getString(0);
        } finally {
            Linux.close(socket);
        }
    }

    /** The name of the driver, such as {@code ixgbe} or {@code veth}; empty where it does not say. */
    public static String driver(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment information = arena.allocate(DRVINFO_SIZE, 8);
            Memory.putInt(information.address(), ETHTOOL_GDRVINFO);
            return ethtool(name, information)
                    ? information.asSlice(DRVINFO_DRIVER, DRVINFO_NAME_SIZE).getString(0)
                    : "";
        }
    }

    /** Receive queues in use; 1 where the driver does not say. */
    public static int receiveQueues(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment channels = arena.allocate(CHANNELS_SIZE, 8);
            long at = channels.address();
            Memory.putInt(at, ETHTOOL_GCHANNELS);
            return ethtool(name, channels)
                    ? Math.max(1, Memory.getInt(at + CHANNELS_RX) + Memory.getInt(at + CHANNELS_COMBINED))
                    : 1;
        }
    }

    /** Whether the interface takes the VLAN tags out of the frames that it receives. */
    public static boolean stripsVlanTags(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(8, 8);
            Memory.putInt(value.address(), ETHTOOL_GFLAGS);
            return ethtool(name, value) && (Memory.getInt(value.address() + 4) & ETH_FLAG_RXVLAN) != 0;
        }
    }

    private static boolean ethtool(String name, MemorySegment command) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > NAME_SIZE) {
            return false;
        }
        int socket = Linux.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = arena.allocate(IFREQ_SIZE, 8);
            Memory.copy(bytes, 0, ifreq.address(), bytes.length);
            Memory.putLong(ifreq.address() + IFREQ_VALUE, command.address());
            return Linux.ioctl(socket, SIOCETHTOOL, ifreq.address()) >= 0;
        } finally {
            Linux.close(socket);
        }
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
