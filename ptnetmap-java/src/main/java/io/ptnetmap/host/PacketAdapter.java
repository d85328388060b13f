// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.driver.InterfacePath;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.linux.PacketRing;
import io.ptnetmap.linux.PacketSocket;
import java.util.Optional;

/**
 * A packet socket between an interface and one ring per direction: for every interface, and without the right to load
 * programs into the kernel.
 *
 * <p>The socket is a tap: the kernel's own stack goes on receiving what the port receives. To keep it out, as netmap does,
 * have it drop everything behind the tap: {@code tc qdisc add dev eth0 clsact} and {@code tc filter add dev eth0 ingress
 * matchall action drop}. Likewise, each who opens the interface gets every frame, in rings of his own.
 */
final class PacketAdapter implements InterfaceAdapter {
    private final String why;
    private final InterfaceLink link;
    private final Optional<InterfaceTx> tx;
    private final Optional<InterfaceRx> rx;
    private volatile PacketSocket socket;
    /** Of sockets before this one. */
    private long earlierDrops;

    /** @param why there is no better way */
    PacketAdapter(String name, PortReply reply, RegionView region, RingTable table, String why) {
        if (reply.txRings() > 1 || reply.rxRings() > 1) {
            throw new LinuxException(
                    "REGISTER " + name,
                    Errno.EOPNOTSUPP,
                    "a packet socket serves one ring per direction, leave out @conf:rings; it is used because of "
                            + why);
        }
        this.why = why;
        long txRing = requireSlots(region.memory(), reply, table.txRing(0), reply.txSlots());
        long rxRing = requireSlots(region.memory(), reply, table.rxRing(0), reply.rxSlots());
        this.link = new InterfaceLink(name);
        try {
            this.socket = new PacketSocket(name, rxRing != 0, true);
        } catch (LinuxException refused) {
            link.close();
            throw refused;
        }
        this.tx = txRing == 0 ? Optional.empty() : Optional.of(new InterfaceTx(region, txRing, reply.txSlots(), this));
        this.rx = rxRing == 0 ? Optional.empty() : Optional.of(new InterfaceRx(region, rxRing, reply.rxSlots(), this));
    }

    /** The address of a ring that is known to lie in the region with all its slots; 0 where it is not bound. */
    static long requireSlots(Mapping memory, PortReply reply, long ring, int slots) {
        if (ring != 0) {
            RingTable.requireInside(memory, reply, ring, NetmapRing.size(slots));
        }
        return ring;
    }

    @Override
    public Optional<InterfaceTx> tx(int ring) {
        return ring == 0 ? tx : Optional.empty();
    }

    @Override
    public Optional<InterfaceRx> rx(int ring) {
        return ring == 0 ? rx : Optional.empty();
    }

    /** The socket's descriptor. */
    int socket() {
        return socket.descriptor();
    }

    /** The socket's ring to receive from, null where it has none. */
    PacketRing ring() {
        return socket.ring().orElse(null);
    }

    boolean isGone() {
        return link.isGone();
    }

    /** An error may mean that the interface is down or removed. */
    void failed() {
        if (link.isUp()) {
            socket.takeError();
        }
        link.failed();
    }

    /**
     * A packet socket is told once that its interface went down, and nothing when it is removed after that. So while the
     * interface is down, the port sleeps on news of links instead: nothing else can happen to it then.
     */
    @Override
    public int descriptor() {
        return link.isDown() ? link.descriptor() : socket.descriptor();
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
        return link.isDown() ? Linux.POLLIN : wanted;
    }

    @Override
    public void refresh() {
        if (!link.isUp() && link.look() && link.hasReturned()) {
            reopen();
        }
    }

    /** The interface was removed, and there is one of its name again. */
    private void reopen() {
        PacketSocket fresh;
        try {
            fresh = new PacketSocket(link.name(), rx.isPresent(), true);
        } catch (LinuxException goneAgain) {
            return;
        }
        PacketSocket before = socket;
        earlierDrops += before.drops();
        socket = fresh;
        link.take();
        // Not under a sync: the descriptor may be another file's as soon as it is closed.
        tx.ifPresent(end -> end.after(() -> {}));
        rx.ifPresent(end -> end.after(() -> {}));
        before.close();
    }

    @Override
    public void woken(int revents) {
        if ((revents & Linux.POLLERR) != 0) {
            failed();
        }
    }

    @Override
    public InterfaceLink link() {
        return link;
    }

    @Override
    public PortCounters counters() {
        return new PortCounters(
                rx.map(InterfaceRx::received).orElse(0L),
                rx.map(InterfaceRx::dropped).orElse(0L) + earlierDrops + socket.drops(),
                tx.map(InterfaceTx::sent).orElse(0L),
                tx.map(InterfaceTx::dropped).orElse(0L));
    }

    @Override
    public InterfacePath path() {
        return new InterfacePath(
                true,
                "AF_PACKET, " + (socket.ring().isPresent() ? "ring, " : "")
                        + "the kernel copies and keeps its stack on the interface (" + why + ")");
    }

    @Override
    public void close() {
        tx.ifPresent(InterfaceTx::close);
        rx.ifPresent(InterfaceRx::close);
        socket.close();
        link.close();
    }
}
