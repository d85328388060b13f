// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.InterfacePath;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.linux.NetworkInterfaces;
import io.ptnetmap.linux.PacketSocket;
import io.ptnetmap.linux.XdpProgram;
import io.ptnetmap.linux.XdpSocket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * XDP sockets on the queues of an interface, and the program that directs frames to them. Gone with the interface; for
 * another, another one is made.
 */
final class XdpAttachment implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(XdpAttachment.class);
    private static final long PATIENCE = 300_000_000;
    private static final long PAUSE = 1_000_000;
    /** Ethernet header and two VLAN tags. */
    private static final int OVERHEAD = 14 + 2 * 4;
    /** Drivers whose frames may come straight from a sender's stack on this machine. */
    private static final Set<String> LOCAL_DRIVERS = Set.of("veth", "tun");

    /** By queue. */
    private final SortedMap<Integer, XdpSocket> sockets = new TreeMap<>();

    private final List<AutoCloseable> others = new ArrayList<>();
    private final int index;
    private final String driver;
    private final boolean generic;
    private Optional<XdpProgram> program = Optional.empty();
    private boolean zeroCopy;
    private boolean several;
    private String whyCopied = "";

    /**
     * Joins sockets to an interface.
     *
     * @param name the interface
     * @param rx which of the port's receive rings are bound; the queues are spread over all
     * @param tx which of the transmit rings are bound; each has a queue of its own
     * @throws LinuxException where that is not possible; nothing is left then
     */
    XdpAttachment(
            String name,
            XdpMemory memory,
            XdpSocket.Sizes sizes,
            List<Boolean> rx,
            List<Boolean> tx,
            InterfaceMode mode) {
        this.index = NetworkInterfaces.index(name);
        int queues = NetworkInterfaces.receiveQueues(name);
        this.driver = NetworkInterfaces.driver(name);
        this.generic = mode == InterfaceMode.XDP_GENERIC;
        int rings = Math.max(rx.size(), tx.size());
        if (rings > queues) {
            throw new LinuxException(
                    "REGISTER " + name,
                    Errno.EINVAL,
                    "the interface has " + queues + " queues, which cannot serve " + rings + " rings: ask for at most "
                            + queues + ", or give it more: ethtool -L " + name);
        }
        try {
            for (int queue = 0; queue < queues; queue++) {
                boolean receives = rx.get(queue % rx.size());
                boolean sends = queue < tx.size() && tx.get(queue);
                if (receives || sends) {
                    XdpSocket.Sizes some =
                            new XdpSocket.Sizes(receives ? sizes.receive() : 0, sends ? sizes.transmit() : 0);
                    sockets.put(
                            queue, sockets.isEmpty() ? first(name, queue, memory, some, mode) : another(queue, some));
                }
            }
            if (rx.contains(true)) {
                XdpProgram loaded = new XdpProgram(
                        index, queues, generic ? XdpProgram.Attachment.GENERIC : XdpProgram.Attachment.NATIVE);
                program = Optional.of(loaded);
                others.add(PacketSocket.promiscuous(name));
            }
        } catch (LinuxException refused) {
            close();
            throw explained(refused, name);
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private XdpSocket first(String name, int queue, XdpMemory memory, XdpSocket.Sizes sizes, InterfaceMode mode) {
        boolean longFrames = NetworkInterfaces.mtu(name) + OVERHEAD > memory.room();
        if (mode == InterfaceMode.XDP_COPY || mode == InterfaceMode.XDP_GENERIC) {
            whyCopied = "asked for by " + InterfaceMode.VARIABLE;
        } else if (LOCAL_DRIVERS.contains(driver) && mode != InterfaceMode.XDP_ZEROCOPY) {
            // Trying takes time.
            whyCopied = "the driver " + driver + " has no zero-copy";
        } else if (!memory.allowsZeroCopy() && mode != InterfaceMode.XDP_ZEROCOPY) {
            whyCopied = "the region's buffers cross pages: it needs headroom, and buffers of 2048 or 4096 bytes";
        } else {
            XdpSocket socket = new XdpSocket(memory.umem(), sizes);
            try {
                patiently(() -> socket.bind(index, queue, XdpSocket.Mode.ZERO_COPY, longFrames));
                zeroCopy = true;
                several = longFrames;
                return socket;
            } catch (LinuxException refused) {
                socket.close();
                if (mode == InterfaceMode.XDP_ZEROCOPY || refused.errno() == Errno.EBUSY) {
                    throw refused;
                }
                whyCopied = "the driver " + driver + " has no zero-copy" + (longFrames ? " for an MTU this long" : "");
            }
        }
        return copying(queue, memory, sizes, longFrames);
    }

    private XdpSocket copying(int queue, XdpMemory memory, XdpSocket.Sizes sizes, boolean needsPieces) {
        XdpSocket socket = new XdpSocket(memory.umem(), sizes);
        try {
            patiently(() -> socket.bind(index, queue, XdpSocket.Mode.COPY, true));
            several = true;
            return socket;
        } catch (LinuxException refused) {
            socket.close();
            if (refused.errno() != Errno.EINVAL || needsPieces) {
                throw refused;
            }
        }
        // Before Linux 6.6.
        XdpSocket plain = new XdpSocket(memory.umem(), sizes);
        try {
            plain.bind(index, queue, XdpSocket.Mode.COPY, false);
            return plain;
        } catch (LinuxException refused) {
            plain.close();
            throw refused;
        }
    }

    /** Tries for a while: the kernel lets go of a queue some time after its last socket was closed. */
    private static void patiently(Runnable bind) {
        long deadline = System.nanoTime() + PATIENCE;
        while (true) {
            try {
                bind.run();
                return;
            } catch (LinuxException refused) {
                if (refused.errno() != Errno.EBUSY || System.nanoTime() > deadline) {
                    throw refused;
                }
            }
            Linux.poll(-1, 0, PAUSE);
        }
    }

    private XdpSocket another(int queue, XdpSocket.Sizes sizes) {
        XdpSocket socket = new XdpSocket(sizes);
        try {
            patiently(() -> socket.bind(index, queue, sockets.get(sockets.firstKey())));
            return socket;
        } catch (LinuxException refused) {
            socket.close();
            throw refused;
        }
    }

    private static LinuxException explained(LinuxException refused, String name) {
        String remedy = switch (refused.errno()) {
            case EPERM ->
                "XDP needs the capabilities CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF: run as root, or grant them";
            case ENOBUFS ->
                "the region is more memory than the process may lock: raise ulimit -l, or grant CAP_IPC_LOCK, or make the"
                        + " region smaller";
            case EBUSY ->
                "another program has an XDP socket or program on " + name + ": close it there (ip link show " + name
                        + " names the program), or set " + InterfaceMode.VARIABLE
                        + "=packet to receive what it leaves";
            case ERANGE -> "the driver runs no XDP program with an MTU this long: ip link set " + name + " mtu 1500";
            case EOPNOTSUPP -> "the driver of " + name + " cannot run XDP programs";
            case EINVAL -> "the kernel or the driver of " + name + " is too old, or its MTU too long";
            default -> "";
        };
        return new LinuxException(refused.request(), refused.number(), remedy);
    }

    /** All of them. */
    Collection<XdpSocket> sockets() {
        return sockets.values();
    }

    /** That of a queue which has one. */
    XdpSocket socket(int queue) {
        return Optional.ofNullable(sockets.get(queue)).orElseThrow();
    }

    /** Those whose frames go to a receive ring, of this many. */
    List<XdpSocket> socketsOf(int ring, int rings) {
        List<XdpSocket> own = new ArrayList<>();
        sockets.forEach((queue, socket) -> {
            if (queue % rings == ring) {
                own.add(socket);
            }
        });
        return own;
    }

    /** Has frames come, by now that there are buffers for them. */
    void direct() {
        program.ifPresent(loaded -> sockets.forEach((queue, socket) -> {
            if (socket.receives()) {
                loaded.direct(queue, socket);
            }
        }));
    }

    /** Whether packets may be in several pieces. */
    boolean inPieces() {
        return several;
    }

    /** Whether checksums may be left to be completed. */
    boolean leavesChecksums() {
        return generic || LOCAL_DRIVERS.contains(driver);
    }

    long drops() {
        return sockets.values().stream().mapToLong(XdpSocket::drops).sum();
    }

    InterfacePath path() {
        return new InterfacePath(
                !zeroCopy,
                "AF_XDP, " + (generic ? "generic" : "native") + ", "
                        + (zeroCopy ? "zero-copy: the hardware uses the region" : "the kernel copies: " + whyCopied)
                        + ", " + sockets.size() + (sockets.size() == 1 ? " queue" : " queues"));
    }

    /**
     * Waits until another socket can have a queue: hardware that receives into buffers itself does so until the kernel has let go
     * of the queue, some time after its socket was closed.
     */
    private void awaitRelease(int queue) {
        try (Mapping other = Mapping.anonymous(2L * XdpSocket.MOST_CHUNK);
                XdpSocket probe = new XdpSocket(
                        new XdpSocket.Umem(other.address(), other.length(), XdpSocket.MOST_CHUNK, true),
                        new XdpSocket.Sizes(1, 0))) {
            patiently(() -> probe.bind(index, queue, XdpSocket.Mode.COPY, false));
        } catch (LinuxException gone) {
            // The interface is, or another program was faster; either has the queue's buffers let go of.
            LOG.debug("queue {}: {}", queue, gone.getMessage());
        }
    }

    @Override
    public void close() {
        program.ifPresent(XdpProgram::close);
        sockets.values().forEach(XdpSocket::close);
        if (zeroCopy) {
            sockets.keySet().forEach(this::awaitRelease);
        }
        for (AutoCloseable other : others) {
            try {
                other.close();
            } catch (Exception impossible) {
                throw new AssertionError(impossible);
            }
        }
    }
}
