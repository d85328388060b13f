// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

import io.ptnetmap.linux.Mapping;
import java.util.Optional;

/**
 * A bound port, as a driver gives it out: memory, syncs, and what to sleep on.
 *
 * <p>One thread per ring; {@link #arm}, {@link #disarm} by the thread that waits; {@link #close} by any.
 */
public interface PortBinding extends AutoCloseable {
    PortReply reply();

    /** The port's rings. */
    RingTable rings();

    /** The region's mapping. Ports of one region have the same object, which is how to tell that a swap is possible. */
    Mapping memory();

    /** The sync of transmit ring {@code ring}; host rings follow the hardware ones. Null where it is not bound. */
    RingSync txSync(int ring);

    /** The sync of receive ring {@code ring}. Null where it is not bound. */
    RingSync rxSync(int ring);

    /**
     * Announces that the caller is about to sleep until one of {@code events} is possible, and looks once more.
     *
     * @param events {@code POLLIN} (packets) and {@code POLLOUT} (room)
     * @return events that are possible already: do not sleep then; 0 = sleep on {@link #descriptor()}
     */
    int arm(int events);

    /** What to give {@code poll(2)} between {@link #arm} and {@link #disarm}. */
    int descriptor();

    /**
     * What to give {@code poll(2)} besides, for input: rings when the port is closed. -1 where {@link #descriptor()} does.
     */
    default int closingDescriptor() {
        return -1;
    }

    /** The events to ask {@code poll(2)} for, given what the caller waits for. */
    int descriptorEvents(int events);

    /**
     * Ends the wait and syncs.
     *
     * @param events as given to {@link #arm}
     * @param revents what {@code poll(2)} said of the descriptor; 0 = timeout
     * @return the events that are possible now, and {@code POLLERR} where a ring was in violation or the port is closed
     *     or gone
     * @throws io.ptnetmap.linux.LinuxException if it can be said why the port is of no use any more
     */
    int disarm(int events, int revents);

    /** The monitors of a ring, for who carries out its syncs where the driver does not. */
    default RingWatch watch(int ring, boolean transmit) {
        return RingWatch.NOBODY;
    }

    /** What has passed, where the port leads out of shared memory and so can lose packets. From any thread. */
    default Optional<PortCounters> counters() {
        return Optional.empty();
    }

    /** How packets pass between the port and the network interface behind it, where there is one of which that is known. */
    default Optional<InterfacePath> path() {
        return Optional.empty();
    }

    /** Gives the port back. Idempotent. Its memory is retired when the last binding of the region is closed. */
    @Override
    void close();
}
