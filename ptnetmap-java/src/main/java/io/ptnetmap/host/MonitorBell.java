// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.Linux;

/**
 * What wakes the users of a region's monitors, as one process sees it: an eventfd that they all share, and that is given to
 * everybody who runs rings there, because a monitor may come long after the port that it watches. Thread-safe.
 */
final class MonitorBell implements AutoCloseable {
    private static final int NONE = -1;

    private int eventfd = NONE;
    private boolean closed;

    /** Takes a descriptor of the eventfd over; more than one is not needed. */
    synchronized void take(int descriptor) {
        if (closed || eventfd != NONE) {
            Linux.close(descriptor);
        } else {
            eventfd = descriptor;
        }
    }

    /** The eventfd, -1 where there is none. */
    synchronized int eventfd() {
        return eventfd;
    }

    synchronized void ring() {
        if (eventfd != NONE) {
            Linux.eventfdSignal(eventfd);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (eventfd != NONE) {
            Linux.close(eventfd);
            eventfd = NONE;
        }
    }
}
