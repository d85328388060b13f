// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinkEvents;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.NetworkInterfaces;
import io.ptnetmap.linux.PacketSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket of an interface port, and what has become of its interface.
 *
 * <p>A packet socket is told once that its interface went down, and nothing when it is removed after that. So while the
 * interface is down, the port sleeps on {@link LinkEvents} instead: nothing else can happen to it then. Thread-safe; {@link
 * #close} only when nobody syncs any more.
 */
final class InterfaceLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InterfaceLink.class);

    private enum State {
        UP,
        DOWN,
        GONE
    }

    private final String name;
    private final PacketSocket socket;
    private final LinkEvents events;
    private volatile State state = State.UP;
    private boolean unreported;
    private boolean closed;

    InterfaceLink(String name, boolean receive) {
        requireInterface(name);
        this.name = name;
        this.events = new LinkEvents();
        try {
            this.socket = new PacketSocket(name, receive);
        } catch (LinuxException refused) {
            events.close();
            throw refused;
        }
        if (!NetworkInterfaces.isUp(name)) {
            failed();
            unreported = false;
        }
    }

    /** Refuses a name that no interface of this process's network namespace has. */
    static void requireInterface(String name) {
        if (NetworkInterfaces.index(name) == 0) {
            throw new LinuxException(
                    "REGISTER " + name,
                    Errno.ENXIO,
                    "this network namespace has no such interface, it has "
                            + String.join(", ", NetworkInterfaces.names()) + "; a pipe would be " + name
                            + "{1, its other end " + name + "}1");
        }
    }

    PacketSocket socket() {
        return socket;
    }

    boolean isGone() {
        return state == State.GONE;
    }

    /** Finds out what is the matter after an error that may mean that the interface is down or removed. */
    synchronized void failed() {
        if (state == State.UP && !closed) {
            socket.takeError();
            events.drain();
            State found = look();
            if (found != State.UP) {
                LOG.warn(
                        found == State.GONE
                                ? "{} has been removed: its port carries no packets any more"
                                : "{} is down: no packets until it is up again (ip link set {} up)",
                        name,
                        name);
                state = found;
                unreported = true;
            }
        }
    }

    /** Looks again whether an interface that was down still is. */
    synchronized void refresh() {
        if (state == State.DOWN && !closed) {
            events.drain();
            state = look();
            if (state == State.UP) {
                LOG.info("{} is up again", name);
            }
        }
    }

    private State look() {
        if (!socket.isBound()) {
            return State.GONE;
        }
        return NetworkInterfaces.isUp(name) ? State.UP : State.DOWN;
    }

    /** {@code POLLERR} once when the interface goes down and always when it is removed, else 0. */
    synchronized int trouble() {
        return unreported || state == State.GONE ? Linux.POLLERR : 0;
    }

    synchronized void forgetTrouble() {
        unreported = false;
    }

    int descriptor() {
        return state == State.DOWN ? events.descriptor() : socket.descriptor();
    }

    int descriptorEvents(int socketEvents) {
        return state == State.DOWN ? Linux.POLLIN : socketEvents;
    }

    @Override
    public synchronized void close() {
        closed = true;
        socket.close();
        events.close();
    }
}
