// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.kernel;

import io.ptnetmap.abi.Ioctl;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import java.util.List;

/**
 * A bound descriptor. netmap syncs in {@code ioctl(2)} and in {@code poll(2)} itself, so that there is nothing to announce
 * before sleeping and nothing to sync after it.
 *
 * <p>Closing a descriptor does not wake who polls it. So there is an eventfd to be polled with it, and both are closed when
 * nobody polls them any more.
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
    private final int closing;
    /** {@link #CLOSED} once the port is. */
    private volatile int fd;

    /** Descriptor of {@link #fd}, until nobody uses it. */
    private final int bound;
    /** The open port, and its threads between {@link #arm} and {@link #disarm}. Guarded by this. */
    private int holders = 1;
    /** Between {@link #arm} and {@link #disarm}. */
    private boolean waiting;

    KernelBinding(KernelDriver driver, Syscalls syscalls, String port, int fd, PortReply reply, Mapping memory) {
        this.driver = driver;
        this.syscalls = syscalls;
        this.port = port;
        this.fd = fd;
        this.bound = fd;
        this.reply = reply;
        this.memory = memory;
        this.rings = RingTable.read(memory, reply);
        this.txSyncs = syncs(rings.tx(), Ioctl.NIOCTXSYNC);
        this.rxSyncs = syncs(rings.rx(), Ioctl.NIOCRXSYNC);
        // Last, since nobody closes it where something above fails.
        this.closing = Linux.eventfd();
    }

    private RingSync[] syncs(List<Long> addresses, long request) {
        return addresses.stream()
                .map(ring -> ring == 0 ? null : (RingSync) () -> sync(request))
                .toArray(RingSync[]::new);
    }

    /**
     * Syncs all rings of one direction: netmap has no finer request.
     *
     * @return always {@link RingSync#LOOK}: netmap moves {@code head} to put it right (ABI §3.4), and in transparent
     *     forwarding (ABI §12)
     */
    private int sync(long request) {
        int result = syscalls.ioctl(fd, request, 0);
        if (result != 0) {
            throw syncFailed(request, -result);
        }
        return RingSync.LOOK;
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
        waiting = enter();
        return waiting ? 0 : Linux.POLLERR;
    }

    private synchronized boolean enter() {
        if (fd == CLOSED) {
            return false;
        }
        holders++;
        return true;
    }

    private synchronized void leave() {
        holders--;
        if (holders == 0) {
            syscalls.close(bound);
            Linux.close(closing);
        }
    }

    @Override
    public int descriptor() {
        return bound;
    }

    @Override
    public int closingDescriptor() {
        return closing;
    }

    @Override
    public int descriptorEvents(int events) {
        return events;
    }

    /** Without events from {@code poll(2)} it may not have been called at all: looks, without waiting. */
    @Override
    public int disarm(int events, int revents) {
        if (!waiting) {
            return Linux.POLLERR;
        }
        waiting = false;
        try {
            int ready = revents != 0 ? revents : syscalls.poll(bound, events);
            if ((ready & Linux.POLLERR) != 0) {
                requireDevice();
            }
            return ready;
        } finally {
            leave();
        }
    }

    /** {@code POLLERR} is also said of a ring in violation, which the syncs do not mind. */
    private void requireDevice() {
        for (long request : new long[] {Ioctl.NIOCTXSYNC, Ioctl.NIOCRXSYNC}) {
            int errno = -syscalls.ioctl(bound, request, 0);
            if (errno == Errno.EIO.number() || errno == Errno.ENXIO.number()) {
                throw syncFailed(request, errno);
            }
        }
    }

    /**
     * Gives the port back, unless the region's mapping holds it (see {@link KernelDriver}). A sync on another thread that
     * has just read the descriptor may meet the one that gets its number next: it syncs that or fails, no more.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (fd == CLOSED) {
                return;
            }
            fd = CLOSED;
            Linux.eventfdSignal(closing);
            leave();
        }
        driver.detach(this);
    }
}
