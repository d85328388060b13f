// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinkEvents;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.NetworkInterfaces;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has become of a port's interface: it may go down and up again, be renamed, be removed, and come back as a new one of
 * the same name. Thread-safe; {@link #close} only when nobody syncs any more.
 */
final class InterfaceLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InterfaceLink.class);

    private enum State {
        UP,
        DOWN,
        GONE
    }

    private final String name;
    private final LinkEvents events;
    private volatile int index;
    private volatile String currentName;
    private volatile State state = State.UP;
    private boolean unreported;
    private boolean closed;

    InterfaceLink(String name) {
        requireInterface(name);
        this.name = name;
        this.currentName = name;
        this.events = new LinkEvents();
        this.index = NetworkInterfaces.index(name);
        change(find());
        unreported = false;
    }

    /** Whether a name can only be an interface's: a pipe's has a brace, a switch port's a colon. */
    static boolean isMeant(String name) {
        return !name.isEmpty() && name.indexOf('{') < 0 && name.indexOf('}') < 0 && name.indexOf(':') < 0;
    }

    /** As {@link #requireInterface}, where the name can only be an interface's. */
    static void requireIfMeant(String name) {
        if (isMeant(name)) {
            requireInterface(name);
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

    /** The name that the port was opened by. */
    String name() {
        return name;
    }

    /** The name that the interface has now. */
    String currentName() {
        return currentName;
    }

    int index() {
        return index;
    }

    boolean isUp() {
        return state == State.UP;
    }

    boolean isDown() {
        return state == State.DOWN;
    }

    boolean isGone() {
        return state == State.GONE;
    }

    /** Finds out what is the matter after an error that may mean that the interface is down or removed. */
    synchronized void failed() {
        if (state == State.UP && !closed) {
            events.drain();
            change(find());
        }
    }

    /** Looks whether anything has happened to interfaces, and if so whether it concerns this one. Returns the former. */
    synchronized boolean look() {
        boolean news = !closed && events.drain();
        if (news && state != State.GONE) {
            change(find());
        }
        return news;
    }

    /** Whether the interface was removed, and there is one of its name again. */
    boolean hasReturned() {
        return state == State.GONE && NetworkInterfaces.index(name) != 0;
    }

    /** The port has been joined to the interface that {@link #hasReturned}. */
    synchronized void take() {
        index = NetworkInterfaces.index(name);
        currentName = name;
        LOG.info("there is an interface {} again: its port goes on", name);
        state = State.UP;
        unreported = false;
        change(find());
    }

    private State find() {
        String now = NetworkInterfaces.nameOf(index);
        if (now.isEmpty()) {
            return State.GONE;
        }
        if (!now.equals(currentName)) {
            LOG.info("{} is called {} now; its port goes on", currentName, now);
            currentName = now;
        }
        return NetworkInterfaces.isUp(now) ? State.UP : State.DOWN;
    }

    private void change(State found) {
        if (found == state) {
            return;
        }
        switch (found) {
            case UP -> LOG.info("{} is up again", currentName);
            case DOWN ->
                LOG.warn("{} is down: no packets until it is up (ip link set {} up)", currentName, currentName);
            case GONE ->
                LOG.warn("{} has been removed: its port carries no packets until there is one of this name", name);
        }
        state = found;
        unreported = found != State.UP;
    }

    /** {@code POLLERR} once when the interface goes down and always when it is removed, else 0. */
    synchronized int trouble() {
        return unreported || state == State.GONE ? Linux.POLLERR : 0;
    }

    synchronized void forgetTrouble() {
        unreported = false;
    }

    /** Becomes readable when something happens to an interface. */
    int descriptor() {
        return events.descriptor();
    }

    @Override
    public synchronized void close() {
        closed = true;
        events.close();
    }
}
