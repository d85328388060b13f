// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.linux.Linux;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A pipe's end, or a null port: the ends of the lanes are run here, whoever keeps the region. */
final class PipeBinding extends HostBinding {
    /** Rings that never move, those of null ports, have nothing to sync. */
    private static final RingSync STILL = () -> RingSync.LOOK;

    private final RegionView region;
    private final Doorbell doorbell;
    private final boolean pollPushes;
    private final List<PipeEnd> txEnds = new ArrayList<>();
    private final List<PipeEnd> rxEnds = new ArrayList<>();
    /** Between {@link #arm} and {@link #disarm}. */
    private boolean waiting;

    /**
     * @param request what was asked for
     * @param doorbell becomes this port's
     */
    PipeBinding(PortRequest request, Registration registration, RegionView region, Doorbell doorbell, Owner owner) {
        super(registration.reply(), region, owner);
        this.region = region;
        this.doorbell = doorbell;
        this.pollPushes = (request.flags() & NmreqRegister.NR_NO_TX_POLL) == 0;
        if (registration.lanes().isEmpty()) {
            Arrays.fill(txSyncs, STILL);
            Arrays.fill(rxSyncs, STILL);
        }
        for (LaneEnd end : registration.lanes()) {
            if (end.transmit()) {
                PipeEnd tx = new PipeEnd.Tx(region, end, reply().txSlots(), doorbell, false);
                txEnds.add(tx);
                txSyncs[end.ring()] = tx;
            } else {
                PipeEnd rx = new PipeEnd.Rx(region, end, reply().rxSlots(), doorbell, false);
                rxEnds.add(rx);
                rxSyncs[end.ring()] = rx;
            }
        }
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
        boolean fenced = true;
        for (int i = 0; (events & Linux.POLLIN) != 0 && i < rxEnds.size(); i++) {
            fenced &= rxEnds.get(i).arm();
        }
        for (int i = 0; (events & Linux.POLLOUT) != 0 && i < txEnds.size(); i++) {
            fenced &= txEnds.get(i).arm();
        }
        region.sleeperBarrier(fenced);
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
        disarm(rxEnds);
        disarm(txEnds);
        if (revents != 0) {
            doorbell.drain();
        }
        doorbell.leave();
        int ready = evaluate(events);
        forgetViolations(rxEnds);
        forgetViolations(txEnds);
        return ready;
    }

    private static void disarm(List<PipeEnd> ends) {
        for (int i = 0; i < ends.size(); i++) {
            ends.get(i).disarm();
        }
    }

    private static void forgetViolations(List<PipeEnd> ends) {
        for (int i = 0; i < ends.size(); i++) {
            ends.get(i).forgetViolation();
        }
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

    @Override
    void stop() {
        doorbell.close();
    }
}
