// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.InterfacePath;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What joins a port's rings to a network interface, with the privileges and in the network namespace of this process.
 *
 * <p>Each ring is for one thread, the rest for the thread that waits.
 */
sealed interface InterfaceAdapter extends AutoCloseable permits PacketAdapter, XdpAdapter {
    /** The end of transmit ring {@code ring}; empty where it is not bound. */
    Optional<? extends RingEnd> tx(int ring);

    /** The end of receive ring {@code ring}, likewise. */
    Optional<? extends RingEnd> rx(int ring);

    /** What to sleep on. */
    int descriptor();

    /** The events to ask {@code poll(2)} for, given what the caller waits for. Called before each sleep. */
    int descriptorEvents(int events);

    /** Before a sleep: finds out what has become of the interface, where it is known to be in trouble. */
    void refresh();

    /** After a sleep: what {@code poll(2)} has said. */
    void woken(int revents);

    /** What becomes of the interface. */
    InterfaceLink link();

    /** {@code POLLERR} once when the interface goes down and as long as it is away, else 0. */
    default int trouble() {
        return link().trouble();
    }

    /** Trouble has been told. */
    default void forgetTrouble() {
        link().forgetTrouble();
    }

    PortCounters counters();

    InterfacePath path();

    @Override
    void close();

    /** The ends of the bound rings, those of transmit rings first. */
    default List<RingEnd> ends(PortReply reply) {
        List<RingEnd> ends = new ArrayList<>();
        for (int i = 0; i < reply.txRings(); i++) {
            tx(i).ifPresent(ends::add);
        }
        for (int i = 0; i < reply.rxRings(); i++) {
            rx(i).ifPresent(ends::add);
        }
        return ends;
    }

    /** Joins rings to an interface in the way that {@link InterfaceMode} says. */
    static InterfaceAdapter open(String name, Registration port, RegionView region, RingTable table) {
        InterfaceLink.requireInterface(name);
        InterfaceMode mode = InterfaceMode.of(name);
        InterfaceAdapter adapter = switch (mode) {
            case PACKET ->
                new PacketAdapter(name, port.reply(), region, table, "asked for by " + InterfaceMode.VARIABLE);
            case AUTO -> best(name, port, region, table);
            case XDP, XDP_ZEROCOPY, XDP_COPY, XDP_GENERIC -> new XdpAdapter(name, port, region, table, mode);
        };
        Logger log = LoggerFactory.getLogger(InterfaceAdapter.class);
        log.info("{}: {}", name, adapter.path().description());
        return adapter;
    }

    private static InterfaceAdapter best(String name, Registration port, RegionView region, RingTable table) {
        try {
            return new XdpAdapter(name, port, region, table, InterfaceMode.AUTO);
        } catch (LinuxException refused) {
            if (refused.errno() == Errno.EBUSY && bound(table.rx())) {
                // A packet socket would get nothing: the other one takes all frames.
                throw refused;
            }
            try {
                return new PacketAdapter(name, port.reply(), region, table, "no XDP socket: " + refused.getMessage());
            } catch (LinuxException neither) {
                throw new LinuxException(
                        "join " + name,
                        neither.number(),
                        "by a packet socket: " + neither.getMessage() + "; by an XDP socket: " + refused.getMessage());
            }
        }
    }

    /** Whether one of these rings is. */
    static boolean bound(List<Long> rings) {
        return rings.stream().anyMatch(ring -> ring != 0);
    }
}
