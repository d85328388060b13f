// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.driver.RingWatch;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import java.util.Set;
import java.util.function.Supplier;

/** A port of the embedded host, bound by this process, which runs it itself, whoever keeps the region. */
abstract sealed class HostBinding implements PortBinding permits DoorbellBinding, InterfaceBinding {
    /** By ring; null where a ring is not bound. */
    final RingSync[] txSyncs;

    final RingSync[] rxSyncs;

    private final PortReply reply;
    private final RegionView region;
    private final Mapping memory;
    private final RingTable rings;
    private final Owner owner;
    private boolean closed;

    /**
     * Who this process has the port from.
     *
     * @param open all ports that it has given out and that are open
     * @param release gives this one back
     */
    record Owner(Set<HostBinding> open, Runnable release) {}

    HostBinding(PortReply reply, RegionView region, Owner owner) {
        this.reply = reply;
        this.region = region;
        this.memory = region.memory();
        this.rings = RingTable.read(memory, reply);
        this.owner = owner;
        this.txSyncs = new RingSync[reply.txRings()];
        this.rxSyncs = new RingSync[reply.rxRings()];
    }

    /**
     * Begins to run a port that the host has granted; gives it back where that fails.
     *
     * @param doorbell makes what the user of a pipe's end sleeps on
     */
    static HostBinding of(
            PortRequest request,
            Registration registration,
            RegionView region,
            Supplier<Doorbell> doorbell,
            Owner owner) {
        return begin(owner, () -> switch (registration.kind()) {
            case LANES -> new PipeBinding(request, registration, region, doorbell.get(), owner);
            case MONITOR -> new MonitorBinding(request, registration, region, doorbell.get(), owner);
            case INTERFACE -> new InterfaceBinding(request.name(), registration, region, owner);
            case SWITCH ->
                throw new LinuxException(
                        "REGISTER " + request.name(),
                        Errno.EOPNOTSUPP,
                        "a switch's port is served by its host: open it as SWITCH:PORT, vale0:a");
        });
    }

    /** Begins to run a port; gives it back where that fails. */
    static HostBinding begin(Owner owner, Supplier<HostBinding> maker) {
        try {
            HostBinding binding = maker.get();
            owner.open().add(binding);
            return binding;
        } catch (RuntimeException failure) {
            owner.release().run();
            throw failure;
        }
    }

    @Override
    public final PortReply reply() {
        return reply;
    }

    @Override
    public final RingTable rings() {
        return rings;
    }

    @Override
    public final Mapping memory() {
        return memory;
    }

    @Override
    public final RingSync txSync(int ring) {
        return ring < txSyncs.length ? txSyncs[ring] : null;
    }

    @Override
    public final RingSync rxSync(int ring) {
        return ring < rxSyncs.length ? rxSyncs[ring] : null;
    }

    @Override
    public final RingWatch watch(int ring, boolean transmit) {
        long address = transmit ? rings.txRing(ring) : rings.rxRing(ring);
        return new RingTaps(region, address, transmit ? reply.txSlots() : reply.rxSlots(), transmit);
    }

    /** Syncs one ring for poll: {@code event} where it is ready, {@code POLLERR} where it was in violation. */
    static int evaluate(RingEnd end, int event) {
        end.sync();
        return (end.ready() ? event : 0) | end.trouble();
    }

    /** Ends what this process does for the port, before it is given back. */
    abstract void stop();

    @Override
    public final void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        stop();
        owner.open().remove(this);
        owner.release().run();
    }
}
