// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A packet socket (packet(7)) on one interface, promiscuous, for whole Ethernet frames in both directions without those that
 * this host sends itself.
 *
 * <p>Each message begins with a {@code struct virtio_net_hdr} of the socket's byte order, that of the machine:
 *
 * <pre>
 *   0        1           2            4             6               8                10
 *   +--------+-----------+------------+-------------+---------------+----------------+
 *   | flags  | gso_type  |  hdr_len   |  gso_size   |  csum_start   |  csum_offset   |
 *   +--------+-----------+------------+-------------+---------------+----------------+
 * </pre>
 *
 * <p>and a received one is accompanied by {@code struct tpacket_auxdata}, which has the VLAN tag that the kernel took out.
 * Thread-safe.
 */
public final class PacketSocket implements AutoCloseable {
    /** Bytes of {@code struct virtio_net_hdr}. All zeros: nothing is left to do. */
    public static final int VNET_HEADER_SIZE = 10;

    public static final int VNET_FLAGS = 0;
    public static final int VNET_GSO_TYPE = 1;
    public static final int VNET_GSO_SIZE = 4;
    public static final int VNET_CSUM_START = 6;
    public static final int VNET_CSUM_OFFSET = 8;

    /** In {@code flags}: the checksum field at {@code csum_start + csum_offset} holds the pseudo-header's sum only. */
    public static final int NEEDS_CSUM = 1;

    public static final int GSO_NONE = 0;
    public static final int GSO_TCPV4 = 1;
    public static final int GSO_TCPV6 = 4;
    public static final int GSO_UDP_L4 = 5;
    /** Bit beside the type: TCP with ECN. */
    public static final int GSO_ECN = 0x80;

    /** Bytes of control data that come with a message. */
    public static final int CONTROL_SIZE = 40;

    /** Mark of packets that leave through a packet socket: they are not the stack's. */
    public static final int SENT_MARK = 0x7074_0001;

    /** Mark of packets that a port hands to the stack as received by an interface: they have not come by its wire. */
    public static final int HANDED_UP_MARK = 0x7074_0002;

    private static final int SO_ATTACH_FILTER = 26;
    private static final int SO_MARK = 36;
    /** Classic BPF: nothing of a packet with {@link #HANDED_UP_MARK}, all of any other. */
    private static final long[] FILTER = {
        instruction(0x20, 0, 0, 0xffff_f014), // load the mark
        instruction(0x15, 0, 1, HANDED_UP_MARK), // if it is this
        instruction(0x06, 0, 0, 0),
        instruction(0x06, 0, 0, 0x4_0000)
    };

    private static final int ETH_P_ALL = 0x0003;
    private static final int ETH_P_8021Q = 0x8100;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_ADD_MEMBERSHIP = 1;
    private static final int PACKET_STATISTICS = 6;
    private static final int PACKET_AUXDATA = 8;
    private static final int PACKET_VNET_HDR = 15;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int PACKET_MR_PROMISC = 1;
    // struct sockaddr_ll: family (2), protocol (2, big endian), ifindex (4), 12 more.
    private static final int SOCKADDR_PROTOCOL = 2;
    private static final int SOCKADDR_IFINDEX = 4;
    private static final int SOCKADDR_SIZE = 20;
    // struct packet_mreq: ifindex (4), type (2), address length (2), address (8).
    private static final int MREQ_TYPE = 4;
    private static final int MREQ_SIZE = 16;
    // struct tpacket_auxdata: status (4), 12 more, vlan_tci (2), vlan_tpid (2).
    private static final int AUX_VLAN_TCI = 16;
    private static final int AUX_VLAN_TPID = 18;
    private static final int TP_STATUS_VLAN_VALID = 0x10;
    private static final int TP_STATUS_VLAN_TPID_VALID = 0x40;
    // struct tpacket_stats: packets (4), drops (4).
    private static final int STATS_DROPS = 4;
    private static final int STATS_SIZE = 8;

    /** Frames wait here while their reader is busy; the default of 208 KB is a millisecond's worth of a gigabit. */
    private static final int RECEIVE_BUFFER = 16 << 20;

    private final String name;
    private final int fd;
    private long drops;
    private boolean closed;

    /**
     * Opens the socket. An interface that is down will do: frames flow when it goes up.
     *
     * @param name an interface of this process's network namespace
     * @param receive whether frames shall come in; without, only sending is possible
     * @throws LinuxException ENODEV if there is no such interface, EPERM without the right to raw sockets
     */
    public PacketSocket(String name, boolean receive) {
        this.name = name;
        this.fd = create(name);
        try {
            configure(receive);
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private static int create(String name) {
        try {
            return Linux.socket(Linux.AF_PACKET, Linux.SOCK_RAW | Linux.SOCK_NONBLOCK, 0);
        } catch (LinuxException refused) {
            if (refused.errno() == Errno.EPERM) {
                throw new LinuxException(
                        "open interface " + name,
                        Errno.EPERM,
                        "raw sockets need the capability CAP_NET_RAW: run as root, or grant it, as by"
                                + " setpriv --inh-caps +net_raw --ambient-caps +net_raw java ...");
            }
            throw refused;
        }
    }

    private static long instruction(int code, int ifTrue, int ifFalse, int operand) {
        return code | (long) ifTrue << 16 | (long) ifFalse << 24 | (long) operand << 32;
    }

    /** Keeps apart what the stack sends and receives from what ports do, for who has both open. Best effort. */
    private void separateFromStack(Arena arena) {
        MemorySegment program = arena.allocate((long) FILTER.length * Long.BYTES, 8);
        for (int i = 0; i < FILTER.length; i++) {
            Memory.putLong(program.address() + (long) i * Long.BYTES, FILTER[i]);
        }
        // struct sock_fprog: length (2), address (8) after 6 bytes of padding.
        MemorySegment header = arena.allocate(16, 8);
        Memory.putShort(header.address(), (short) FILTER.length);
        Memory.putLong(header.address() + Long.BYTES, program.address());
        option(Linux.SOL_SOCKET, SO_ATTACH_FILTER, header.address(), 16);
        MemorySegment mark = arena.allocate(4, 4);
        Memory.putInt(mark.address(), SENT_MARK);
        Linux.setsockopt(fd, Linux.SOL_SOCKET, SO_MARK, mark.address(), 4);
    }

    private void configure(boolean receive) {
        int index = NetworkInterfaces.index(name);
        try (Arena arena = Arena.ofConfined()) {
            separateFromStack(arena);
            MemorySegment scratch = arena.allocate(SOCKADDR_SIZE, 8);
            long at = scratch.address();
            Memory.putInt(at, 1);
            option(SOL_PACKET, PACKET_VNET_HDR, at, 4);
            option(SOL_PACKET, PACKET_AUXDATA, at, 4);
            option(SOL_PACKET, PACKET_IGNORE_OUTGOING, at, 4);
            Memory.putInt(at, RECEIVE_BUFFER);
            if (Linux.setsockopt(fd, Linux.SOL_SOCKET, Linux.SO_RCVBUFFORCE, at, 4) < 0) {
                option(Linux.SOL_SOCKET, Linux.SO_RCVBUF, at, 4);
            }
            scratch.fill((byte) 0);
            Memory.putShort(at, (short) Linux.AF_PACKET);
            Memory.putShortBigEndian(at + SOCKADDR_PROTOCOL, (short) (receive ? ETH_P_ALL : 0));
            Memory.putInt(at + SOCKADDR_IFINDEX, index);
            // Index 0 would mean all interfaces.
            check(index == 0 ? -Errno.ENODEV.number() : Linux.bind(fd, at, SOCKADDR_SIZE));
            if (receive) {
                scratch.fill((byte) 0);
                Memory.putInt(at, index);
                Memory.putShort(at + MREQ_TYPE, (short) PACKET_MR_PROMISC);
                option(SOL_PACKET, PACKET_ADD_MEMBERSHIP, at, MREQ_SIZE);
            }
        }
    }

    private void option(int level, int option, long value, int length) {
        check(Linux.setsockopt(fd, level, option, value, length));
    }

    private void check(int result) {
        if (result < 0) {
            throw new LinuxException("open interface " + name, -result);
        }
    }

    public int descriptor() {
        return fd;
    }

    /** Forgets the error that {@code poll(2)} reports as {@code POLLERR}, and returns it; 0 = none. */
    public int takeError() {
        try (Arena arena = Arena.ofConfined()) {
            long at = arena.allocate(8, 8).address();
            Memory.putInt(at + 4, 4);
            Linux.getsockopt(fd, Linux.SOL_SOCKET, Linux.SO_ERROR, at, at + 4);
            return Memory.getInt(at);
        }
    }

    /** Whether the interface is there. Once removed, or moved to another namespace, it never comes back to this socket. */
    public boolean isBound() {
        try (Arena arena = Arena.ofConfined()) {
            long at = arena.allocate(SOCKADDR_SIZE + 4, 8).address();
            Memory.putInt(at + SOCKADDR_SIZE, SOCKADDR_SIZE);
            return Linux.getsockname(fd, at, at + SOCKADDR_SIZE) == 0 && Memory.getInt(at + SOCKADDR_IFINDEX) > 0;
        }
    }

    /** Frames that the kernel has dropped because they were not received fast enough, since the socket was opened. */
    public synchronized long drops() {
        if (!closed) {
            try (Arena arena = Arena.ofConfined()) {
                long at = arena.allocate(STATS_SIZE + 4, 8).address();
                Memory.putInt(at + STATS_SIZE, STATS_SIZE);
                if (Linux.getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, at, at + STATS_SIZE) == 0) {
                    // The kernel starts again at 0 with each question.
                    drops += Memory.getInt(at + STATS_DROPS) & 0xffff_ffffL;
                }
            }
        }
        return drops;
    }

    /** The VLAN tag of a received message, TPID and TCI as on the wire, or 0 where it had none. */
    public static int vlanTag(MessageVector messages, int message) {
        long aux = messages.controlData(message, SOL_PACKET, PACKET_AUXDATA);
        int status = aux == 0 ? 0 : Memory.getInt(aux);
        if ((status & TP_STATUS_VLAN_VALID) == 0) {
            return 0;
        }
        int tpid = (status & TP_STATUS_VLAN_TPID_VALID) == 0 ? ETH_P_8021Q : Memory.getShort(aux + AUX_VLAN_TPID);
        return tpid << 16 | Memory.getShort(aux + AUX_VLAN_TCI) & 0xffff;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Linux.close(fd);
        }
    }
}
