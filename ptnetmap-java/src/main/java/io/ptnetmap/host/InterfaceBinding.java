// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.linux.Linux;
import java.util.Optional;

/**
 * A port that is a network interface, such as {@code netmap:eth0}: one transmit and one receive ring in the host's region,
 * joined to the interface by a packet socket of the process that has opened the port, with that process's privileges and in
 * its network namespace.
 *
 * <p>The socket is a tap: the kernel's own stack goes on receiving what the port receives. To keep it out, as netmap does,
 * have it drop everything behind the tap: {@code tc qdisc add dev eth0 clsact} and {@code tc filter add dev eth0 ingress
 * matchall action drop}. Likewise, each who opens the interface gets every frame, in rings of his own.
 */
final class InterfaceBinding extends HostBinding {
    private final InterfaceRings rings;

    InterfaceBinding(String name, PortReply reply, RegionView region, Owner owner) {
        super(reply, region, owner);
        this.rings = new InterfaceRings(name, reply, region, rings());
        txSyncs[0] = rings.tx.orElse(null);
        rxSyncs[0] = rings.rx.orElse(null);
    }

    @Override
    public int arm(int events) {
        return evaluate(events);
    }

    @Override
    public int descriptor() {
        return rings.link.descriptor();
    }

    @Override
    public int descriptorEvents(int events) {
        return rings.descriptorEvents(events);
    }

    @Override
    public int disarm(int events, int revents) {
        if ((revents & Linux.POLLERR) != 0) {
            rings.link.failed();
        }
        int ready = evaluate(events);
        // Reported only here: what arm() finds is looked for again.
        rings.tx.ifPresent(RingEnd::forgetViolation);
        rings.rx.ifPresent(RingEnd::forgetViolation);
        rings.link.forgetTrouble();
        return ready;
    }

    /** One pass of netmap's poll (ABI §4.3): pending transmissions are pushed in any case. */
    private int evaluate(int events) {
        rings.link.refresh();
        int ready = 0;
        if (rings.tx.isPresent()) {
            ready |= evaluate(rings.tx.get(), Linux.POLLOUT & events);
        }
        if (rings.rx.isPresent() && (events & Linux.POLLIN) != 0) {
            ready |= evaluate(rings.rx.get(), Linux.POLLIN);
        }
        return ready | rings.link.trouble();
    }

    @Override
    public Optional<PortCounters> counters() {
        return Optional.of(new PortCounters(
                rings.rx.map(InterfaceRx::received).orElse(0L),
                rings.rx.map(InterfaceRx::dropped).orElse(0L)
                        + rings.link.socket().drops(),
                rings.tx.map(InterfaceTx::sent).orElse(0L),
                rings.tx.map(InterfaceTx::dropped).orElse(0L)));
    }

    @Override
    void stop() {
        rings.close();
    }
}
