// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.Mapping;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** A port of the embedded host, bound by this process: its ends of the lanes are run here, whoever keeps the region. */
final class HostBinding implements PortBinding {
    /** Rings that never move, those of null ports, have nothing to sync. */
    private static final RingSync STILL = () -> true;

    private final PortReply reply;
    private final RegionView region;
    private final Doorbell doorbell;
    private final boolean pollPushes;
    private final Consumer<HostBinding> release;
    private final RingSync[] txSyncs;
    private final RingSync[] rxSyncs;
    private final List<PipeEnd.Tx> txEnds = new ArrayList<>();
    private final List<PipeEnd.Rx> rxEnds = new ArrayList<>();
    /** Between {@link #arm} and {@link #disarm}. */
    private boolean waiting;

    private boolean closed;

    /**
     * @param request what was asked for
     * @param doorbell becomes this port's
     * @param release gives the port back to the host
     */
    HostBinding(
            PortRequest request,
            Registration registration,
            RegionView region,
            Doorbell doorbell,
            Consumer<HostBinding> release) {
        this.pollPushes = (request.flags() & NmreqRegister.NR_NO_TX_POLL) == 0;
        this.reply = registration.reply();
        this.region = region;
        this.doorbell = doorbell;
        this.release = release;
        this.txSyncs = new RingSync[reply.txRings()];
        this.rxSyncs = new RingSync[reply.rxRings()];
        if (registration.lanes().isEmpty()) {
            Arrays.fill(txSyncs, STILL);
            Arrays.fill(rxSyncs, STILL);
        }
        for (LaneEnd end : registration.lanes()) {
            if (end.transmit()) {
                PipeEnd.Tx tx = new PipeEnd.Tx(region, end, reply.txSlots(), doorbell);
                txEnds.add(tx);
                txSyncs[end.ring()] = tx;
            } else {
                PipeEnd.Rx rx = new PipeEnd.Rx(region, end, reply.rxSlots(), doorbell);
                rxEnds.add(rx);
                rxSyncs[end.ring()] = rx;
            }
        }
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
        waiting = doorbell.enter();
        if (!waiting) {
            return Linux.POLLERR;
        }
        int ready = evaluate(events);
        if (ready != 0 || events == 0) {
            return ready;
        }
        if ((events & Linux.POLLIN) != 0) {
            for (int i = 0; i < rxEnds.size(); i++) {
                rxEnds.get(i).arm();
            }
        }
        if ((events & Linux.POLLOUT) != 0) {
            for (int i = 0; i < txEnds.size(); i++) {
                txEnds.get(i).arm();
            }
        }
        region.sleeperBarrier();
        return evaluate(events);
    }

    @Override
    public int descriptor() {
        return doorbell.descriptor();
    }

    @Override
    public int descriptorEvents(int events) {
        return Linux.POLLIN;
    }

    @Override
    public int disarm(int events, int revents) {
        if (!waiting) {
            return Linux.POLLERR;
        }
        waiting = false;
        for (int i = 0; i < rxEnds.size(); i++) {
            rxEnds.get(i).disarm();
        }
        for (int i = 0; i < txEnds.size(); i++) {
            txEnds.get(i).disarm();
        }
        if (revents != 0) {
            doorbell.drain();
        }
        doorbell.leave();
        return evaluate(events);
    }

    /** One pass of netmap's poll (ABI §4.3): pending transmissions are pushed unless the port was opened otherwise. */
    private int evaluate(int events) {
        int ready = 0;
        boolean room = (events & Linux.POLLOUT) != 0;
        for (int i = 0; (room || pollPushes) && i < txEnds.size(); i++) {
            ready |= evaluate(txEnds.get(i), room ? Linux.POLLOUT : 0);
        }
        for (int i = 0; (events & Linux.POLLIN) != 0 && i < rxEnds.size(); i++) {
            ready |= evaluate(rxEnds.get(i), Linux.POLLIN);
        }
        return ready;
    }

    private static int evaluate(PipeEnd end, int event) {
        int violation = end.sync() ? 0 : Linux.POLLERR;
        return end.ready() ? violation | event : violation;
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        doorbell.close();
        release.accept(this);
    }
}
