// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapIf;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.StackSwitcher;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.NetworkInterfaces;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * netmap in user space: keeps regions and the ports in them, with the same ABI, names and errors as {@code /dev/netmap}.
 *
 * <p>The host only arranges: it gives out rings and buffers when a port is opened and takes them back when it is closed,
 * or when its process has died. Moving packets over a pipe is done by the two processes that have opened its ends,
 * without the host; but for an end that is a virtual machine's, the host does it ({@link Kloop}). Packets between ports of a
 * switch, {@code vale0:a}, are copied by the thread that sends them, or by the host for those of other processes ({@link
 * Forwarder}). {@link #serve} lets other processes open ports here. A name that is neither a pipe's nor a switch port's is
 * that of a network interface, see {@link InterfaceBinding}.
 *
 * <p>Where it differs from netmap: a pipe's ends lie in region 1 unless a region is asked for (in netmap, in that of the
 * parent device, which need not exist here); a ring can be open once per end and direction, a second REGISTER is EBUSY; a
 * ring whose user breaks the rules goes back to the last good state at once (ABI §3.4).
 *
 * <p>Thread-safe.
 */
public final class EmbeddedHost implements NetmapDriver {
    /** Most pipes of one parent (ABI §9). */
    static final int MAX_PIPES = 64;

    private static final int GLOBAL_REGION = 1;
    private static final int DEFAULT_SLOTS = 1024;
    private static final int MAX_SLOTS = 4096;
    private static final int MAX_RINGS = 256;
    /** With the byte that ends it. */
    private static final int MAX_DEVICE_NAME = 16;

    private final Map<Integer, Region> regions = new HashMap<>();
    private final Map<String, Parent> parents = new HashMap<>();
    private final Map<Region, Set<Grant>> grants = new HashMap<>();
    private final Monitors monitors = new Monitors(grants);
    private final Set<HostBinding> bindings = ConcurrentHashMap.newKeySet();
    private final List<AttachServer> servers = new ArrayList<>();
    private final Set<CsbPort> csbPorts = ConcurrentHashMap.newKeySet();
    private final ValeSwitches vale;
    /** Interfaces that are attached to switches, by the names of their ports. Guarded by {@link #attaching}. */
    private final Map<String, ValeNic> nics = new HashMap<>();
    /** Host stacks of some of them, by the same names, likewise. */
    private final Map<String, AutoCloseable> stacks = new HashMap<>();
    /** Held while an interface comes or goes, which takes more than the host's lock is for. */
    private final Object attaching = new Object();
    /** Regions of one switch port each, which go with it. */
    private final Set<Region> ownRegions = new HashSet<>();

    private volatile StackSwitcher stackSwitcher = (host, interfaceName, port) -> {
        throw new LinuxException(
                "VALE_ATTACH " + port,
                Errno.EOPNOTSUPP,
                "this host knows nothing of stacks: it is not behind a Netmap");
    };

    private final RegionConfig global;
    private int lastMemId;
    /** Serves them; null until there is one. */
    private Kloop kloop;

    private boolean closed;

    /** The pipes of one name, and the region that they share. */
    private record Parent(Region region, Map<String, Pipe> pipes) {}

    private EmbeddedHost(RegionConfig global, LongSupplier clock) {
        this.global = global;
        this.vale = new ValeSwitches(clock);
        createRegion(nextMemId(), global);
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
    public synchronized int createRegion(RegionConfig config) {
        requireOpen();
        return createRegion(nextMemId(), config).memId();
    }

    /** What a region lies in. */
    public synchronized RegionPages pages(int memId) {
        return Optional.ofNullable(regions.get(memId))
                .orElseThrow(() -> new LinuxException(
                        "region " + memId, Errno.EINVAL, "there is none here; there are " + regions.keySet()))
                .pages();
    }

    private Region createRegion(int memId, RegionConfig config) {
        Region region = new Region(memId, config);
        regions.put(memId, region);
        grants.put(region, new LinkedHashSet<>());
        return region;
    }

    /** Upward from the last one, so that an id does not come again soon; 16 bits (ABI §2.8). */
    private int nextMemId() {
        do {
            lastMemId = lastMemId % 0xffff + 1;
        } while (regions.containsKey(lastMemId));
        return lastMemId;
    }

    private void discardRegion(Region region) {
        ownRegions.remove(region);
        regions.remove(region.memId());
        grants.remove(region);
        region.close();
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
        stackSwitcher = switcher;
    }

    @Override
    public String name() {
        return "embedded host";
    }

    @Override
    public PortBinding register(PortRequest request) {
        Grant grant = grant(request);
        if (grant.owner() instanceof ValeRings rings) {
            return registerVale(request, grant, rings);
        }
        return HostBinding.of(
                request,
                grant.registration(),
                grant.region().view(),
                () -> grant.eventfd() < 0 ? Doorbell.silent() : Doorbell.of(grant.eventfd(), grant.peerEventfd()),
                new HostBinding.Owner(bindings, () -> release(List.of(grant))));
    }

    private PortBinding registerVale(PortRequest request, Grant grant, ValeRings rings) {
        try {
            HostBinding.Owner owner = new HostBinding.Owner(bindings, () -> release(List.of(grant)));
            ValeBinding binding = new ValeBinding(request, grant, rings, owner);
            bindings.add(binding);
            return binding;
        } catch (RuntimeException failure) {
            release(List.of(grant));
            throw failure;
        }
    }

    /**
     * Opens a port that this host serves itself, for a user behind a control block (CSB) who has no part in syncing.
     *
     * @param mayShare which of the regions that belong to one port its user may lie in, too
     */
    CsbPort openCsb(PortRequest request, Predicate<Region> mayShare) {
        Grant grant = grant(request, mayShare);
        try {
            CsbPort port = CsbPort.open(kloop(), grant, csbEnds(request, grant));
            csbPorts.add(port);
            return port;
        } catch (RuntimeException failure) {
            release(List.of(grant));
            throw failure;
        }
    }

    private static CsbEnds csbEnds(PortRequest request, Grant grant) {
        PortReply reply = grant.registration().reply();
        int rings = grant.registration().kind() == Registration.Kind.INTERFACE
                ? reply.txRings() + reply.rxRings()
                : grant.rings().size();
        if (rings > CsbPort.MAX_RINGS) {
            throw refuse(
                    request,
                    Errno.EINVAL,
                    "the port has " + rings + " rings, a CSB has room for " + CsbPort.MAX_RINGS + ": ask for fewer");
        }
        return switch (grant.registration().kind()) {
            case INTERFACE -> new CsbInterfaceEnds(request.name(), grant);
            case LANES -> {
                if (rings == 0) {
                    throw refuse(
                            request,
                            Errno.EOPNOTSUPP,
                            "a port without rings that move has nothing to be served: REGISTER it");
                }
                yield new CsbPipeEnds(grant);
            }
            case SWITCH -> new CsbValeEnds(grant, (ValeRings) grant.owner());
            case MONITOR ->
                throw refuse(
                        request,
                        Errno.EOPNOTSUPP,
                        "a monitor's rings are run by who opens it: REGISTER it, which a guest cannot");
        };
    }

    /** Ends the service of a port. The port itself is still to be {@linkplain #release released}. */
    void closeCsb(CsbPort port) {
        port.close();
        csbPorts.remove(port);
    }

    /** Started by the first who needs it. */
    synchronized Kloop kloop() {
        requireOpen();
        if (kloop == null) {
            kloop = new Kloop();
        }
        return kloop;
    }

    /** For a user of this process, who may lie in any region. */
    Grant grant(PortRequest request) {
        return grant(request, anyRegion -> true);
    }

    /**
     * {@code NETMAP_REQ_REGISTER}: creates what the request needs and marks it as open.
     *
     * @param mayShare which of the regions that belong to one port the user may lie in, too
     */
    synchronized Grant grant(PortRequest request, Predicate<Region> mayShare) {
        requireOpen();
        requireTrust(request, regions.get(request.memId()), mayShare);
        Grant grant = (request.flags() & NmreqRegister.NR_MONITOR) != 0
                ? grantMonitor(request, mayShare)
                : grantPort(request, mayShare);
        monitors.follow();
        return grant;
    }

    private Grant grantPort(PortRequest request, Predicate<Region> mayShare) {
        return switch (request.mode()) {
            case NmreqRegister.NR_REG_NULL -> grantNull(request);
            case NmreqRegister.NR_REG_ALL_NIC, NmreqRegister.NR_REG_ONE_NIC ->
                vale.names(request.name())
                        ? grantVale(request)
                        : namesInterface(request.name()) ? grantInterface(request) : grantPipe(request, mayShare);
            case NmreqRegister.NR_REG_SW, NmreqRegister.NR_REG_NIC_SW, NmreqRegister.NR_REG_ONE_SW ->
                throw refuse(request, Errno.EINVAL, "the port has no host rings: leave out the ^ or *");
            default -> throw refuse(request, Errno.EINVAL, "mode " + request.mode() + " cannot be asked for");
        };
    }

    /**
     * The region is the unit of trust. That of a switch's port is its user's alone, and of those whom the user lets in, which
     * are other ports of the same session.
     */
    private void requireTrust(PortRequest request, Region region, Predicate<Region> mayShare) {
        if (region != null && ownRegions.contains(region) && !mayShare.test(region)) {
            throw refuse(
                    request,
                    Errno.EACCES,
                    "region " + region.memId() + " belongs to a switch's port that another program has open: whoever is"
                            + " in a region can read and write all of it");
        }
    }

    private Grant grantNull(PortRequest request) {
        if (request.memId() == 0) {
            throw refuse(request, Errno.EINVAL, "a null port must name its region: add @1");
        }
        Region region = region(request, request.memId());
        int txRings = count(request.txRings(), 0, MAX_RINGS);
        int rxRings = count(request.rxRings(), 0, MAX_RINGS);
        int txSlots = count(request.txSlots(), DEFAULT_SLOTS, MAX_SLOTS);
        int rxSlots = count(request.rxSlots(), DEFAULT_SLOTS, MAX_SLOTS);
        PortReply shape = new PortReply(0, 0, txSlots, rxSlots, txRings, rxRings, 0, 0, region.memId(), 0);
        List<Integer> tx = IntStream.range(0, txRings).boxed().toList();
        List<Integer> rx = IntStream.range(0, rxRings).boxed().toList();
        PrivateRings rings = new PrivateRings(region, request.name(), tx, txSlots, rx, rxSlots);
        return finishPrivate(request, region, shape, Registration.Kind.LANES, List.of(), rings, tx, rx);
    }

    /**
     * Rings for an interface. Whether there is one of that name, the process that opens the port finds out: it may live in
     * another network namespace.
     */
    private Grant grantInterface(PortRequest request) {
        if ((request.flags() & NmreqRegister.NR_EXCLUSIVE) != 0) {
            throw refuse(
                    request,
                    Errno.EOPNOTSUPP,
                    "leave out /x: an XDP socket has the interface to itself anyway, a packet socket never has");
        }
        Region region = region(request, request.memId() == 0 ? GLOBAL_REGION : request.memId());
        int txRings = count(request.txRings(), 1, MAX_RINGS);
        int rxRings = count(request.rxRings(), 1, MAX_RINGS);
        List<Integer> tx = select(request, txRings, rxRings, NmreqRegister.NR_RX_RINGS_ONLY);
        List<Integer> rx = select(request, rxRings, txRings, NmreqRegister.NR_TX_RINGS_ONLY);
        int txSlots = count(request.txSlots(), DEFAULT_SLOTS, MAX_SLOTS);
        int rxSlots = count(request.rxSlots(), DEFAULT_SLOTS, MAX_SLOTS);
        PortReply shape = new PortReply(0, 0, txSlots, rxSlots, txRings, rxRings, 0, 0, region.memId(), 0);
        return finishInterface(request, region, shape, tx, rx);
    }

    /** Rings of these numbers, and the reserves that the kernel receives into. */
    private Grant finishInterface(
            PortRequest request, Region region, PortReply shape, List<Integer> tx, List<Integer> rx) {
        PrivateRings rings = new PrivateRings(region, request.name(), tx, shape.txSlots(), rx, shape.rxSlots());
        int reserved = rings.addReserves();
        List<LaneEnd> reserves = new ArrayList<>();
        for (int i = 0; i < rings.reserves().size(); i++) {
            reserves.add(LaneEnd.reserve(
                    rx.get(i),
                    reserved,
                    rings.reserves().get(i),
                    rings.rxRings().get(i)));
        }
        return finishPrivate(request, region, shape, Registration.Kind.INTERFACE, reserves, rings, tx, rx);
    }

    private Grant finishPrivate(
            PortRequest request,
            Region region,
            PortReply shape,
            Registration.Kind kind,
            List<LaneEnd> lanes,
            PrivateRings rings,
            List<Integer> tx,
            List<Integer> rx) {
        try {
            return finish(
                    request,
                    region,
                    shape,
                    placed(rings.txRings(), tx, shape.txRings()),
                    placed(rings.rxRings(), rx, shape.rxRings()),
                    kind,
                    lanes,
                    List.of(),
                    -1,
                    -1,
                    rings);
        } catch (RuntimeException failure) {
            BufferKeeper.free(region, rings);
            rings.destroy();
            throw failure;
        }
    }

    /** Ring offsets of a port with this many rings, those that are not bound as 0. */
    private static List<Long> placed(List<Long> bound, List<Integer> numbers, int count) {
        List<Long> all = new ArrayList<>(Collections.nCopies(count, 0L));
        for (int i = 0; i < bound.size(); i++) {
            all.set(numbers.get(i), bound.get(i));
        }
        return all;
    }

    private Grant grantVale(PortRequest request) {
        Optional<ValePort> existing = vale.find(request.name());
        if (existing.isEmpty()
                && NetworkInterfaces.index(
                                ValeName.of("REGISTER", request.name()).port())
                        != 0) {
            throw refuse(
                    request,
                    Errno.EINVAL,
                    "that is the name of a network interface, which is not attached: attach it (nfv vale attach "
                            + request.name() + "), or choose another name");
        }
        ValePort port = existing.orElseGet(() -> vale.create(request, ValePort.Kind.EPHEMERAL));
        if (port.kind() == ValePort.Kind.INTERFACE) {
            throw refuse(request, Errno.EBUSY, "the switch has the interface: open another port of the switch");
        }
        boolean opening = vale.rings(port).isEmpty();
        ValeRings rings = null;
        try {
            rings = opening ? valeRings(request, port) : vale.rings(port).get();
            Grant grant = openVale(request, rings);
            if (opening) {
                vale.opened(rings);
            }
            return grant;
        } catch (RuntimeException failure) {
            if (opening && rings != null) {
                discardRings(rings);
            }
            if (existing.isEmpty()) {
                vale.leave(port);
            }
            throw failure;
        }
    }

    private ValeRings valeRings(PortRequest request, ValePort port) {
        int memId = request.memId() == 0 ? port.memId() : request.memId();
        if (memId != 0) {
            return new ValeRings(region(request, memId), port);
        }
        Region own = createRegion(
                nextMemId(), ValeSwitches.regionConfig(port.shape(), request.extraBufs(), global.bufSize()));
        ownRegions.add(own);
        return new ValeRings(own, port);
    }

    private void discardRings(ValeRings rings) {
        if (ownRegions.contains(rings.region())) {
            discardRegion(rings.region());
        } else {
            BufferKeeper.free(rings.region(), rings);
            rings.destroy();
        }
    }

    private Grant openVale(PortRequest request, ValeRings rings) {
        ValePort.Shape shape = rings.port().shape();
        List<Grant.HeldRing> held = new ArrayList<>();
        select(request, shape.txRings(), shape.rxRings(), NmreqRegister.NR_RX_RINGS_ONLY)
                .forEach(ring -> held.add(new Grant.HeldRing(0, ring, true)));
        select(request, shape.rxRings(), shape.txRings(), NmreqRegister.NR_TX_RINGS_ONLY)
                .forEach(ring -> held.add(new Grant.HeldRing(0, ring, false)));
        held.stream().filter(rings::isBound).findFirst().ifPresent(ring -> {
            throw refuse(
                    request,
                    Errno.EBUSY,
                    (ring.transmit() ? "transmit" : "receive") + " ring " + ring.ring()
                            + " is open already: close it there, or open another port of the switch");
        });
        rings.open(held);
        int memId = rings.region().memId();
        PortReply reply =
                new PortReply(0, 0, shape.txSlots(), shape.rxSlots(), shape.txRings(), shape.rxRings(), 0, 0, memId, 0);
        try {
            return finish(
                    request,
                    rings.region(),
                    reply,
                    rings.txTable(held),
                    rings.rxTable(held),
                    Registration.Kind.SWITCH,
                    List.of(),
                    held,
                    -1,
                    -1,
                    rings);
        } catch (RuntimeException failure) {
            rings.close(held);
            throw failure;
        }
    }

    private Grant grantPipe(PortRequest request, Predicate<Region> mayShare) {
        PipeName name = PipeName.of(request);
        Parent parent = parents.get(name.parent());
        if (parent != null) {
            requireTrust(request, parent.region(), mayShare);
        }
        if (parent == null) {
            int memId = request.memId() == 0 ? GLOBAL_REGION : request.memId();
            parent = new Parent(region(request, memId), new HashMap<>());
        }
        boolean fresh = !parent.pipes().containsKey(name.id());
        Pipe pipe = fresh ? createPipe(request, parent, name) : parent.pipes().get(name.id());
        try {
            return openEnd(
                    request,
                    pipe,
                    name.end(),
                    Registration.Kind.LANES,
                    pipe.eventfd(name.end()),
                    pipe.eventfd(1 - name.end()));
        } catch (RuntimeException failure) {
            if (fresh) {
                BufferKeeper.free(parent.region(), pipe);
                pipe.destroy();
            }
            throw failure;
        } finally {
            if (fresh && pipe.isOpen()) {
                parents.put(name.parent(), parent);
                parent.pipes().put(name.id(), pipe);
            }
        }
    }

    /** A monitor of a port that is open (ABI §11), in the port's region: who runs the port's rings fills it. */
    private Grant grantMonitor(PortRequest request, Predicate<Region> mayShare) {
        Watched watched = watched(request);
        requireTrust(request, watched.region(), mayShare);
        if (request.memId() != 0 && request.memId() != watched.region().memId()) {
            throw refuse(
                    request,
                    Errno.EINVAL,
                    "a monitor lies in the region of what it watches, which is "
                            + watched.region().memId());
        }
        List<Monitors.Tap> taps = taps(request, watched);
        ValePort.Shape shape = watched.owner().shape(watched.end());
        int slots = count(
                Math.max(request.txSlots(), request.rxSlots()), Math.max(shape.txSlots(), shape.rxSlots()), MAX_SLOTS);
        Pipe lanes = Pipe.forMonitor(watched.region(), request.name(), taps.size(), slots);
        try {
            Grant grant = openEnd(
                    allRings(request),
                    lanes,
                    Pipe.SLAVE,
                    Registration.Kind.MONITOR,
                    watched.region().view().bell().eventfd(),
                    -1);
            monitors.add(grant, taps);
            return grant;
        } catch (RuntimeException failure) {
            BufferKeeper.free(watched.region(), lanes);
            lanes.destroy();
            throw failure;
        }
    }

    private static PortRequest allRings(PortRequest request) {
        return new PortRequest(
                request.name(), NmreqRegister.NR_REG_ALL_NIC, 0, 0, 0, 0, 0, 0, 0, 0, 0, request.extraBufs());
    }

    /**
     * What a monitor looks at.
     *
     * @param end of a pipe
     */
    private record Watched(Region region, SlotOwner owner, int end) {}

    private Watched watched(PortRequest request) {
        boolean software = request.mode() == NmreqRegister.NR_REG_SW || request.mode() == NmreqRegister.NR_REG_ONE_SW;
        if (!software
                && request.mode() != NmreqRegister.NR_REG_ALL_NIC
                && request.mode() != NmreqRegister.NR_REG_ONE_NIC) {
            throw refuse(
                    request,
                    Errno.EINVAL,
                    "a monitor looks at a port's rings or at an interface's host rings, " + request.name()
                            + "^, not at both");
        }
        String name = request.name() + (software ? "^" : "");
        return privateRings(name)
                .or(() -> vale.names(name) ? watchedVale(name) : Optional.empty())
                .or(() -> watchedPipe(request, name))
                .orElseThrow(() -> refuse(
                        request,
                        Errno.EINVAL,
                        "nobody has " + name + " open: a monitor looks at open ports; open it first"));
    }

    /** The rings of an interface, or of a device of some process's own; where several are open, those of the first. */
    private Optional<Watched> privateRings(String name) {
        for (Map.Entry<Region, Set<Grant>> region : grants.entrySet()) {
            for (Grant grant : region.getValue()) {
                if (grant.owner() instanceof PrivateRings rings && rings.name().equals(name)) {
                    return Optional.of(new Watched(region.getKey(), rings, 0));
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Watched> watchedVale(String name) {
        Optional<ValePort> port = vale.find(name);
        if (port.isPresent() && port.get().kind() == ValePort.Kind.INTERFACE) {
            return privateRings(port.get().name());
        }
        return port.flatMap(vale::rings).map(rings -> new Watched(rings.region(), rings, 0));
    }

    private Optional<Watched> watchedPipe(PortRequest request, String name) {
        if (namesInterface(name) || ValeName.isMeant(name) || name.indexOf(':') >= 0) {
            return Optional.empty();
        }
        PipeName pipeName = PipeName.of(request);
        return Optional.ofNullable(parents.get(pipeName.parent()))
                .map(parent -> parent.pipes().get(pipeName.id()))
                .filter(pipe -> pipe.isOpen(pipeName.end()))
                .map(pipe -> new Watched(pipe.region(), pipe, pipeName.end()));
    }

    /** The rings that a monitor looks at, those of the port's transmit rings first: one receive ring of its own for each. */
    private List<Monitors.Tap> taps(PortRequest request, Watched watched) {
        ValePort.Shape shape = watched.owner().shape(watched.end());
        boolean zeroCopy = (request.flags() & NmreqRegister.NR_ZCOPY_MON) != 0;
        PortRequest selecting = request.mode() == NmreqRegister.NR_REG_ONE_NIC
                ? new PortRequest(request.name(), request.mode(), request.ringId(), 0, 0, 0, 0, 0, 0, 0, 0, 0)
                : allRings(request);
        List<Grant.HeldRing> rings = new ArrayList<>();
        if (zeroCopy || (request.flags() & NmreqRegister.NR_MONITOR_TX) != 0) {
            select(selecting, shape.txRings(), shape.rxRings(), 0).stream()
                    .filter(ring -> ring < shape.txRings())
                    .forEach(ring -> rings.add(new Grant.HeldRing(watched.end(), ring, true)));
        }
        if (zeroCopy || (request.flags() & NmreqRegister.NR_MONITOR_RX) != 0) {
            select(selecting, shape.rxRings(), shape.txRings(), 0).stream()
                    .filter(ring -> ring < shape.rxRings())
                    .forEach(ring -> rings.add(new Grant.HeldRing(watched.end(), ring, false)));
        }
        if (rings.isEmpty()) {
            throw refuse(request, Errno.EINVAL, "the port has no such rings to look at");
        }
        if (zeroCopy
                && rings.stream()
                        .anyMatch(
                                ring -> monitors.passesOn(watched.owner(), ring.end(), ring.ring(), ring.transmit()))) {
            throw refuse(
                    request,
                    Errno.EBUSY,
                    "a monitor without copying looks at the port already, and takes its buffers: use /t, /r or /rt");
        }
        return rings.stream()
                .map(ring -> new Monitors.Tap(watched.owner(), ring.end(), ring.ring(), ring.transmit(), zeroCopy))
                .toList();
    }

    private static Pipe createPipe(PortRequest request, Parent parent, PipeName name) {
        if (parent.pipes().size() >= MAX_PIPES) {
            throw refuse(
                    request,
                    Errno.EINVAL,
                    name.parent() + " has " + MAX_PIPES + " pipes, which is the most: use another parent name");
        }
        // netmap takes the wishes as the master's, whichever end comes first.
        int[] rings = {count(request.txRings(), 1, MAX_RINGS), count(request.rxRings(), 1, MAX_RINGS)};
        int[] slots = {
            count(request.txSlots(), DEFAULT_SLOTS, MAX_SLOTS), count(request.rxSlots(), DEFAULT_SLOTS, MAX_SLOTS)
        };
        return new Pipe(parent.region(), name.parent() + "{" + name.id(), name.end(), rings, slots);
    }

    private static int count(int wish, int byDefault, int most) {
        return wish < 1 ? byDefault : Math.min(wish, most);
    }

    private Grant openEnd(
            PortRequest request, Pipe pipe, int end, Registration.Kind kind, int eventfd, int peerEventfd) {
        List<Grant.HeldRing> rings = new ArrayList<>();
        select(request, pipe.txRings(end), pipe.rxRings(end), NmreqRegister.NR_RX_RINGS_ONLY)
                .forEach(ring -> rings.add(new Grant.HeldRing(end, Math.min(ring, pipe.txRings(end) - 1), true)));
        select(request, pipe.rxRings(end), pipe.txRings(end), NmreqRegister.NR_TX_RINGS_ONLY)
                .forEach(ring -> rings.add(new Grant.HeldRing(end, ring, false)));
        for (Grant.HeldRing ring : rings) {
            if (pipe.isBound(end, ring.ring(), ring.transmit())) {
                throw refuse(
                        request,
                        Errno.EBUSY,
                        (ring.transmit() ? "transmit" : "receive") + " ring " + ring.ring()
                                + " is open already: close it there, or open the other end");
            }
        }
        List<LaneEnd> lanes = rings.stream()
                .map(ring -> pipe.bind(end, ring.ring(), ring.transmit()))
                .toList();
        pipe.open();
        PortReply shape = new PortReply(
                0,
                0,
                pipe.txSlots(end),
                pipe.rxSlots(end),
                pipe.txRings(end),
                pipe.rxRings(end),
                0,
                0,
                pipe.region().memId(),
                0);
        List<Long> tx = ringTable(lanes, true, pipe.txRings(end));
        List<Long> rx = ringTable(lanes, false, pipe.rxRings(end));
        try {
            return finish(request, pipe.region(), shape, tx, rx, kind, lanes, rings, eventfd, peerEventfd, pipe);
        } catch (RuntimeException failure) {
            pipe.close(rings);
            throw failure;
        }
    }

    /** The rings of one direction that a request selects (ABI §5.3). */
    private static List<Integer> select(PortRequest request, int count, int countOfOther, int suppressingFlag) {
        List<Integer> selected = new ArrayList<>();
        if ((request.flags() & suppressingFlag) != 0) {
            return selected;
        }
        if (request.mode() == NmreqRegister.NR_REG_ONE_NIC) {
            if (request.ringId() >= Math.max(count, countOfOther)) {
                throw refuse(
                        request,
                        Errno.EINVAL,
                        "there is no ring " + request.ringId() + ": the port has " + count + " and " + countOfOther);
            }
            selected.add(request.ringId() < count ? request.ringId() : 0);
        } else {
            for (int ring = 0; ring < count; ring++) {
                selected.add(ring);
            }
        }
        return selected;
    }

    private static List<Long> ringTable(List<LaneEnd> lanes, boolean transmit, int count) {
        List<Long> table = new ArrayList<>();
        for (int ring = 0; ring < count; ring++) {
            int number = ring;
            table.add(lanes.stream()
                    .filter(end -> end.transmit() == transmit && end.ring() == number)
                    .map(end -> transmit ? end.txRing() : end.rxRing())
                    .findFirst()
                    .orElse(0L));
        }
        return table;
    }

    /** Makes the {@code netmap_if} and the reply. Ring offsets are from the region's start, 0 = not bound. */
    private Grant finish(
            PortRequest request,
            Region region,
            PortReply shape,
            List<Long> txRings,
            List<Long> rxRings,
            Registration.Kind kind,
            List<LaneEnd> lanes,
            List<Grant.HeldRing> held,
            int eventfd,
            int peerEventfd,
            SlotOwner owner) {
        // One entry for host rings per direction, although there are none (ABI §2.2).
        long offset = region.allocateInterface(txRings.size() + 1 + rxRings.size() + 1);
        long netmapIf = region.address() + offset;
        NetmapIf.name(netmapIf, request.name());
        NetmapIf.flags(netmapIf, region.memId() == GLOBAL_REGION ? 0 : NetmapIf.NI_PRIV_MEM);
        NetmapIf.txRings(netmapIf, txRings.size());
        NetmapIf.rxRings(netmapIf, rxRings.size());
        NetmapIf.hostTxRings(netmapIf, 1);
        NetmapIf.hostRxRings(netmapIf, 1);
        for (int i = 0; i < txRings.size(); i++) {
            writeTableEntry(netmapIf, NetmapIf.txTableIndex(i), txRings.get(i), offset);
        }
        for (int i = 0; i < rxRings.size(); i++) {
            writeTableEntry(netmapIf, NetmapIf.rxTableIndex(i, txRings.size(), 1), rxRings.get(i), offset);
        }
        int extra = region.allocateExtraBuffers(offset, request.extraBufs());
        PortReply reply = new PortReply(
                offset,
                region.memsize(),
                shape.txSlots(),
                shape.rxSlots(),
                shape.txRings(),
                shape.rxRings(),
                0,
                0,
                region.memId(),
                extra);
        Grant grant =
                new Grant(region, offset, new Registration(reply, kind, lanes), held, eventfd, peerEventfd, owner);
        grants.get(region).add(grant);
        return grant;
    }

    private static void writeTableEntry(long netmapIf, int index, long ringOffset, long interfaceOffset) {
        if (ringOffset != 0) {
            NetmapIf.ringOfs(netmapIf, index, ringOffset - interfaceOffset);
        }
    }

    /**
     * Takes ports of one user back, whether it closed them or died (ABI §4.5). All that a dead user had go together: it
     * may have left one buffer in slots of two of them.
     */
    synchronized void release(Collection<Grant> ended) {
        if (closed) {
            return;
        }
        for (Region region : List.copyOf(regions.values())) {
            List<Grant> here =
                    ended.stream().filter(grants.get(region)::contains).toList();
            if (!here.isEmpty()) {
                release(region, here);
            }
        }
    }

    private void release(Region region, List<Grant> ended) {
        Set<Grant> live = grants.get(region);
        ended.forEach(live::remove);
        monitors.close(ended);
        ended.forEach(grant -> grant.owner().close(grant.rings()));
        List<Grant> gone = new ArrayList<>(ended);
        gone.addAll(monitors.settle(region));
        if (live.isEmpty() && ownRegions.contains(region)) {
            // With all that is in it.
            gone.stream().map(Grant::owner).distinct().forEach(this::destroy);
            discardRegion(region);
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

    private void destroy(SlotOwner owner) {
        forget(owner);
        owner.destroy();
    }

    /** Has names lead no more to something that is not open any more. */
    private void forget(SlotOwner owner) {
        if (owner instanceof ValeRings rings) {
            vale.closed(rings);
        }
        parents.values().forEach(parent -> parent.pipes().values().remove(owner));
        parents.values().removeIf(parent -> parent.pipes().isEmpty());
    }

    @Override
    public PortReply portInfo(String name, int memId) {
        requireInterfaceIfNamed(name);
        return describe(name, memId);
    }

    /** The reply to PORT_INFO_GET, for an interface whether it exists or not: that is for the asking process to know. */
    synchronized PortReply describe(String name, int memId) {
        PortRequest request = PortRequest.of(name, NmreqRegister.NR_REG_ALL_NIC);
        if (name.isEmpty()) {
            Region region = region(request, memId == 0 ? GLOBAL_REGION : memId);
            return new PortReply(0, region.memsize(), 0, 0, 0, 0, 0, 0, region.memId(), 0);
        }
        if (vale.names(name)) {
            return describeVale(request, memId);
        }
        if (namesInterface(name)) {
            Region region = region(request, memId == 0 ? GLOBAL_REGION : memId);
            return new PortReply(0, region.memsize(), DEFAULT_SLOTS, DEFAULT_SLOTS, 1, 1, 0, 0, region.memId(), 0);
        }
        PipeName pipeName = PipeName.of(request);
        Parent parent = parents.get(pipeName.parent());
        Pipe pipe = parent == null ? null : parent.pipes().get(pipeName.id());
        if (pipe == null) {
            // netmap creates the pipe, asks it and destroys it again; the answer is the same.
            Region region = parent == null ? region(request, memId == 0 ? GLOBAL_REGION : memId) : parent.region();
            return new PortReply(0, region.memsize(), DEFAULT_SLOTS, DEFAULT_SLOTS, 1, 1, 0, 0, region.memId(), 0);
        }
        int end = pipeName.end();
        return new PortReply(
                0,
                pipe.region().memsize(),
                pipe.txSlots(end),
                pipe.rxSlots(end),
                pipe.txRings(end),
                pipe.rxRings(end),
                0,
                0,
                pipe.region().memId(),
                0);
    }

    /** Of a port that is not open the region is not there yet: its id is 0. */
    private PortReply describeVale(PortRequest request, int memId) {
        Optional<ValePort> port = vale.find(request.name());
        ValePort.Shape shape = port.map(ValePort::shape).orElseGet(() -> ValeSwitches.shape(request));
        Optional<Region> region = port.flatMap(vale::rings)
                .map(ValeRings::region)
                .or(() -> memId == 0 ? Optional.empty() : Optional.of(region(request, memId)));
        return new PortReply(
                0,
                region.map(Region::memsize).orElse(0L),
                shape.txSlots(),
                shape.rxSlots(),
                shape.txRings(),
                shape.rxRings(),
                0,
                0,
                region.map(Region::memId).orElse(0),
                0);
    }

    @Override
    public PoolsInfo poolsInfo(String name, int memId) {
        requireInterfaceIfNamed(name);
        return describePools(name, memId);
    }

    /** The reply to POOLS_INFO_GET, likewise. */
    synchronized PoolsInfo describePools(String name, int memId) {
        PortRequest request = PortRequest.of(name, NmreqRegister.NR_REG_ALL_NIC);
        int found = describe(name, memId).memId();
        if (found == 0) {
            throw refuse(request, Errno.ENXIO, "nobody has the port open: its region is made when it is opened");
        }
        return region(request, found).poolsInfo();
    }

    @Override
    public synchronized List<SwitchPort> valeList() {
        requireOpen();
        return vale.list();
    }

    @Override
    public int valeAttach(PortRequest request) {
        ValeName name = ValeName.of("VALE_ATTACH", request.name());
        requireAttachable(request);
        synchronized (attaching) {
            synchronized (this) {
                requireOpen();
                vale.find(request.name()).ifPresent(attached -> {
                    throw refuseAttach(request, Errno.EBUSY, "the switch has a port of that name");
                });
                if (vale.isPersistent(name.port())) {
                    if (request.mode() != NmreqRegister.NR_REG_ALL_NIC) {
                        throw refuseAttach(request, Errno.EINVAL, "a persistent port has no host stack");
                    }
                    return vale.attach(name);
                }
            }
            int number = attachInterface(request, name);
            if (request.mode() == NmreqRegister.NR_REG_NIC_SW) {
                attachStack(request, name);
            }
            return number;
        }
    }

    private void attachStack(PortRequest request, ValeName name) {
        // As the tap device is called behind it: with the mark of host rings, and at most as long as interfaces' names.
        String own = name.port().substring(0, Math.min(name.port().length(), MAX_DEVICE_NAME - 2)) + "^";
        try {
            if (NetworkInterfaces.index(own) != 0) {
                throw refuseAttach(
                        request,
                        Errno.EBUSY,
                        "another program has the stack's host rings open, " + own + ": close them there");
            }
            stacks.put(request.name(), stackSwitcher.join(this, name.port(), name.vale() + ":" + own));
        } catch (RuntimeException refused) {
            detachInterface(nics.remove(request.name()));
            throw refused;
        }
    }

    private static void requireAttachable(PortRequest request) {
        if (request.ringId() != 0) {
            throw refuseAttach(request, Errno.EINVAL, "a port is attached with all its rings");
        }
        switch (request.mode()) {
            case NmreqRegister.NR_REG_ALL_NIC, NmreqRegister.NR_REG_NIC_SW -> {}
            default -> throw refuseAttach(request, Errno.EINVAL, "mode " + request.mode() + " cannot be attached");
        }
    }

    private int attachInterface(PortRequest request, ValeName name) {
        InterfaceLink.requireInterface(name.port());
        Grant grant;
        ValePort port;
        synchronized (this) {
            port = vale.create(request, ValePort.Kind.INTERFACE);
            try {
                grant = grantOwnInterface(request, port.shape());
            } catch (RuntimeException failure) {
                vale.leave(port);
                throw failure;
            }
        }
        try {
            ValeNic nic = new ValeNic(port, name.port(), grant);
            try {
                nic.plug();
                Kloop loop = kloop();
                loop.run(() -> loop.add(nic));
            } catch (RuntimeException failure) {
                nic.close();
                throw failure;
            }
            nics.put(request.name(), nic);
            return port.number();
        } catch (RuntimeException failure) {
            synchronized (this) {
                vale.leave(port);
            }
            release(List.of(grant));
            throw failure;
        }
    }

    /** Rings for an interface in a region of its own, or the one that is asked for. */
    private Grant grantOwnInterface(PortRequest request, ValePort.Shape shape) {
        PortRequest rings =
                PortRequest.of(ValeName.of("VALE_ATTACH", request.name()).port(), NmreqRegister.NR_REG_ALL_NIC);
        Region region = request.memId() != 0
                ? region(request, request.memId())
                : createRegion(
                        nextMemId(),
                        ValeSwitches.regionConfig(shape, 0, global.bufSize()).withHeadroom(global.headroom()));
        if (request.memId() == 0) {
            ownRegions.add(region);
        }
        try {
            PortReply reply = new PortReply(0, 0, shape.txSlots(), shape.rxSlots(), 1, 1, 0, 0, region.memId(), 0);
            return finishInterface(rings, region, reply, List.of(0), List.of(0));
        } catch (RuntimeException failure) {
            if (request.memId() == 0) {
                discardRegion(region);
            }
            throw failure;
        }
    }

    @Override
    public int valeDetach(String name) {
        ValeName.of("VALE_DETACH", name);
        synchronized (attaching) {
            ValeNic nic = nics.remove(name);
            if (nic != null) {
                closeStack(Optional.ofNullable(stacks.remove(name)));
                return detachInterface(nic);
            }
            synchronized (this) {
                requireOpen();
                ValePort port = vale.find(name)
                        .orElseThrow(() -> new LinuxException(
                                "VALE_DETACH " + name, Errno.ENXIO, "the switch has no such port; see nfv vale list"));
                // An ephemeral port belongs to who has it open: nothing is to be done, as in netmap.
                return port.kind() == ValePort.Kind.PERSISTENT ? vale.leave(port) : port.number();
            }
        }
    }

    private int detachInterface(ValeNic nic) {
        detach(nic);
        int number;
        synchronized (this) {
            number = vale.leave(nic.port());
        }
        release(List.of(nic.grant()));
        return number;
    }

    private static void closeStack(Optional<AutoCloseable> stack) {
        try {
            if (stack.isPresent()) {
                stack.get().close();
            }
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void detach(ValeNic nic) {
        Kloop loop = kloop();
        loop.run(() -> loop.remove(nic));
        nic.close();
    }

    @Override
    public synchronized int valeNewif(PortRequest request) {
        requireOpen();
        String name = request.name();
        String wrong = name.isEmpty() || name.length() >= MAX_DEVICE_NAME || name.startsWith("vale")
                ? "a persistent port's name has 1 to " + (MAX_DEVICE_NAME - 1)
                        + " characters and does not begin with vale"
                : name.chars().anyMatch(c -> "{}:/ ".indexOf(c) >= 0)
                        ? "a persistent port's name has none of {}:/"
                        : "";
        if (!wrong.isEmpty()) {
            throw new LinuxException("VALE_NEWIF " + name, Errno.EINVAL, wrong);
        }
        if (NetworkInterfaces.index(name) != 0) {
            throw new LinuxException("VALE_NEWIF " + name, Errno.EEXIST, "there is a network interface of that name");
        }
        if (request.memId() != 0) {
            region(request, request.memId());
        }
        vale.create(name, new ValePort(name, ValePort.Kind.PERSISTENT, ValeSwitches.shape(request), request.memId()));
        return request.memId();
    }

    @Override
    public synchronized void valeDelif(String name) {
        requireOpen();
        vale.delete(name);
    }

    private static LinuxException refuseAttach(PortRequest request, Errno errno, String detail) {
        return new LinuxException("VALE_ATTACH " + request.name(), errno, detail);
    }

    /** Refuses the name of an interface that this process's network namespace does not have. */
    static void requireInterfaceIfNamed(String name) {
        if (namesInterface(name)) {
            InterfaceLink.requireInterface(name);
        }
    }

    /** Whether a name can only be an interface's: a pipe's has a brace, a switch port's a colon. */
    private static boolean namesInterface(String name) {
        return !name.isEmpty() && name.indexOf('{') < 0 && name.indexOf('}') < 0 && name.indexOf(':') < 0;
    }

    /** Walks a region and accounts for every buffer. Exact while its ports are quiet. */
    public synchronized BufferAudit audit(int memId) {
        Region region = region(PortRequest.of("", NmreqRegister.NR_REG_ALL_NIC), memId);
        return new BufferKeeper(region, grants.get(region), List.of()).audit();
    }

    private Region region(PortRequest request, int memId) {
        Region region = regions.get(memId);
        if (region == null) {
            throw refuse(request, Errno.EINVAL, "there is no region " + memId + " here; there are " + regions.keySet());
        }
        return region;
    }

    private void requireOpen() {
        if (closed) {
            throw new LinuxException("embedded host", Errno.ENXIO, "the host is closed");
        }
    }

    private static LinuxException refuse(PortRequest request, Errno errno, String detail) {
        return new LinuxException("REGISTER " + request.name(), errno, detail);
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
            serving = List.copyOf(servers);
            loop = Optional.ofNullable(kloop);
        }
        serving.forEach(AttachServer::close);
        synchronized (attaching) {
            stacks.values().forEach(stack -> closeStack(Optional.of(stack)));
        }
        loop.ifPresent(Kloop::close);
        synchronized (attaching) {
            nics.values().forEach(ValeNic::close);
        }
        csbPorts.forEach(CsbPort::close);
        bindings.forEach(HostBinding::close);
        synchronized (this) {
            parents.values().forEach(parent -> parent.pipes().values().forEach(Pipe::destroy));
            regions.values().forEach(Region::close);
        }
    }

    /** A pipe's name taken apart: {@code PARENT{ID} is the master, {@code PARENT}ID} the slave (ABI §8.1). */
    private record PipeName(String parent, String id, int end) {
        static PipeName of(PortRequest request) {
            String name = request.name();
            int brace = name.lastIndexOf('{');
            int end = Pipe.MASTER;
            if (brace < 0) {
                brace = name.lastIndexOf('}');
                end = Pipe.SLAVE;
            }
            if (brace < 0) {
                throw refuse(
                        request,
                        Errno.ENXIO,
                        "no port is called so: there are interfaces, such as eth0, switches' ports, vale0:a, and pipes:"
                                + " x{1 is one end, x}1 the other");
            }
            if (brace == 0 || brace == name.length() - 1) {
                throw refuse(request, Errno.EINVAL, "a pipe is PARENT{ID or PARENT}ID, neither part empty");
            }
            return new PipeName(name.substring(0, brace), name.substring(brace + 1), end);
        }
    }
}
