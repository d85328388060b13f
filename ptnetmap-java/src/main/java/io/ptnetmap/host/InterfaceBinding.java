// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.RingTable;
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
    private final InterfaceLink link;
    private final Optional<InterfaceTx> tx;
    private final Optional<InterfaceRx> rx;

    InterfaceBinding(String name, PortReply reply, RegionView region, Owner owner) {
        super(reply, region, owner);
        long txRing = requireSlots(rings().txRing(0), reply.txSlots());
        long rxRing = requireSlots(rings().rxRing(0), reply.rxSlots());
        this.link = new InterfaceLink(name, rxRing != 0);
        this.tx = txRing == 0 ? Optional.empty() : Optional.of(new InterfaceTx(region, txRing, reply.txSlots(), link));
        this.rx = rxRing == 0 ? Optional.empty() : Optional.of(new InterfaceRx(region, rxRing, reply.rxSlots(), link));
        txSyncs[0] = tx.orElse(null);
        rxSyncs[0] = rx.orElse(null);
    }

    private long requireSlots(long ring, int slots) {
        if (ring != 0) {
            RingTable.requireInside(memory(), reply(), ring, NetmapRing.size(slots));
        }
        return ring;
    }

    @Override
    public int arm(int events) {
        return evaluate(events);
    }

    @Override
    public int descriptor() {
        return link.descriptor();
    }

    /** A full receive ring has no use for more packets, and unsent ones want room whatever the caller waits for. */
    @Override
    public int descriptorEvents(int events) {
        int wanted = 0;
        if ((events & Linux.POLLIN) != 0 && rx.isPresent() && rx.get().hasRoom()) {
            wanted |= Linux.POLLIN;
        }
        if ((events & Linux.POLLOUT) != 0 || tx.isPresent() && tx.get().hasBacklog()) {
            wanted |= Linux.POLLOUT;
        }
        return link.descriptorEvents(wanted);
    }

    @Override
    public int disarm(int events, int revents) {
        if ((revents & Linux.POLLERR) != 0) {
            link.failed();
        }
        int ready = evaluate(events);
        // Reported only here: what arm() finds is looked for again.
        tx.ifPresent(RingEnd::forgetViolation);
        rx.ifPresent(RingEnd::forgetViolation);
        link.forgetTrouble();
        return ready;
    }

    /** One pass of netmap's poll (ABI §4.3): pending transmissions are pushed in any case. */
    private int evaluate(int events) {
        link.refresh();
        int ready = 0;
        if (tx.isPresent()) {
            ready |= evaluate(tx.get(), Linux.POLLOUT & events);
        }
        if (rx.isPresent() && (events & Linux.POLLIN) != 0) {
            ready |= evaluate(rx.get(), Linux.POLLIN);
        }
        return ready | link.trouble();
    }

    @Override
    public Optional<PortCounters> counters() {
        return Optional.of(new PortCounters(
                rx.map(InterfaceRx::received).orElse(0L),
                rx.map(InterfaceRx::dropped).orElse(0L) + link.socket().drops(),
                tx.map(InterfaceTx::sent).orElse(0L),
                tx.map(InterfaceTx::dropped).orElse(0L)));
    }

    @Override
    void stop() {
        tx.ifPresent(InterfaceTx::close);
        rx.ifPresent(InterfaceRx::close);
        link.close();
    }
}
