// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Linux;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A switch port of the process that keeps the switch: packets are forwarded by the threads that send them. */
final class ValeBinding extends HostBinding {
    private final ValePort port;
    private final Doorbell doorbell;
    private final boolean pollPushes;
    private final List<ValeTx> txEnds = new ArrayList<>();
    private final List<ValeRx> rxEnds = new ArrayList<>();
    /** Between {@link #arm} and {@link #disarm}. */
    private boolean waiting;

    /** @param rings with those of the grant open */
    ValeBinding(PortRequest request, Grant grant, ValeRings rings, Owner owner) {
        super(grant.registration().reply(), grant.region().view(), owner);
        this.port = rings.port();
        this.pollPushes = (request.flags() & NmreqRegister.NR_NO_TX_POLL) == 0;
        // Its own other end: senders ring it.
        int eventfd = Linux.eventfd();
        this.doorbell = new Doorbell(eventfd, Linux.duplicate(eventfd));
        for (Grant.HeldRing held : grant.rings()) {
            if (held.transmit()) {
                ValeTx tx = rings.tx(held.ring());
                txEnds.add(tx);
                txSyncs[held.ring()] = tx;
            } else {
                ValeRx rx = rings.rx(held.ring());
                rx.queue().wakeUp(doorbell::ringPeer);
                rxEnds.add(rx);
                rxSyncs[held.ring()] = rx;
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
        if (ready != 0 || (events & Linux.POLLIN) == 0) {
            return ready;
        }
        for (int i = 0; i < rxEnds.size(); i++) {
            rxEnds.get(i).queue().arm();
        }
        VarHandle.fullFence();
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
            rxEnds.get(i).queue().disarm();
        }
        if (revents != 0) {
            doorbell.drain();
        }
        doorbell.leave();
        int ready = evaluate(events);
        txEnds.forEach(RingEnd::forgetViolation);
        rxEnds.forEach(RingEnd::forgetViolation);
        return ready;
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

    /** Of the whole port, whoever has its other rings. */
    @Override
    public Optional<PortCounters> counters() {
        return Optional.of(port.counters().forUser());
    }

    @Override
    void stop() {
        doorbell.close();
    }
}
