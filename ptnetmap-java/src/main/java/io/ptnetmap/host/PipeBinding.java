// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.RingSync;
import io.ptnetmap.linux.Linux;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A pipe's end, or a null port: the ends of the lanes are run here, whoever keeps the region. */
final class PipeBinding extends HostBinding {
    /** Rings that never move, those of null ports, have nothing to sync. */
    private static final RingSync STILL = () -> true;

    private final RegionView region;
    private final int eventfd;
    private final List<PipeEnd.Tx> txEnds = new ArrayList<>();
    private final List<PipeEnd.Rx> rxEnds = new ArrayList<>();

    /**
     * @param eventfd what wakes this port's user
     * @param peerEventfd what wakes the other end's
     * @param release what gives the port back to the host
     */
    PipeBinding(Registration registration, RegionView region, int eventfd, int peerEventfd, Runnable release) {
        super(registration.reply(), region, release);
        this.region = region;
        this.eventfd = eventfd;
        if (registration.lanes().isEmpty()) {
            Arrays.fill(txSyncs, STILL);
            Arrays.fill(rxSyncs, STILL);
        }
        for (LaneEnd end : registration.lanes()) {
            if (end.transmit()) {
                PipeEnd.Tx tx = new PipeEnd.Tx(region, end, peerEventfd);
                txEnds.add(tx);
                txSyncs[end.ring()] = tx;
            } else {
                PipeEnd.Rx rx = new PipeEnd.Rx(region, end, peerEventfd);
                rxEnds.add(rx);
                rxSyncs[end.ring()] = rx;
            }
        }
    }

    @Override
    public int arm(int events) {
        int ready = evaluate(events);
        if (ready != 0 || events == 0) {
            return ready;
        }
        if ((events & Linux.POLLIN) != 0) {
            rxEnds.forEach(PipeEnd::arm);
        }
        if ((events & Linux.POLLOUT) != 0) {
            txEnds.forEach(PipeEnd::arm);
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
        rxEnds.forEach(PipeEnd::disarm);
        txEnds.forEach(PipeEnd::disarm);
        if (revents != 0) {
            Linux.eventfdDrain(eventfd);
        }
        int ready = evaluate(events);
        // Reported only here: what arm() finds is looked for again.
        txEnds.forEach(RingEnd::forgetViolation);
        rxEnds.forEach(RingEnd::forgetViolation);
        return ready;
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
            ready |= end.trouble();
        }
        for (PipeEnd.Rx end : rxEnds) {
            ready |= end.trouble();
        }
        return ready;
    }
}
