// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.StackSwitcher;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * netmap in user space: keeps regions and the ports in them, with the same ABI, names and errors as {@code /dev/netmap}.
 *
 * <p>The host only arranges: it gives out rings and buffers when a port is opened and takes them back when it is closed,
 * or when its process has died ({@link Ports}). Moving packets over a pipe is done by the two processes that have opened its ends,
 * without the host; but for an end that is a virtual machine's, the host does it ({@link Kloop}). Packets between ports of a
 * switch, {@code vale0:a}, are copied by the thread that sends them, or by the host for those of other processes ({@link
 * Forwarder}). {@link #serve} lets other processes open ports here. A name that is neither a pipe's nor a switch port's is
 * that of a network interface, see {@link InterfaceBinding}.
 *
 * <p>Where it differs from netmap: a pipe's ends lie in region 1 unless a region is asked for (in netmap, in that of the
 * parent device, which need not exist here); a ring can be open once per end and direction, a second REGISTER is EBUSY; a
 * ring whose user breaks the rules goes back to the last good state at once (ABI §3.4).
 *
 * <p>Thread-safe. This object's monitor guards what the host runs: sockets and the loop; see {@link Ports} for other locks.
 */
public final class EmbeddedHost implements NetmapDriver {
    private final Ports ports;
    private final AttachedInterfaces interfaces;
    /** Ports that this process has open. */
    private final Set<HostBinding> bindings = ConcurrentHashMap.newKeySet();
    /** Ports that this host serves. */
    private final Set<CsbPort> csbPorts = ConcurrentHashMap.newKeySet();

    private final List<AttachServer> servers = new ArrayList<>();
    private Optional<Kloop> kloop = Optional.empty();
    private boolean closed;

    private EmbeddedHost(RegionConfig global, LongSupplier clock) {
        this.ports = new Ports(global, clock);
        this.interfaces = new AttachedInterfaces(this, ports, this::kloop);
    }

    /** A host with one region, number 1, of the default size. */
    public static EmbeddedHost create() {
        return create(RegionConfig.DEFAULT);
    }

    /** A host with one region, number 1. */
    public static EmbeddedHost create(RegionConfig global) {
        return create(global, System::nanoTime);
    }

    /** A host by another clock, nanoseconds of any origin: what switches have learnt ages by it. */
    static EmbeddedHost create(RegionConfig global, LongSupplier clock) {
        return new EmbeddedHost(global, clock);
    }

    /** Adds a region: a circle of trust of its own. Returns its id, for {@code @ID} in port names. */
    public int createRegion(RegionConfig config) {
        return ports.createRegion(config);
    }

    /** What a region lies in. */
    public RegionPages pages(int memId) {
        return ports.pages(memId);
    }

    /** Walks a region and accounts for every buffer. Exact while its ports are quiet. */
    public BufferAudit audit(int memId) {
        return ports.audit(memId);
    }

    /**
     * Opens a Unix socket for other processes, and serves it on a thread of its own until this host is closed.
     *
     * @param socket path to create, with mode 0600; a socket that nobody serves any more is replaced
     */
    public synchronized AttachServer serve(Path socket) {
        requireOpen();
        AttachServer server = new AttachServer(this, socket);
        servers.add(server);
        return server;
    }

    /** Sets what makes host stacks of interfaces ports of switches; {@link io.ptnetmap.Netmap} does. */
    public void switchStacksBy(StackSwitcher switcher) {
        interfaces.switchStacksBy(switcher);
    }

    @Override
    public String name() {
        return "embedded host";
    }

    @Override
    public PortBinding register(PortRequest request) {
        Grant grant = grant(request);
        HostBinding.Owner owner = new HostBinding.Owner(bindings, () -> release(List.of(grant)));
        if (grant.owner() instanceof ValeRings rings) {
            return HostBinding.begin(owner, () -> new ValeBinding(request, grant, rings, owner));
        }
        return HostBinding.of(
                request,
                grant.registration(),
                grant.region().view(),
                () -> grant.eventfd() < 0 ? Doorbell.silent() : Doorbell.of(grant.eventfd(), grant.peerEventfd()),
                owner);
    }

    /**
     * Opens a port that this host serves itself, for a user behind a control block (CSB) who has no part in syncing.
     *
     * @param mayShare which of the regions that belong to one port its user may lie in, too
     */
    CsbPort openCsb(PortRequest request, Predicate<Region> mayShare) {
        Grant grant = grant(request, mayShare);
        try {
            CsbPort port = CsbPort.open(kloop(), grant, CsbEnds.of(request, grant));
            csbPorts.add(port);
            return port;
        } catch (RuntimeException failure) {
            release(List.of(grant));
            throw failure;
        }
    }

    /** Ends the service of a port. The port itself is still to be {@linkplain #release released}. */
    void closeCsb(CsbPort port) {
        port.close();
        csbPorts.remove(port);
    }

    /** Started by the first who needs it. */
    synchronized Kloop kloop() {
        requireOpen();
        if (kloop.isEmpty()) {
            kloop = Optional.of(new Kloop());
        }
        return kloop.get();
    }

    /** For a user of this process, who may lie in any region. */
    Grant grant(PortRequest request) {
        return grant(request, anyRegion -> true);
    }

    /** As {@link Ports#open}. */
    Grant grant(PortRequest request, Predicate<Region> mayShare) {
        return ports.open(request, mayShare);
    }

    /** As {@link Ports#release}. */
    void release(Collection<Grant> ended) {
        ports.release(ended);
    }

    @Override
    public PortReply portInfo(String name, int memId) {
        InterfaceLink.requireIfMeant(name);
        return describe(name, memId);
    }

    /** As {@link Ports#describe}. */
    PortReply describe(String name, int memId) {
        return ports.describe(name, memId);
    }

    @Override
    public PoolsInfo poolsInfo(String name, int memId) {
        InterfaceLink.requireIfMeant(name);
        return describePools(name, memId);
    }

    /** As {@link Ports#describePools}. */
    PoolsInfo describePools(String name, int memId) {
        return ports.describePools(name, memId);
    }

    @Override
    public List<SwitchPort> valeList() {
        return ports.switchPorts();
    }

    @Override
    public int valeAttach(PortRequest request) {
        return interfaces.attach(request);
    }

    @Override
    public int valeDetach(String name) {
        return interfaces.detach(name);
    }

    @Override
    public int valeNewif(PortRequest request) {
        return ports.createPersistent(request);
    }

    @Override
    public void valeDelif(String name) {
        ports.deletePersistent(name);
    }

    private void requireOpen() {
        if (closed) {
            throw new LinuxException("embedded host", Errno.ENXIO, "the host is closed");
        }
    }

    /** Ends the host: its socket goes, its regions are retired here. Processes that have ports open keep their mapping. */
    @Override
    public void close() {
        List<AttachServer> serving;
        Optional<Kloop> loop;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            ports.end();
            serving = List.copyOf(servers);
            loop = kloop;
        }
        serving.forEach(AttachServer::close);
        interfaces.closeStacks();
        loop.ifPresent(Kloop::close);
        interfaces.close();
        csbPorts.forEach(CsbPort::close);
        bindings.forEach(HostBinding::close);
        ports.close();
    }
}
