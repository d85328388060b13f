// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.adapter;

import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.linux.NetworkInterfaces;
import io.ptnetmap.memory.Memory;
import java.nio.charset.StandardCharsets;

/**
 * A tap device: what is transmitted here, the kernel's stack receives from the interface, and what the stack sends by the interface
 * is received here, one system call for each packet, straight from and into the buffers.
 *
 * <p>An interface that is not there is made, and goes with the port; one that a user was given by {@code ip tuntap add user} stays.
 * It is set up. The kernel does checksums and cuts segments to size before it hands packets over.
 */
final class TapDevice implements Device {
    private static final String CLONE = "/dev/net/tun";
    private static final long TUNSETIFF = 0x4004_54caL;
    private static final int IFF_TAP = 0x0002;
    private static final int IFF_NO_PI = 0x1000;
    // struct ifreq: name (16), then flags (2).
    private static final int IFREQ_SIZE = 40;
    private static final int IFREQ_FLAGS = 16;
    /** struct iovec: address (8), length (8). */
    private static final int IOVEC_SIZE = 16;
    /** Ethernet header with two VLAN tags, on top of the MTU. */
    private static final int OVERHEAD = 22;

    private static final int EBADFD = 77;

    private final String name;
    private final int fd;
    private final Mapping iovecs = Mapping.anonymous((long) NetmapSlot.NETMAP_MAX_FRAGS * IOVEC_SIZE);
    private final long[] descriptors = new long[NetmapSlot.NETMAP_MAX_FRAGS];
    private final int longest;
    private boolean noRoom;
    private volatile long received;
    private volatile long sent;
    private volatile long sendDropped;

    TapDevice(String name) {
        this(name, () -> {});
    }

    /** @param prepare is called when the interface is there and before it is set up */
    TapDevice(String name, Runnable prepare) {
        this.name = name;
        this.fd = open(name);
        try {
            attach(name);
            prepare.run();
            int up = NetworkInterfaces.setUp(name);
            if (up < 0 && !NetworkInterfaces.isUp(name)) {
                throw new LinuxException(
                        "set interface " + name + " up", Errno.of(-up), "run: ip link set " + name + " up");
            }
            this.longest = NetworkInterfaces.mtu(name) + OVERHEAD;
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private static int open(String name) {
        try {
            return Linux.open(CLONE, Linux.O_RDWR | Linux.O_NONBLOCK);
        } catch (LinuxException refused) {
            throw new LinuxException(
                    "open tap device " + name,
                    refused.errno(),
                    refused.errno() == Errno.ENOENT || refused.errno() == Errno.ENODEV
                            ? "there is no " + CLONE + ": load the module tun, as by modprobe tun"
                            : "no access to " + CLONE);
        }
    }

    private void attach(String device) {
        try (Mapping ifreq = Mapping.anonymous(IFREQ_SIZE)) {
            byte[] bytes = device.getBytes(StandardCharsets.UTF_8);
            if (bytes.length >= IFREQ_FLAGS) {
                throw new LinuxException("open tap device " + device, Errno.EINVAL, "its name is longer than 15 bytes");
            }
            Memory.copy(bytes, 0, ifreq.address(), bytes.length);
            Memory.putShort(ifreq.address() + IFREQ_FLAGS, (short) (IFF_TAP | IFF_NO_PI));
            int result = Linux.ioctl(fd, TUNSETIFF, ifreq.address());
            if (result < 0) {
                throw new LinuxException("open tap device " + device, -result, remedy(Errno.of(-result), device));
            }
        }
    }

    private static String remedy(Errno errno, String device) {
        return switch (errno) {
            case EPERM ->
                "making an interface needs the capability CAP_NET_ADMIN: run as root, or have it made for this user by: "
                        + "ip tuntap add " + device + " mode tap user NAME";
            case EBUSY -> "another program has it open";
            case EINVAL -> "there is an interface of this name that is no tap device, or the name cannot be one";
            default -> "the kernel refuses it";
        };
    }

    @Override
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    public void transmit(AdapterRing ring, int head) {
        noRoom = false;
        while (ring.hwcur != head) {
            int fragments = ring.fragments(ring.hwcur, head);
            if (fragments == 0) {
                return;
            }
            long result = gather(ring, fragments) ? Linux.writev(fd, iovecs.address(), fragments) : -1;
            if (result == -Errno.EAGAIN.number() || result == -Errno.ENOBUFS.number()) {
                noRoom = true;
                return;
            }
            requireThere(result);
            if (result < 0) {
                sendDropped++;
            } else {
                sent++;
            }
            ring.hwcur = ring.plus(ring.hwcur, fragments);
        }
    }

    private boolean gather(AdapterRing ring, int fragments) {
        if (fragments > NetmapSlot.NETMAP_MAX_FRAGS) {
            return false;
        }
        boolean good = true;
        for (int i = 0, slot = ring.hwcur; i < fragments; i++, slot = ring.next(slot)) {
            long descriptor = ring.descriptor(slot);
            good &= ring.valid(descriptor);
            if (good) {
                iovec(i, ring.bufferAddress(descriptor), NetmapSlot.len(descriptor));
            }
        }
        return good;
    }

    private void iovec(int index, long address, int length) {
        long at = iovecs.address() + (long) index * IOVEC_SIZE;
        Memory.putLong(at, address);
        Memory.putLong(at + Long.BYTES, length);
    }

    @Override
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    public void receive(AdapterRing ring) {
        int fragments = Math.min(NetmapSlot.NETMAP_MAX_FRAGS, Math.ceilDiv(longest, ring.bufferSize));
        int room = ring.room();
        while (room >= fragments && offer(ring, fragments)) {
            long result = Linux.readv(fd, iovecs.address(), fragments);
            if (result <= 0) {
                requireThere(result);
                return;
            }
            room -= accept(ring, (int) result);
            received++;
        }
    }

    /** Prepares the next slots' buffers. False where one is none of the region's. */
    private boolean offer(AdapterRing ring, int fragments) {
        for (int i = 0, slot = ring.hwtail; i < fragments; i++, slot = ring.next(slot)) {
            descriptors[i] = NetmapSlot.descriptor(NetmapSlot.bufIdx(ring.descriptor(slot)), 0, 0);
            if (!ring.valid(descriptors[i])) {
                return false;
            }
            iovec(i, ring.bufferAddress(descriptors[i]), ring.bufferSize);
        }
        return true;
    }

    private int accept(AdapterRing ring, int length) {
        int left = length;
        int used = 0;
        while (left > 0) {
            int part = Math.min(left, ring.bufferSize);
            left -= part;
            ring.received(ring.hwtail, descriptors[used++], part, left > 0, 0);
            ring.hwtail = ring.next(ring.hwtail);
        }
        return used;
    }

    /** A device that was removed says so to every call. */
    private void requireThere(long result) {
        if (result == -EBADFD) {
            throw new LinuxException(
                    "tap device " + name, Errno.ENXIO, "the interface has been removed: open the port again");
        }
    }

    @Override
    public int descriptor() {
        return fd;
    }

    /** Whether packets wait for room in the kernel. */
    @Override
    public boolean hasBacklog() {
        return noRoom;
    }

    @Override
    public PortCounters counters() {
        return new PortCounters(received, 0, sent, sendDropped);
    }

    @Override
    public void close() {
        Linux.close(fd);
        iovecs.close();
    }
}
