// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.InterfacePath;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.linux.Linux;
import java.util.List;
import java.util.Optional;

/**
 * A port that is a network interface, such as {@code netmap:eth0}: rings in the host's region, joined to the interface by the
 * process that has opened the port, with that process's privileges and in its network namespace, see {@link InterfaceAdapter}.
 */
final class InterfaceBinding extends HostBinding {
    private final InterfaceAdapter adapter;
    private final List<RingEnd> ends;
    private boolean sleeping;
    private boolean stopped;

    InterfaceBinding(String name, Registration registration, RegionView region, Owner owner) {
        super(registration.reply(), region, owner);
        this.adapter = InterfaceAdapter.open(name, registration, region, rings());
        this.ends = adapter.ends(registration.reply());
        for (int i = 0; i < txSyncs.length; i++) {
            txSyncs[i] = adapter.tx(i).orElse(null);
        }
        for (int i = 0; i < rxSyncs.length; i++) {
            rxSyncs[i] = adapter.rx(i).orElse(null);
        }
    }

    @Override
    public int arm(int events) {
        int ready = evaluate(events);
        sleeping = ready == 0;
        return ready;
    }

    @Override
    public int descriptor() {
        return adapter.descriptor();
    }

    @Override
    public int descriptorEvents(int events) {
        // Who does not sleep need not prepare for it, which may take system calls.
        return sleeping ? adapter.descriptorEvents(events) : Linux.POLLIN;
    }

    @Override
    public int disarm(int events, int revents) {
        adapter.woken(revents);
        int ready = evaluate(events);
        // Reported only here: what arm() finds is looked for again.
        ends.forEach(RingEnd::forgetViolation);
        adapter.forgetTrouble();
        return ready;
    }

    /** One pass of netmap's poll (ABI §4.3): pending transmissions are pushed in any case. */
    private int evaluate(int events) {
        adapter.refresh();
        int ready = 0;
        for (int i = 0; i < txSyncs.length; i++) {
            if (txSyncs[i] instanceof RingEnd end) {
                ready |= evaluate(end, Linux.POLLOUT & events);
            }
        }
        for (int i = 0; i < rxSyncs.length && (events & Linux.POLLIN) != 0; i++) {
            if (rxSyncs[i] instanceof RingEnd end) {
                ready |= evaluate(end, Linux.POLLIN);
            }
        }
        return ready | adapter.trouble();
    }

    @Override
    public Optional<PortCounters> counters() {
        return Optional.of(adapter.counters());
    }

    @Override
    public Optional<InterfacePath> path() {
        return Optional.of(adapter.path());
    }

    /** Idempotent: it may have to end before the port can be given back. */
    @Override
    synchronized void stop() {
        if (!stopped) {
            stopped = true;
            adapter.close();
        }
    }
}
