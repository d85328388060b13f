// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.linux.UnixSocket;
import io.ptnetmap.linux.UserId;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The embedded host of another process. Its ports live in shared memory: once open, they work without the host, and go on
 * working when it dies; but for those of switches, which the host itself serves.
 *
 * <p>Thread-safe.
 */
public final class AttachClient implements NetmapDriver {
    private final Path path;
    private final UnixSocket socket;
    private final Map<Integer, AttachedRegion> regions = new HashMap<>();
    private final Set<HostBinding> bindings = ConcurrentHashMap.newKeySet();
    private int sequence;
    private boolean closed;

    /** A region that this process has mapped, with the number of its ports in it. */
    private static final class AttachedRegion {
        final RegionView view;
        int ports;

        AttachedRegion(RegionView view) {
            this.view = view;
        }

        void close() {
            view.memory().close();
            view.bell().close();
        }
    }

    private final boolean fence;

    private AttachClient(Path path, UnixSocket socket) {
        this.path = path;
        this.socket = socket;
        ByteBuffer hello = AttachProtocol.message(AttachProtocol.HELLO, ++sequence, 0)
                .putInt(Linux.registerGlobalBarrier() ? 1 : 0);
        this.fence = (exchange(hello).data().getInt() & 1) != 0;
    }

    /** Attaches to the host that serves a socket: one of the same user, or root's. */
    public static AttachClient connect(Path path) {
        UnixSocket socket = UnixSocket.connect(path);
        try {
            int peer = socket.peerUid();
            if (peer != UserId.current() && peer != 0) {
                throw new LinuxException(
                        "attach to " + path, Errno.EACCES, "user " + peer + " serves there, who is not to be trusted");
            }
            return new AttachClient(path, socket);
        } catch (RuntimeException failure) {
            socket.close();
            throw failure;
        }
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public synchronized PortBinding register(PortRequest request) {
        requireOpen();
        if (ValeName.isMeant(request.name()) && (request.flags() & NmreqRegister.NR_MONITOR) == 0) {
            return openServed(request);
        }
        ByteBuffer out = AttachProtocol.message(AttachProtocol.REGISTER, ++sequence, 0);
        AttachProtocol.putRequest(out, request);
        UnixSocket.Message reply = exchange(out);
        AttachProtocol.Granted granted = AttachProtocol.granted(reply.data());
        int[] descriptors = reply.descriptors();
        int memId = granted.registration().reply().memId();
        AttachedRegion region = region(poolsInfo("", memId), granted.regionSize(), descriptors[0]);
        region.view.bell().take(descriptors[descriptors.length - 1]);
        return HostBinding.of(
                request,
                granted.registration(),
                region.view,
                () -> doorbell(granted.registration().kind(), region.view, descriptors),
                new HostBinding.Owner(bindings, () -> release(granted.port(), region)));
    }

    private static Doorbell doorbell(Registration.Kind kind, RegionView region, int[] descriptors) {
        if (kind == Registration.Kind.MONITOR) {
            return Doorbell.of(region.bell().eventfd(), -1);
        }
        return descriptors.length < 4 ? Doorbell.silent() : new Doorbell(descriptors[1], descriptors[2]);
    }

    /** Opens a port that the host serves. */
    private PortBinding openServed(PortRequest request) {
        ByteBuffer out = AttachProtocol.message(AttachProtocol.OPEN_CSB, ++sequence, 0);
        AttachProtocol.putRequest(out, request);
        UnixSocket.Message reply = exchange(out);
        AttachProtocol.CsbGranted granted = AttachProtocol.csbGranted(reply.data());
        int[] descriptors = reply.descriptors();
        int[] eventfds = Arrays.copyOfRange(descriptors, 2, descriptors.length);
        AttachedRegion region = region(granted.pools(), Region.sizeOf(granted.pools()), descriptors[0]);
        Mapping csb = Mapping.of(descriptors[1], granted.csbSize());
        Linux.close(descriptors[1]);
        Runnable release = () -> release(granted.port(), region);
        int hostSocket = Linux.duplicate(socket.descriptor());
        try {
            exchange(AttachProtocol.message(AttachProtocol.START, ++sequence, 0).putInt(granted.port()));
            CsbBinding binding = new CsbBinding(
                    request,
                    granted.registration(),
                    region.view,
                    csb,
                    eventfds,
                    hostSocket,
                    new HostBinding.Owner(bindings, release));
            bindings.add(binding);
            return binding;
        } catch (RuntimeException failure) {
            csb.close();
            Linux.close(hostSocket);
            for (int eventfd : eventfds) {
                Linux.close(eventfd);
            }
            release.run();
            throw failure;
        }
    }

    private AttachedRegion region(PoolsInfo pools, long size, int memfd) {
        try {
            AttachedRegion region = regions.computeIfAbsent(
                    pools.memId(),
                    memId -> new AttachedRegion(
                            new RegionView(Mapping.of(memfd, size), pools, fence, new MonitorBell())));
            region.ports++;
            return region;
        } finally {
            Linux.close(memfd);
        }
    }

    private synchronized void release(int port, AttachedRegion region) {
        if (!closed) {
            try {
                exchange(AttachProtocol.message(AttachProtocol.RELEASE, ++sequence, 0)
                        .putInt(port));
            } catch (LinuxException hostGone) {
                // Then there is nobody to give the port back to.
            }
        }
        if (--region.ports == 0) {
            regions.values().remove(region);
            region.close();
        }
    }

    @Override
    public synchronized PortReply portInfo(String name, int memId) {
        InterfaceLink.requireIfMeant(name);
        return AttachProtocol.reply(query(AttachProtocol.PORT_INFO, name, memId));
    }

    @Override
    public synchronized PoolsInfo poolsInfo(String name, int memId) {
        InterfaceLink.requireIfMeant(name);
        return AttachProtocol.pools(query(AttachProtocol.POOLS_INFO, name, memId));
    }

    @Override
    public synchronized List<SwitchPort> valeList() {
        requireOpen();
        List<SwitchPort> list = new ArrayList<>();
        int bridge = 0;
        int port = 0;
        try {
            while (true) {
                ByteBuffer out = AttachProtocol.message(AttachProtocol.VALE_LIST, ++sequence, 0);
                SwitchPort next = AttachProtocol.switchPort(
                        exchange(out.putInt(bridge).putInt(port)).data());
                list.add(next);
                bridge = next.bridge();
                port = next.port() + 1;
            }
        } catch (LinuxException end) {
            if (end.errno() != Errno.ENOENT) {
                throw end;
            }
            return list;
        }
    }

    @Override
    public synchronized int valeAttach(PortRequest request) {
        return change(AttachProtocol.VALE_ATTACH, request);
    }

    @Override
    public synchronized int valeNewif(PortRequest request) {
        return change(AttachProtocol.VALE_NEWIF, request);
    }

    private int change(int type, PortRequest request) {
        requireOpen();
        ByteBuffer out = AttachProtocol.message(type, ++sequence, 0);
        AttachProtocol.putRequest(out, request);
        return exchange(out).data().getInt();
    }

    @Override
    public synchronized int valeDetach(String name) {
        return change(AttachProtocol.VALE_DETACH, name).getInt();
    }

    @Override
    public synchronized void valeDelif(String name) {
        change(AttachProtocol.VALE_DELIF, name);
    }

    private ByteBuffer change(int type, String name) {
        requireOpen();
        ByteBuffer out = AttachProtocol.message(type, ++sequence, 0);
        AttachProtocol.putName(out, name);
        return exchange(out).data();
    }

    private ByteBuffer query(int type, String name, int memId) {
        requireOpen();
        ByteBuffer out = AttachProtocol.message(type, ++sequence, 0).putInt(memId);
        AttachProtocol.putName(out, name);
        return exchange(out).data();
    }

    /** Sends a request and waits for its reply, positioned at the body. */
    private UnixSocket.Message exchange(ByteBuffer request) {
        UnixSocket.Message reply;
        try {
            socket.send(request.flip());
            reply = socket.receive().orElseThrow(() -> new LinuxException("attach", Errno.ECONNRESET.number()));
        } catch (LinuxException failure) {
            throw new LinuxException("attach to " + path, failure.number(), "the host has gone or refused this user");
        }
        AttachProtocol.Header header = AttachProtocol.header(reply.data());
        if (header.errno() != 0) {
            throw new LinuxException(path.toString(), header.errno(), AttachProtocol.text(reply.data()));
        }
        return reply;
    }

    private void requireOpen() {
        if (closed) {
            throw new LinuxException("attach to " + path, Errno.ENXIO, "this connection is closed");
        }
    }

    /** Ends the connection; the host takes all ports back. Whoever still uses one touches nothing that is shared. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            // Before the host can give these buffers and slots to others.
            bindings.stream().filter(InterfaceBinding.class::isInstance).forEach(HostBinding::stop);
            regions.values().forEach(AttachedRegion::close);
            socket.close();
        }
        bindings.forEach(HostBinding::close);
    }
}
