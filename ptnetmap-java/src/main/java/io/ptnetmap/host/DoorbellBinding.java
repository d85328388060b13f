// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Linux;
import java.util.ArrayList;
import java.util.List;

/**
 * A port whose user sleeps on a doorbell that the other side rings: asked to, and only then.
 *
 * @param <T> ends of transmit rings
 * @param <R> ends of receive rings
 */
abstract sealed class DoorbellBinding<T extends RingEnd, R extends RingEnd> extends HostBinding
        permits PipeBinding, ValeBinding, CsbBinding {
    final Doorbell doorbell;
    final List<T> txEnds = new ArrayList<>();
    final List<R> rxEnds = new ArrayList<>();
    private final boolean pollPushes;
    /** Between {@link #arm} and {@link #disarm}. */
    private boolean waiting;

    /** @param doorbell becomes this port's */
    DoorbellBinding(PortRequest request, PortReply reply, RegionView region, Doorbell doorbell, Owner owner) {
        super(reply, region, owner);
        this.doorbell = doorbell;
        this.pollPushes = (request.flags() & NmreqRegister.NR_NO_TX_POLL) == 0;
    }

    /**
     * Has the other side ring for what is waited for, and passes a barrier: what it does from then on wakes, what it has done
     * before is seen at the next sync.
     */
    abstract void armEnds(int events);

    abstract void disarmEnds();

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
        armEnds(events);
        return evaluate(events);
    }

    @Override
    public final int descriptor() {
        return doorbell.descriptor();
    }

    @Override
    public final int descriptorEvents(int events) {
        return Linux.POLLIN;
    }

    @Override
    public int disarm(int events, int revents) {
        if (!waiting) {
            return Linux.POLLERR;
        }
        waiting = false;
        disarmEnds();
        if (revents != 0) {
            doorbell.drain();
        }
        doorbell.leave();
        int ready = evaluate(events);
        forgetViolations(txEnds);
        forgetViolations(rxEnds);
        return ready;
    }

    private static void forgetViolations(List<? extends RingEnd> ends) {
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
