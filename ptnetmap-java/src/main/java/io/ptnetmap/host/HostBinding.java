// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.Mapping;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A port of the embedded host, bound by this process: its ends of the lanes are run here, whoever keeps the region. */
final class HostBinding implements PortBinding {
    /** Rings that never move, those of null ports, have nothing to sync. */
    private static final RingSync STILL = () -> true;

    private final PortReply reply;
    private final RegionView region;
    private final int eventfd;
    private final Runnable release;
    private final RingSync[] txSyncs;
    private final RingSync[] rxSyncs;
    private final PipeEnd.Tx[] txEnds;
    private final PipeEnd.Rx[] rxEnds;
    private boolean closed;

    /**
     * @param eventfd what wakes this port's user
     * @param peerEventfd what wakes the other end's
     * @param release what gives the port back to the host
     */
    HostBinding(Registration registration, RegionView region, int eventfd, int peerEventfd, Runnable release) {
        this.reply = registration.reply();
        this.region = region;
        this.eventfd = eventfd;
        this.release = release;
        this.txSyncs = new RingSync[reply.txRings()];
        this.rxSyncs = new RingSync[reply.rxRings()];
        if (registration.lanes().isEmpty()) {
            Arrays.fill(txSyncs, STILL);
            Arrays.fill(rxSyncs, STILL);
        }
        List<PipeEnd.Tx> sending = new ArrayList<>();
        List<PipeEnd.Rx> receiving = new ArrayList<>();
        for (LaneEnd end : registration.lanes()) {
            if (end.transmit()) {
                PipeEnd.Tx tx = new PipeEnd.Tx(region, end, peerEventfd);
                sending.add(tx);
                txSyncs[end.ring()] = tx;
            } else {
                PipeEnd.Rx rx = new PipeEnd.Rx(region, end, peerEventfd);
                receiving.add(rx);
                rxSyncs[end.ring()] = rx;
            }
        }
        this.txEnds = sending.toArray(PipeEnd.Tx[]::new);
        this.rxEnds = receiving.toArray(PipeEnd.Rx[]::new);
    }

    @Override
    public PortReply reply() {
        return reply;
    }

    @Override
    public Mapping memory() {
        return region.memory();
    }

    @Override
    public RingSync txSync(int ring) {
        return ring < txSyncs.length ? txSyncs[ring] : null;
    }

    @Override
    public RingSync rxSync(int ring) {
        return ring < rxSyncs.length ? rxSyncs[ring] : null;
    }

    @Override
    public int arm(int events) {
        int ready = evaluate(events);
        if (ready != 0 || events == 0) {
            return ready;
        }
        if ((events & Linux.POLLIN) != 0) {
            for (PipeEnd end : rxEnds) {
                end.arm();
            }
        }
        if ((events & Linux.POLLOUT) != 0) {
            for (PipeEnd end : txEnds) {
                end.arm();
            }
        }
        region.sleeperBarrier();
        return evaluate(events);
    }

    @Override
    public int descriptor() {
        return eventfd;
    }

    @Override
    public int descriptorEvents(int events) {
        return Linux.POLLIN;
    }

    @Override
    public int disarm(int events, int revents) {
        for (PipeEnd end : rxEnds) {
            end.disarm();
        }
        for (PipeEnd end : txEnds) {
            end.disarm();
        }
        if (revents != 0) {
            Linux.eventfdDrain(eventfd);
        }
        return evaluate(events);
    }

    /** One pass of netmap's poll (ABI §4.3): pending transmissions are pushed in any case. */
    private int evaluate(int events) {
        int ready = 0;
        for (PipeEnd.Tx end : txEnds) {
            end.sync();
            if ((events & Linux.POLLOUT) != 0 && end.ready()) {
                ready |= Linux.POLLOUT;
            }
        }
        if ((events & Linux.POLLIN) != 0) {
            for (PipeEnd.Rx end : rxEnds) {
                end.sync();
                if (end.ready()) {
                    ready |= Linux.POLLIN;
                }
            }
        }
        for (PipeEnd.Tx end : txEnds) {
            ready |= end.takeViolation() ? Linux.POLLERR : 0;
        }
        for (PipeEnd.Rx end : rxEnds) {
            ready |= end.takeViolation() ? Linux.POLLERR : 0;
        }
        return ready;
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        release.run();
    }
}
