// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Linux;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/** A switch port of the process that keeps the switch: packets are forwarded by the threads that send them. */
final class ValeBinding extends DoorbellBinding<ValeTx, ValeRx> {
    private final ValePort port;

    /** @param rings with those of the grant open */
    ValeBinding(PortRequest request, Grant grant, ValeRings rings, Owner owner) {
        super(request, grant.registration().reply(), grant.region().view(), ownBell(), owner);
        this.port = rings.port();
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

    /** Its own other end: senders ring it. */
    private static Doorbell ownBell() {
        int eventfd = Linux.eventfd();
        return new Doorbell(eventfd, Linux.duplicate(eventfd));
    }

    @Override
    void armEnds(int events) {
        for (int i = 0; (events & Linux.POLLIN) != 0 && i < rxEnds.size(); i++) {
            rxEnds.get(i).queue().arm();
        }
        VarHandle.fullFence();
    }

    @Override
    void disarmEnds() {
        for (int i = 0; i < rxEnds.size(); i++) {
            rxEnds.get(i).queue().disarm();
        }
    }

    /** Of the whole port, whoever has its other rings. */
    @Override
    public Optional<PortCounters> counters() {
        return Optional.of(port.counters().forUser());
    }
}
