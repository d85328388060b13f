// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import java.util.List;

/** What is behind the rings of a port that the {@link Kloop} serves. For the loop's thread, but for {@link #close}. */
sealed interface CsbEnds permits CsbPipeEnds, CsbInterfaceEnds, CsbValeEnds {
    /** How many rings the port has. */
    int rings();

    /** The ends of the rings, transmit rings first, as predecessors have left them. */
    List<RingEnd> begin();

    /** Has an epoll instance tell of whatever may happen to these ends between {@link #arm} and {@link #disarm}. */
    void watch(int epoll);

    void unwatch(int epoll);

    /**
     * Asks for wake-ups. The caller passes a barrier and looks at the rings once more before it sleeps.
     *
     * @return whether the caller's own barrier is enough, because all peers fence too
     */
    boolean arm();

    void disarm();

    void close();
}
