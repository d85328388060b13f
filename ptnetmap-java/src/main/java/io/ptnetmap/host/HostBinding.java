// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.linux.Mapping;

/** A port of the embedded host, bound by this process, which runs it itself, whoever keeps the region. */
abstract sealed class HostBinding implements PortBinding permits PipeBinding, InterfaceBinding {
    /** By ring; null where a ring is not bound. */
    final RingSync[] txSyncs;

    final RingSync[] rxSyncs;

    private final PortReply reply;
    private final Mapping memory;
    private final Runnable release;
    private boolean closed;

    /** @param release what gives the port back to the host */
    HostBinding(PortReply reply, RegionView region, Runnable release) {
        this.reply = reply;
        this.memory = region.memory();
        this.release = release;
        this.txSyncs = new RingSync[reply.txRings()];
        this.rxSyncs = new RingSync[reply.rxRings()];
    }

    /**
     * Begins to run a port that the host has granted; gives it back where that fails.
     *
     * @param eventfd what wakes this port's user, -1 where the host does not know
     * @param peerEventfd what wakes the other end's, -1 likewise
     * @param release what gives the port back to the host
     */
    static HostBinding of(
            PortRequest request,
            Registration registration,
            RegionView region,
            int eventfd,
            int peerEventfd,
            Runnable release) {
        try {
            return switch (registration.kind()) {
                case LANES -> new PipeBinding(registration, region, eventfd, peerEventfd, release);
                case INTERFACE -> new InterfaceBinding(request.name(), registration.reply(), region, release);
            };
        } catch (RuntimeException failure) {
            release.run();
            throw failure;
        }
    }

    @Override
    public final PortReply reply() {
        return reply;
    }

    @Override
    public final Mapping memory() {
        return memory;
    }

    @Override
    public final RingSync txSync(int ring) {
        return ring < txSyncs.length ? txSyncs[ring] : null;
    }

    @Override
    public final RingSync rxSync(int ring) {
        return ring < rxSyncs.length ? rxSyncs[ring] : null;
    }

    /** Ends what this process does for the port, before it is given back. */
    void stop() {}

    @Override
    public final void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        stop();
        release.run();
    }
}
