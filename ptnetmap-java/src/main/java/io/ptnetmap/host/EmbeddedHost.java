// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapIf;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * netmap in user space: keeps regions and the ports in them, with the same ABI, names and errors as {@code /dev/netmap}.
 *
 * <p>The host only arranges: it gives out rings and buffers when a port is opened and takes them back when it is closed,
 * or when its process has died. Moving packets over a pipe is done by the two processes that have opened its ends,
 * without the host; but for an end that is a virtual machine's, the host does it ({@link Kloop}). {@link #serve} lets other
 * processes open ports here. A name that is neither a pipe's nor a switch
 * port's is that of a network interface, see {@link InterfaceBinding}.
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
    private static final int MONITOR_FLAGS =
            NmreqRegister.NR_MONITOR_TX | NmreqRegister.NR_MONITOR_RX | NmreqRegister.NR_ZCOPY_MON;

    private final Map<Integer, Region> regions = new HashMap<>();
    private final Map<String, Parent> parents = new HashMap<>();
    private final Map<Region, Set<Grant>> grants = new HashMap<>();
    private final Set<HostBinding> bindings = ConcurrentHashMap.newKeySet();
    private final List<AttachServer> servers = new ArrayList<>();
    private final Set<CsbPort> csbPorts = ConcurrentHashMap.newKeySet();
    /** Serves them; null until there is one. */
    private Kloop kloop;

    private boolean closed;

    /** The pipes of one name, and the region that they share. */
    private record Parent(Region region, Map<String, Pipe> pipes) {}

    private EmbeddedHost(RegionConfig global) {
        createRegion(GLOBAL_REGION, global);
    }

    /** A host with one region, number 1, of the default size. */
    public static EmbeddedHost create() {
        return create(RegionConfig.DEFAULT);
    }

    /** A host with one region, number 1. */
    public static EmbeddedHost create(RegionConfig global) {
        return new EmbeddedHost(global);
    }

    /** Adds a region: a circle of trust of its own. Returns its id, for {@code @ID} in port names. */
    public synchronized int createRegion(RegionConfig config) {
        requireOpen();
        int memId = regions.keySet().stream().mapToInt(Integer::intValue).max().orElse(0) + 1;
        createRegion(memId, config);
        return memId;
    }

    private void createRegion(int memId, RegionConfig config) {
        Region region = new Region(memId, config);
        regions.put(memId, region);
        grants.put(region, new HashSet<>());
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

    @Override
    public String name() {
        return "embedded host";
    }

    @Override
    public PortBinding register(PortRequest request) {
        Grant grant = grant(request);
        return HostBinding.of(
                request,
                grant.registration(),
                grant.region().view(),
                () -> grant.eventfd() < 0
                        ? Doorbell.silent()
                        : new Doorbell(Linux.duplicate(grant.eventfd()), Linux.duplicate(grant.peerEventfd())),
                new HostBinding.Owner(bindings, () -> release(List.of(grant))));
    }

    /** Opens a port that this host serves itself, for a user behind a control block (CSB) who has no part in syncing. */
    CsbPort openCsb(PortRequest request) {
        Grant grant = grant(request);
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
        int rings = grant.registration().kind() == Registration.Kind.LANES
                ? grant.registration().lanes().size()
                : reply.txRings() + reply.rxRings();
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
        };
    }

    /** Ends the service of a port. The port itself is still to be {@linkplain #release released}. */
    void closeCsb(CsbPort port) {
        port.close();
        csbPorts.remove(port);
    }

    private synchronized Kloop kloop() {
        requireOpen();
        if (kloop == null) {
            kloop = new Kloop();
        }
        return kloop;
    }

    /** {@code NETMAP_REQ_REGISTER}: creates what the request needs and marks it as open. */
    synchronized Grant grant(PortRequest request) {
        requireOpen();
        if ((request.flags() & MONITOR_FLAGS) != 0) {
            throw refuse(request, Errno.EOPNOTSUPP, "the embedded host has no monitors");
        }
        return switch (request.mode()) {
            case NmreqRegister.NR_REG_NULL -> grantNull(request);
            case NmreqRegister.NR_REG_ALL_NIC, NmreqRegister.NR_REG_ONE_NIC ->
                namesInterface(request.name()) ? grantInterface(request) : grantPipe(request);
            case NmreqRegister.NR_REG_SW, NmreqRegister.NR_REG_NIC_SW, NmreqRegister.NR_REG_ONE_SW ->
                throw refuse(request, Errno.EINVAL, "the port has no host rings: leave out the ^ or *");
            default -> throw refuse(request, Errno.EINVAL, "mode " + request.mode() + " cannot be asked for");
        };
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
        PrivateRings rings = new PrivateRings(region, tx, txSlots, rx, rxSlots);
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
        PrivateRings rings = new PrivateRings(region, tx, txSlots, rx, rxSlots);
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

    private Grant grantPipe(PortRequest request) {
        PipeName name = PipeName.of(request);
        Parent parent = parents.get(name.parent());
        if (parent == null) {
            int memId = request.memId() == 0 ? GLOBAL_REGION : request.memId();
            parent = new Parent(region(request, memId), new HashMap<>());
        }
        boolean fresh = !parent.pipes().containsKey(name.id());
        Pipe pipe = fresh ? createPipe(request, parent, name) : parent.pipes().get(name.id());
        try {
            return openEnd(request, pipe, name.end());
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

    private Grant openEnd(PortRequest request, Pipe pipe, int end) {
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
            return finish(
                    request,
                    pipe.region(),
                    shape,
                    tx,
                    rx,
                    Registration.Kind.LANES,
                    lanes,
                    rings,
                    pipe.eventfd(end),
                    pipe.eventfd(1 - end),
                    pipe);
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
        for (Region region : regions.values()) {
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
        ended.forEach(grant -> grant.owner().close(grant.rings()));
        new BufferKeeper(region, live, ended).reconcile();
        for (Grant grant : ended) {
            region.freeInterface(grant.interfaceOffset());
        }
        for (SlotOwner owner : ended.stream().map(Grant::owner).collect(Collectors.toSet())) {
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
        parents.values().forEach(parent -> parent.pipes().values().remove(owner));
        parents.values().removeIf(parent -> parent.pipes().isEmpty());
        owner.destroy();
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

    @Override
    public PoolsInfo poolsInfo(String name, int memId) {
        requireInterfaceIfNamed(name);
        return describePools(name, memId);
    }

    /** The reply to POOLS_INFO_GET, likewise. */
    synchronized PoolsInfo describePools(String name, int memId) {
        return region(
                        PortRequest.of(name, NmreqRegister.NR_REG_ALL_NIC),
                        describe(name, memId).memId())
                .poolsInfo();
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
        loop.ifPresent(Kloop::close);
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
                        "the embedded host has no switches; it has interfaces, such as eth0, and pipes: x{1 is one"
                                + " end, x}1 the other");
            }
            if (brace == 0 || brace == name.length() - 1) {
                throw refuse(request, Errno.EINVAL, "a pipe is PARENT{ID or PARENT}ID, neither part empty");
            }
            return new PipeName(name.substring(0, brace), name.substring(brace + 1), end);
        }
    }
}
