// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.NetmapPoller;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;

/** One end of a link, or a port at an end of the chain, as the worker sees it that reads and writes there. */
interface LinkEnd {
    /**
     * Reads packets into an empty batch, without giving their slots back. Called again only after {@link #release}.
     *
     * @return packets read
     */
    int receive(Batch batch);

    /** Gives back the slots of what {@link #receive} has read, whatever became of the packets. */
    void release();

    /**
     * Takes packets of a batch, from index {@code first} on, moving their buffers out of their homes. What goes out of the
     * chain is entered in {@code account}.
     *
     * @return the index of the first packet not taken, for lack of room; packets that can never fit are counted as dropped
     *     and passed over
     */
    int send(Batch batch, int first, Account account);

    /** Whether nothing is to be sent at this moment, whatever room there is: it is waited for, whatever the policy says. */
    default boolean holdsBack() {
        return false;
    }

    /** Nothing is to be sent here until {@link #resumeSending}, where what is sent could be dropped on the way. */
    default void restSending() {}

    /** Ends what {@link #restSending} began. */
    default void resumeSending() {}

    /** Makes sent packets visible to the other side. Called once after some {@link #send}s. */
    void flush();

    /** Whether the other side is outside the chain. */
    boolean isOutside();

    /** Asks to be woken by a poller, for packets, for room, or both. May be called again with other wishes. */
    void addTo(NetmapPoller poller, boolean packets, boolean room);

    /** Announces sleep, where that is not the poller's business. Returns whether there is work already. */
    boolean arm(boolean packets, boolean room);

    /** Ends what {@link #arm} began. */
    void disarm();

    /** Packets that wait here and have not been read. */
    int unread();

    /** Slots sent here that the other side has not given back yet. By the worker that has the end. */
    int pending();

    /** Packets sent here so far, in the link's life. By the worker that has the end. */
    long sent();

    /** Packets received here so far. By the worker that has the end. */
    long received();

    /** What comes in here from the link, for people; from any thread. */
    ChainSnapshot.Link state();
}
