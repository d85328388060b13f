// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.adapter;

import io.ptnetmap.driver.PortCounters;

/**
 * What an adapter port leads to. Sending and receiving is for one thread each, and never at the same time as closing. Failures are
 * {@link io.ptnetmap.linux.LinuxException}s.
 */
interface Device {
    /**
     * Takes packets from a transmit ring, from {@link AdapterRing#hwcur} up to {@code head}, as many as there is room for.
     * Leaves {@code hwcur} after the last one.
     */
    void transmit(AdapterRing ring, int head);

    /** Puts packets into the slots between {@link AdapterRing#hwtail} and {@code hwcur}, moving {@code hwtail} on. */
    void receive(AdapterRing ring);

    /** The caller is about to sleep, or has looked for what there is. */
    default void settle() {}

    /** Whether no packet can come any more. */
    default boolean ended() {
        return false;
    }

    /** What to poll for {@code events} that rings are not ready for; -1 where nothing can happen by itself. */
    default int descriptor() {
        return -1;
    }

    /** Whether packets are left that there was no room for. */
    default boolean hasBacklog() {
        return false;
    }

    PortCounters counters();

    void close();
}
