// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.kernel;

import io.ptnetmap.abi.Ioctl;
import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import java.util.List;

/**
 * A bound descriptor. netmap syncs in {@code ioctl(2)} and in {@code poll(2)} itself, so that there is nothing to announce
 * before sleeping and nothing to sync after it.
 */
final class KernelBinding implements PortBinding {
    private static final int CLOSED = -1;

    private final KernelDriver driver;
    private final Syscalls syscalls;
    private final String port;
    private final PortReply reply;
    private final Mapping memory;
    private final RingTable rings;
    private final RingSync[] txSyncs;
    private final RingSync[] rxSyncs;
    private volatile int fd;

    KernelBinding(KernelDriver driver, Syscalls syscalls, String port, int fd, PortReply reply, Mapping memory) {
        this.driver = driver;
        this.syscalls = syscalls;
        this.port = port;
        this.fd = fd;
        this.reply = reply;
        this.memory = memory;
        this.rings = RingTable.read(memory, reply);
        this.txSyncs = syncs(rings.tx(), Ioctl.NIOCTXSYNC);
        this.rxSyncs = syncs(rings.rx(), Ioctl.NIOCRXSYNC);
    }

    private RingSync[] syncs(List<Long> addresses, long request) {
        return addresses.stream()
                .map(ring -> ring == 0 ? null : (RingSync) () -> sync(ring, request))
                .toArray(RingSync[]::new);
    }

    /**
     * Syncs all rings of one direction: netmap has no finer request.
     *
     * @return false where netmap has moved {@code head}, which it does to put it right (ABI §3.4), and in transparent
     *     forwarding (ABI §12)
     */
    private boolean sync(long ring, long request) {
        int head = NetmapRing.head(ring);
        int result = syscalls.ioctl(fd, request, 0);
        if (result != 0) {
            throw syncFailed(request, -result);
        }
        return NetmapRing.head(ring) == head;
    }

    private LinuxException syncFailed(long request, int errno) {
        String name = request == Ioctl.NIOCTXSYNC ? "NIOCTXSYNC" : "NIOCRXSYNC";
        return new LinuxException(name + " of " + port, errno, Remedy.ofSync(Errno.of(errno)));
    }

    @Override
    public PortReply reply() {
        return reply;
    }

    @Override
    public RingTable rings() {
        return rings;
    }

    @Override
    public Mapping memory() {
        return memory;
    }

    @Override
    public RingSync txSync(int ring) {
        return txSyncs[ring];
    }

    @Override
    public RingSync rxSync(int ring) {
        return rxSyncs[ring];
    }

    @Override
    public int arm(int events) {
        return 0;
    }

    @Override
    public int descriptor() {
        return fd;
    }

    @Override
    public int descriptorEvents(int events) {
        return events;
    }

    /** Without events from {@code poll(2)} it may not have been called at all: looks, without waiting. */
    @Override
    public int disarm(int events, int revents) {
        return revents != 0 ? revents : syscalls.poll(fd, events);
    }

    /**
     * Gives the port back, unless the region's mapping holds it (see {@link KernelDriver}). A sync on another thread that
     * has just read the descriptor may meet the one that gets its number next: it syncs that or fails, no more.
     */
    @Override
    public void close() {
        int open;
        synchronized (this) {
            open = fd;
            fd = CLOSED;
        }
        if (open != CLOSED) {
            syscalls.close(open);
            driver.detach(this);
        }
    }
}
