// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.KernelLimits;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A VALE switch: its ports, and where it has heard which station (ABI §10).
 *
 * <p>Membership is guarded by the host's lock (see {@link Ports}); threads that forward see it as it was when they began their batch.
 */
final class ValeSwitch {
    /** Two of the numbers that there are remain unused, as in netmap. */
    private static final int MAX_PORTS = KernelLimits.NM_BDG_MAXPORTS - 2;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final String name;
    private final int index;
    private final ForwardingTable table = new ForwardingTable();
    private final LongSupplier clock;
    private volatile Members members = new Members(new ValePort[KernelLimits.NM_BDG_MAXPORTS], new ValePort[0]);

    /**
     * The ports at one time.
     *
     * @param byNumber with null where there is none
     * @param all in the order of their numbers
     */
    record Members(ValePort[] byNumber, ValePort[] all) {
        private static Members of(ValePort... byNumber) {
            return new Members(
                    byNumber,
                    Arrays.stream(byNumber).filter(port -> port != null).toArray(ValePort[]::new));
        }
    }

    /**
     * @param name {@code vale0}
     * @param index among the host's switches
     * @param clock nanoseconds, of any origin
     */
    ValeSwitch(String name, int index, LongSupplier clock) {
        this.name = name;
        this.index = index;
        this.clock = clock;
    }

    String name() {
        return name;
    }

    int index() {
        return index;
    }

    ForwardingTable table() {
        return table;
    }

    Members members() {
        return members;
    }

    /** The time for the {@link ForwardingTable}, seconds. */
    int now() {
        return (int) (clock.getAsLong() / NANOS_PER_SECOND);
    }

    List<ValePort> ports() {
        return List.of(members.all());
    }

    Optional<ValePort> port(String portName) {
        return Arrays.stream(members.all())
                .filter(port -> port.name().equals(portName))
                .findFirst();
    }

    /** Gives a port the lowest free number. */
    void add(ValePort port) {
        Members before = members;
        if (before.all().length >= MAX_PORTS) {
            throw new LinuxException(
                    "attach " + name + ":" + port.name(),
                    Errno.ENOMEM,
                    "the switch has " + MAX_PORTS + " ports, which is the most: use another one");
        }
        ValePort[] byNumber = before.byNumber().clone();
        int number = 0;
        while (byNumber[number] != null) {
            number++;
        }
        byNumber[number] = port;
        port.attach(this, number);
        members = Members.of(byNumber);
    }

    /** Takes a port away, and forgets what was heard there. */
    void remove(ValePort port) {
        int number = port.number();
        ValePort[] byNumber = members.byNumber().clone();
        byNumber[number] = null;
        members = Members.of(byNumber);
        port.detach();
        // Whoever forwards from there just now may still learn.
        port.quiesce();
        table.purge(number);
    }
}
