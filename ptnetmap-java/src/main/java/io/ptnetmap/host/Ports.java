// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The ports of a host: opened and described by name, taken back when they are closed or their users have died.
 *
 * <p>Thread-safe. The monitor of this object is what others call the host's lock: all that is guarded by it is reached through here
 * only, but for what is said of the threads that move packets. It is held for bookkeeping; of what others do, only the batch is
 * waited for that a switch forwards just now, and for a moment whoever copies for a monitor. Whoever needs several locks takes them in this order:
 *
 * <ol>
 *   <li>{@link AttachedInterfaces}, while an interface comes or goes
 *   <li>{@link EmbeddedHost}, for what the host runs
 *   <li>{@link Kloop}, to have its thread run something between two rounds; that thread takes none of those above
 *   <li>this one
 *   <li>a {@link ValePort}, a {@link Forwarder}, a {@link ValeQueue}, in this order, then counters, {@link Doorbell}s
 * </ol>
 */
final class Ports {
    private final Regions regions;
    private final ValeSwitches switches;
    private final Monitors monitors;
    private final PrivatePorts privatePorts;
    private final Pipes pipes;
    private final ValePorts valePorts;
    private final MonitorPorts monitorPorts;
    private boolean closed;

    /**
     * None yet.
     *
     * @param global makes the first region
     * @param clock nanoseconds, of any origin
     */
    Ports(RegionConfig global, LongSupplier clock) {
        this.regions = new Regions(global);
        this.switches = new ValeSwitches(clock);
        this.monitors = new Monitors(regions);
        this.privatePorts = new PrivatePorts(regions);
        this.pipes = new Pipes(regions);
        this.valePorts = new ValePorts(regions, switches);
        this.monitorPorts = new MonitorPorts(regions, monitors, privatePorts, pipes, switches, valePorts);
    }

    private void requireOpen() {
        if (closed) {
            throw new LinuxException("embedded host", Errno.ENXIO, "the host is closed");
        }
    }

    /** Adds a region that anybody may open ports in. Returns its id. */
    synchronized int createRegion(RegionConfig config) {
        requireOpen();
        return regions.create(config).memId();
    }

    /** What a region lies in. */
    synchronized RegionPages pages(int memId) {
        return regions.get("region " + memId, memId).pages();
    }

    /** As {@link Regions#audit}. */
    synchronized BufferAudit audit(int memId) {
        return regions.audit(memId);
    }

    /**
     * {@code NETMAP_REQ_REGISTER}: creates what the request needs and marks it as open.
     *
     * @param mayShare which of the regions that belong to one port the user may lie in, too
     */
    synchronized Grant open(PortRequest request, Predicate<Region> mayShare) {
        requireOpen();
        regions.requireTrust(request, mayShare);
        Grant grant = (request.flags() & NmreqRegister.NR_MONITOR) != 0
                ? monitorPorts.open(request, mayShare)
                : openByMode(request, mayShare);
        monitors.follow();
        return grant;
    }

    private Grant openByMode(PortRequest request, Predicate<Region> mayShare) {
        return switch (request.mode()) {
            case NmreqRegister.NR_REG_NULL -> privatePorts.openNull(request);
            case NmreqRegister.NR_REG_ALL_NIC, NmreqRegister.NR_REG_ONE_NIC -> openByName(request, mayShare);
            case NmreqRegister.NR_REG_SW, NmreqRegister.NR_REG_NIC_SW, NmreqRegister.NR_REG_ONE_SW ->
                throw Wishes.refuse(request, Errno.EINVAL, "the port has no host rings: leave out the ^ or *");
            default -> throw Wishes.refuse(request, Errno.EINVAL, "mode " + request.mode() + " cannot be asked for");
        };
    }

    private Grant openByName(PortRequest request, Predicate<Region> mayShare) {
        String name = request.name();
        return switches.names(name)
                ? valePorts.open(request)
                : InterfaceLink.isMeant(name) ? privatePorts.openInterface(request) : pipes.open(request, mayShare);
    }

    /**
     * Takes ports of one user back, whether it closed them or died (ABI §4.5). All that a dead user had go together: it
     * may have left one buffer in slots of two of them.
     */
    synchronized void release(Collection<Grant> ended) {
        if (closed) {
            return;
        }
        for (Region region : regions.all()) {
            List<Grant> here =
                    ended.stream().filter(regions.open(region)::contains).toList();
            if (!here.isEmpty()) {
                release(region, here);
            }
        }
    }

    private void release(Region region, List<Grant> ended) {
        Set<Grant> live = regions.open(region);
        ended.forEach(live::remove);
        monitors.close(ended);
        ended.forEach(grant -> grant.owner().close(grant.rings()));
        List<Grant> gone = new ArrayList<>(ended);
        gone.addAll(monitors.settle(region));
        if (live.isEmpty() && regions.isOwned(region)) {
            // With all that is in it.
            gone.stream().map(Grant::owner).distinct().forEach(this::destroy);
            regions.discard(region);
            return;
        }
        new BufferKeeper(region, live, gone).reconcile();
        for (Grant grant : ended) {
            region.freeInterface(grant.interfaceOffset());
        }
        for (SlotOwner owner : gone.stream().map(Grant::owner).collect(Collectors.toSet())) {
            if (!owner.isOpen()) {
                BufferKeeper.free(region, owner);
                destroy(owner);
            }
        }
        BufferKeeper keeper = new BufferKeeper(region, live, List.of());
        if (region.idle()) {
            keeper.rebuild();
        } else {
            keeper.reclaim();
        }
    }

    /** Has names lead there no more, and gives back what it had. */
    private void destroy(SlotOwner owner) {
        if (owner instanceof ValeRings rings) {
            switches.closed(rings);
        }
        pipes.forget(owner);
        owner.destroy();
    }

    /** The answer to PORT_INFO_GET, for an interface whether it exists or not: that is for the asking process to know. */
    synchronized PortReply describe(String name, int memId) {
        PortRequest request = PortRequest.of(name, NmreqRegister.NR_REG_ALL_NIC);
        if (name.isEmpty()) {
            return PortShape.NONE.described(regions.getOrGlobal(request, memId));
        }
        if (switches.names(name)) {
            return valePorts.describe(request, memId);
        }
        return InterfaceLink.isMeant(name)
                ? privatePorts.describeInterface(request, memId)
                : pipes.describe(request, memId);
    }

    /** The answer to POOLS_INFO_GET, likewise. */
    synchronized PoolsInfo describePools(String name, int memId) {
        PortRequest request = PortRequest.of(name, NmreqRegister.NR_REG_ALL_NIC);
        int found = describe(name, memId).memId();
        if (found == 0) {
            throw Wishes.refuse(request, Errno.ENXIO, "nobody has the port open: its region is made when it is opened");
        }
        return regions.get(request, found).poolsInfo();
    }

    /** As {@link ValeSwitches#list}. */
    synchronized List<SwitchPort> switchPorts() {
        requireOpen();
        return switches.list();
    }

    /** As {@link ValePorts#attachPersistent}. */
    synchronized Optional<Integer> attachPersistent(PortRequest request, ValeName name, boolean withStack) {
        requireOpen();
        return valePorts.attachPersistent(request, name, withStack);
    }

    /**
     * A port of a switch that is an interface.
     *
     * @param grant the interface's rings
     */
    record Attached(ValePort port, Grant grant) {}

    /** Makes the port of a switch that an interface becomes, and rings for the interface. */
    synchronized Attached attach(PortRequest request, String interfaceName) {
        ValePort port = switches.create(request, ValePort.Kind.INTERFACE);
        try {
            return new Attached(port, privatePorts.openAttached(request, interfaceName, port.shape()));
        } catch (RuntimeException failure) {
            switches.leave(port);
            throw failure;
        }
    }

    /** Undoes {@link #attach}, when nobody is at the rings any more. Returns the number that the port had. */
    int detach(Attached attached) {
        int number;
        synchronized (this) {
            number = switches.leave(attached.port());
        }
        release(List.of(attached.grant()));
        return number;
    }

    /** As {@link ValePorts#detach}. */
    synchronized int detach(String name) {
        requireOpen();
        return valePorts.detach(name);
    }

    /** As {@link ValePorts#createPersistent}. */
    synchronized int createPersistent(PortRequest request) {
        requireOpen();
        return valePorts.createPersistent(request);
    }

    /** Deletes a persistent port. */
    synchronized void deletePersistent(String name) {
        requireOpen();
        switches.delete(name);
    }

    /** From now on nothing is opened, nor taken back. */
    synchronized void end() {
        closed = true;
    }

    /** Gives back what the ports have of the system; their regions are retired here. */
    synchronized void close() {
        pipes.close();
        regions.close();
    }
}
