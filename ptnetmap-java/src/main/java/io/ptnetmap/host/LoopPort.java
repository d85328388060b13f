// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/** What the {@link Kloop} goes round. All on the loop's thread. */
sealed interface LoopPort permits CsbPort, ValeNic {
    /** A turn, in which it may move a bounded number of slots. Returns whether anything has moved. */
    boolean serve();

    /** Before the loop sleeps: whoever has something for this port is to wake it. Returns as {@link CsbEnds#arm} does. */
    boolean arm();

    void disarm();

    /** Has an epoll instance tell of whatever may happen while the loop sleeps. */
    void watch(int epoll);

    void unwatch(int epoll);
}
