// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.Linux;

/**
 * What the user of a port sleeps on, and what wakes the user of the other end.
 *
 * <p>All who have rings of one end open share its eventfd; each sees every ring of it through an edge-triggered epoll
 * instance of their own, so that nobody takes a wake-up away from another.
 *
 * <p>The descriptors are closed when the port is closed and no thread sleeps on them any more: a late wake-up must not be
 * written to whatever file has got the number next. Thread-safe.
 */
final class Doorbell {
    private static final int NONE = -1;

    private final int own;
    private final int peer;
    private final int sleep;
    /** The open port, and its threads between {@link #enter} and {@link #leave}. */
    private int holders = 1;

    private boolean closed;

    /**
     * Takes the descriptors over.
     *
     * @param own the eventfd of this end
     * @param peer the eventfd of the other end
     */
    Doorbell(int own, int peer) {
        this.own = own;
        this.peer = peer;
        this.sleep = Linux.epoll();
        Linux.epollAdd(sleep, own, Linux.POLLIN);
    }

    /** One with descriptors of its own for the same eventfds; {@code peer} -1 where there is nobody to wake. */
    static Doorbell of(int own, int peer) {
        return new Doorbell(Linux.duplicate(own), peer == NONE ? NONE : Linux.duplicate(peer));
    }

    /** One whose own user {@link #ringPeer} wakes, for peers in the same process. */
    static Doorbell ringingItself() {
        int eventfd = Linux.eventfd();
        return new Doorbell(eventfd, Linux.duplicate(eventfd));
    }

    /** One that only {@link #close} rings, for ports that nothing ever happens to. */
    static Doorbell silent() {
        return new Doorbell(Linux.eventfd(), NONE);
    }

    /** Keeps {@link #descriptor} open until {@link #leave}. False once the port is closed. */
    synchronized boolean enter() {
        if (closed) {
            return false;
        }
        holders++;
        return true;
    }

    synchronized void leave() {
        holders--;
        if (holders == 0) {
            Linux.close(sleep);
            Linux.close(own);
            if (peer != NONE) {
                Linux.close(peer);
            }
        }
    }

    /** Has an epoll instance of the caller's tell of rings. */
    void watch(int epoll) {
        Linux.epollAdd(epoll, own, Linux.POLLIN);
    }

    void unwatch(int epoll) {
        Linux.epollRemove(epoll, own);
    }

    /** What to poll for input. */
    int descriptor() {
        return sleep;
    }

    /** Forgets the rings so far. */
    void drain() {
        Linux.epollDrain(sleep);
    }

    synchronized void ringPeer() {
        if (!closed && peer != NONE) {
            Linux.eventfdSignal(peer);
        }
    }

    /** Wakes who sleeps here, and gives the descriptors up. Idempotent. */
    synchronized void close() {
        if (!closed) {
            closed = true;
            Linux.eventfdSignal(own);
            leave();
        }
    }
}
