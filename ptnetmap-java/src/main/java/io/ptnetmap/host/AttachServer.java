// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.UnixSocket;
import io.ptnetmap.linux.UserId;
import io.ptnetmap.memory.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets other processes open ports of an {@link EmbeddedHost}, over a Unix socket (see {@link AttachProtocol}).
 *
 * <p>Only processes of the same user, or root's, are served. A process that dies gives back all it had: the kernel closes
 * its connection, whatever it was doing. One thread serves all; it has no part in moving packets.
 */
public final class AttachServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AttachServer.class);
    /** Far more than there are pipes to open; what is beyond is turned away. */
    private static final int MAX_CLIENTS = 1024;

    private final EmbeddedHost host;
    private final Path path;
    private final UnixSocket listener;
    private final int stop = Linux.eventfd();
    private final List<Client> clients = new ArrayList<>();
    private final Thread thread;
    private volatile boolean closing;

    /** How long to wait for a process to end whose connection has. */
    private static final long LAST_MOMENTS = 1_000_000_000;

    private static final class Client {
        final UnixSocket socket;
        final int process;
        final Map<Integer, Grant> ports = new HashMap<>();
        /** Those of the ports that the host serves. */
        final Map<Integer, CsbPort> csbPorts = new HashMap<>();

        private int nextPort = 1;
        boolean greeted;
        /** Whether it is registered for membarrier, or syncs fence: others may not run rings. */
        boolean maySync;

        Client(UnixSocket socket) {
            this.socket = socket;
            this.process = socket.peerProcess();
        }

        /**
         * Waits until the kernel writes no more into buffers on the process's behalf: until its sockets of interfaces are closed,
         * which may come after the end of the connection.
         */
        void awaitEndOfInterfaces() {
            boolean interfaces = ports.entrySet().stream()
                    .anyMatch(port -> !csbPorts.containsKey(port.getKey())
                            && port.getValue().registration().kind() == Registration.Kind.INTERFACE);
            if (interfaces && process >= 0) {
                Linux.poll(process, Linux.POLLIN, LAST_MOMENTS);
            }
        }

        void close() {
            socket.close();
            if (process >= 0) {
                Linux.close(process);
            }
        }

        /** Gives a port its number in the session. */
        int add(Grant grant) {
            int port = nextPort++;
            ports.put(port, grant);
            return port;
        }

        /** Whether it has a port in a region already. */
        boolean has(Region region) {
            return ports.values().stream().anyMatch(grant -> grant.region() == region);
        }
    }

    AttachServer(EmbeddedHost host, Path path) {
        this.host = host;
        this.path = path;
        this.listener = listen(path);
        this.thread = Thread.ofPlatform().daemon().name("attach-server").start(this::serve);
    }

    private static UnixSocket listen(Path path) {
        Path directory = path.toAbsolutePath().getParent();
        if (!Files.isDirectory(directory)) {
            throw new LinuxException(
                    "bind " + path,
                    Errno.ENOENT,
                    "there is no directory " + directory + "; make one that only you can enter");
        }
        try {
            removeStale(path);
            UnixSocket socket = UnixSocket.listen(path);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            return socket;
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot serve on " + path + ": " + FileErrors.why(failure), failure);
        }
    }

    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
            throw new LinuxException("bind " + path, Errno.EEXIST, "there is a file, which is no socket; name another");
        }
        try {
            UnixSocket.connect(path).close();
        } catch (LinuxException refused) {
            if (refused.errno() == Errno.ECONNREFUSED) {
                Files.delete(path);
                return;
            }
            throw refused;
        }
        throw new LinuxException("bind " + path, Errno.EADDRINUSE, "another host serves this socket");
    }

    /** The socket's path. */
    public Path path() {
        return path;
    }

    /** Connected processes; one that has gone counts until its ports are taken back. */
    public int connections() {
        synchronized (clients) {
            return clients.size();
        }
    }

    private void serve() {
        while (!closing) {
            try {
                serveOnce();
            } catch (RuntimeException failure) {
                // A host that serves many must not go down for one.
                LOG.error("attach server: {}", failure.getMessage(), failure);
            }
        }
    }

    private void serveOnce() {
        try (Arena arena = Arena.ofConfined()) {
            int count = clients.size() + 2;
            long pollfds = arena.allocate((long) count * Linux.POLLFD_SIZE, 8).address();
            fill(pollfds, 0, listener.descriptor());
            fill(pollfds, 1, stop);
            for (int i = 0; i < clients.size(); i++) {
                fill(pollfds, i + 2, clients.get(i).socket.descriptor());
            }
            Linux.poll(pollfds, count, -1);
            if (closing) {
                return;
            }
            List<Client> present = List.copyOf(clients);
            // The dead first: whoever replaces them must find their ports free.
            for (int i = 0; i < present.size(); i++) {
                if ((revents(pollfds, i + 2) & (Linux.POLLHUP | Linux.POLLERR)) != 0) {
                    drop(present.get(i));
                }
            }
            for (int i = 0; i < present.size(); i++) {
                if (revents(pollfds, i + 2) == Linux.POLLIN) {
                    receive(present.get(i));
                }
            }
            if (revents(pollfds, 0) != 0) {
                listener.accept().ifPresent(this::admit);
            }
        }
    }

    private static void fill(long pollfds, int index, int fd) {
        Memory.putInt(pollfds + (long) index * Linux.POLLFD_SIZE, fd);
        Memory.putInt(pollfds + (long) index * Linux.POLLFD_SIZE + 4, Linux.POLLIN);
    }

    private static int revents(long pollfds, int index) {
        return Memory.getShort(pollfds + (long) index * Linux.POLLFD_SIZE + 6);
    }

    private void admit(UnixSocket socket) {
        int own = UserId.current();
        int peer = socket.peerUid();
        if (peer != own && peer != 0) {
            LOG.warn("{}: refused a process of user {}", path, peer);
            socket.close();
            return;
        }
        if (clients.size() >= MAX_CLIENTS) {
            LOG.warn("{}: refused a connection, there are {} already", path, MAX_CLIENTS);
            socket.close();
            return;
        }
        synchronized (clients) {
            clients.add(new Client(socket));
        }
    }

    private void drop(Client client) {
        client.awaitEndOfInterfaces();
        client.csbPorts.values().forEach(host::closeCsb);
        host.release(client.ports.values());
        client.close();
        synchronized (clients) {
            clients.remove(client);
        }
    }

    private void receive(Client client) {
        try {
            Optional<UnixSocket.Message> message = client.socket.receive();
            if (message.isEmpty()) {
                drop(client);
                return;
            }
            for (int unexpected : message.get().descriptors()) {
                Linux.close(unexpected);
            }
            answer(client, message.get().data());
        } catch (BufferUnderflowException truncated) {
            LOG.warn("{}: dropped a client: its message ends too early", path);
            drop(client);
        } catch (RuntimeException failure) {
            LOG.warn("{}: dropped a client: {}", path, failure.getMessage());
            drop(client);
        }
    }

    private void answer(Client client, ByteBuffer in) {
        AttachProtocol.Header header = AttachProtocol.header(in);
        ByteBuffer out = AttachProtocol.message(header.type() | AttachProtocol.REPLY, header.sequence(), 0);
        int[] descriptors = new int[0];
        try {
            descriptors = execute(client, header, in, out);
        } catch (LinuxException refused) {
            out = AttachProtocol.refusal(header.type(), header.sequence(), refused);
        }
        client.socket.send(out.flip(), descriptors);
    }

    /** Carries out a request and writes the reply's body. Returns the descriptors to send along. */
    private int[] execute(Client client, AttachProtocol.Header header, ByteBuffer in, ByteBuffer out) {
        if (!client.greeted && header.type() != AttachProtocol.HELLO) {
            throw new LinuxException("attach", Errno.EPROTO, "a session begins with HELLO");
        }
        switch (header.type()) {
            case AttachProtocol.HELLO -> {
                out.putInt(hello(client, in.getInt()));
            }
            case AttachProtocol.REGISTER -> {
                return register(client, AttachProtocol.request(in), out);
            }
            case AttachProtocol.OPEN_CSB -> {
                return openCsb(client, AttachProtocol.request(in), out);
            }
            case AttachProtocol.START -> csbPort(client, "START", in.getInt()).start();
            case AttachProtocol.STOP -> csbPort(client, "STOP", in.getInt()).stop();
            case AttachProtocol.RELEASE -> release(client, in.getInt());
            case AttachProtocol.PORT_INFO -> {
                int memId = in.getInt();
                PortReply info = host.describe(AttachProtocol.name(in), memId);
                AttachProtocol.putReply(out, info);
            }
            case AttachProtocol.POOLS_INFO -> {
                int memId = in.getInt();
                PoolsInfo pools = host.describePools(AttachProtocol.name(in), memId);
                AttachProtocol.putPools(out, pools);
            }
            case AttachProtocol.VALE_ATTACH -> out.putInt(host.valeAttach(AttachProtocol.request(in)));
            case AttachProtocol.VALE_DETACH -> out.putInt(host.valeDetach(AttachProtocol.name(in)));
            case AttachProtocol.VALE_LIST -> AttachProtocol.putSwitchPort(out, switchPort(in.getInt(), in.getInt()));
            case AttachProtocol.VALE_NEWIF -> out.putInt(host.valeNewif(AttachProtocol.request(in)));
            case AttachProtocol.VALE_DELIF -> host.valeDelif(AttachProtocol.name(in));
            default ->
                throw new LinuxException(
                        "attach", Errno.EOPNOTSUPP, "this host does not know request " + header.type());
        }
        return new int[0];
    }

    private int[] register(Client client, PortRequest request, ByteBuffer out) {
        if (!client.maySync) {
            throw new LinuxException("REGISTER", Errno.EPROTO, "this client has said that it opens CSB ports only");
        }
        Grant grant = host.grant(request, client::has);
        if (grant.registration().kind() == Registration.Kind.SWITCH) {
            host.release(List.of(grant));
            throw new LinuxException(
                    "REGISTER", Errno.EOPNOTSUPP, "a switch's port is served by its host: OPEN_CSB it");
        }
        AttachProtocol.putGrant(out, client.add(grant), grant);
        int memfd = grant.region().memfd();
        int bell = grant.region().view().bell().eventfd();
        return grant.peerEventfd() < 0
                ? new int[] {memfd, bell}
                : new int[] {memfd, grant.eventfd(), grant.peerEventfd(), bell};
    }

    private int[] openCsb(Client client, PortRequest request, ByteBuffer out) {
        CsbPort csb = host.openCsb(request, client::has);
        int port = client.add(csb.grant());
        client.csbPorts.put(port, csb);
        AttachProtocol.putCsbGrant(out, port, csb.grant());
        return csb.descriptors();
    }

    private void release(Client client, int port) {
        Grant grant = client.ports.remove(port);
        if (grant == null) {
            throw new LinuxException("RELEASE", Errno.ENXIO, "no such port");
        }
        Optional.ofNullable(client.csbPorts.remove(port)).ifPresent(host::closeCsb);
        host.release(List.of(grant));
    }

    /** The first port of a switch at or after a number, as VALE_LIST has it (ABI §5.7). */
    private SwitchPort switchPort(int bridge, int port) {
        return host.valeList().stream()
                .filter(other -> other.bridge() > bridge || other.bridge() == bridge && other.port() >= port)
                .findFirst()
                .orElseThrow(() -> new LinuxException("VALE_LIST", Errno.ENOENT, "there are no more ports"));
    }

    private static CsbPort csbPort(Client client, String request, int port) {
        CsbPort csb = client.csbPorts.get(port);
        if (csb == null) {
            throw new LinuxException(request, Errno.ENXIO, "no such port, or not one opened by OPEN_CSB");
        }
        return csb;
    }

    private static int hello(Client client, int flags) {
        boolean fence = !Linux.registerGlobalBarrier();
        boolean csbOnly = (flags & AttachProtocol.HELLO_CSB_ONLY) != 0;
        if (!fence && !csbOnly && (flags & AttachProtocol.HELLO_MEMBARRIER) == 0) {
            throw new LinuxException(
                    "HELLO",
                    Errno.EPROTONOSUPPORT,
                    "this host relies on membarrier(2), which the client could not register for: a seccomp filter?");
        }
        client.greeted = true;
        client.maySync = !csbOnly;
        return fence ? 1 : 0;
    }

    /** Stops serving. Ports that other processes have open stay theirs until the host is closed, even if they die. */
    @Override
    public void close() {
        closing = true;
        Linux.eventfdSignal(stop);
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        clients.forEach(Client::close);
        listener.close();
        Linux.close(stop);
        try {
            Files.deleteIfExists(path);
        } catch (IOException leftBehind) {
            LOG.debug("{} stays behind: {}", path, leftBehind.getMessage());
        }
    }
}
