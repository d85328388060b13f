// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.NodeLog;
import io.ptnetmap.nfv.node.NodeStartException;
import io.ptnetmap.nfv.node.metrics.NodeMetrics;
import io.ptnetmap.nfv.node.metrics.OtlpExport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/** A node's API, served. */
public final class NodeServer implements AutoCloseable {
    private final Vertx vertx;
    private final EventBusFront bus;
    private final HttpFront front;
    private final NodeMetrics metrics;
    private final List<SocketAddress> addresses;

    private NodeServer(
            Vertx vertx, EventBusFront bus, HttpFront front, NodeMetrics metrics, List<SocketAddress> addresses) {
        this.vertx = vertx;
        this.bus = bus;
        this.front = front;
        this.metrics = metrics;
        this.addresses = addresses;
    }

    /**
     * Begins to serve.
     *
     * @throws NodeStartException if it cannot listen
     */
    public static NodeServer start(Node node, TokenFile tokens, NodeLog log, ServerSettings settings)
            throws InterruptedException {
        return start(node, tokens, log, settings, Optional.empty());
    }

    /**
     * Begins to serve, and to send metrics.
     *
     * @throws NodeStartException if it cannot listen
     */
    public static NodeServer start(
            Node node, TokenFile tokens, NodeLog log, ServerSettings settings, Optional<OtlpExport> export)
            throws InterruptedException {
        System.setProperty("vertx.logger-delegate-factory-class-name", "io.vertx.core.logging.SLF4JLogDelegateFactory");
        // Part of the names of connections, which else is looked for among the machine's cards, with a warning if there
        // are none.
        System.setProperty("io.netty.machineId", "02:00:00:00:00:00");
        NodeMetrics metrics = export.map(to -> NodeMetrics.of(node, to)).orElseGet(() -> NodeMetrics.of(node));
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(Math.min(2, Runtime.getRuntime().availableProcessors()))
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        try {
            List<Authenticator.Source> sources = new ArrayList<>(List.of(tokens));
            settings.jwt().ifPresent(jwt -> sources.add(new JwtTokens(vertx, jwt)));
            Authenticator authenticator = new Authenticator(sources);
            EventStream.Readers readers = new EventStream.Readers(settings.mostReaders());
            List<Route> routes = contract(node, log, readers, authenticator, metrics);
            routes.addAll(new DashboardRoutes().all());
            Admissions admissions = new Admissions(vertx, authenticator);
            Api api = new Api(routes, authenticator, admissions);
            EventBusFront bus = new EventBusFront(
                    vertx, api, authenticator, admissions, node.events().history());
            bus.start();
            if (settings.bus().isPresent()) {
                bus.bridge(settings.bus().getAsInt());
            }
            HttpFront front = new HttpFront(vertx, api, settings.mostConnections(), metrics::handshakeFailed);
            return new NodeServer(vertx, bus, front, metrics, listen(vertx, front, settings));
        } catch (RuntimeException failure) {
            metrics.close();
            vertx.close();
            throw failure;
        }
    }

    /** The routes of a node's API, for a look at them. */
    static List<Route> routes(Node node) {
        try (NodeMetrics metrics = NodeMetrics.of(node)) {
            Authenticator nobody = new Authenticator(List.of());
            return contract(node, NodeLog.follow(), new EventStream.Readers(0), nobody, metrics);
        }
    }

    private static List<Route> contract(
            Node node, NodeLog log, EventStream.Readers readers, Authenticator authenticator, NodeMetrics metrics) {
        List<Route> routes = new ArrayList<>(new NodeRoutes(node, log, readers).all());
        routes.addAll(new TokenRoutes(authenticator).all());
        routes.addAll(new MetricsRoutes(metrics).all());
        return routes;
    }

    private static List<SocketAddress> listen(Vertx vertx, HttpFront front, ServerSettings settings)
            throws InterruptedException {
        List<SocketAddress> served = new ArrayList<>();
        for (SocketAddress address : settings.addresses()) {
            if (address instanceof UnixDomainSocketAddress unix) {
                SocketFile socket = new SocketFile(unix.getPath());
                front.listen(socket);
                served.add(UnixDomainSocketAddress.of(socket.path()));
            } else {
                served.add(listen(vertx, front, (InetSocketAddress) address, settings));
            }
        }
        return List.copyOf(served);
    }

    private static InetSocketAddress listen(
            Vertx vertx, HttpFront front, InetSocketAddress address, ServerSettings settings)
            throws InterruptedException {
        Optional<Tls> tls = settings.certificate().map(files -> new Tls(files.chain(), files.key()));
        HttpServerOptions options = HttpFront.options();
        tls.ifPresent(files -> files.applyTo(options));
        try {
            HttpServer server = front.listen(options, address, settings.hostNames());
            tls.ifPresent(files -> files.watch(vertx, server));
            return new InetSocketAddress(address.getAddress(), server.actualPort());
        } catch (NodeStartException failure) {
            throw new NodeStartException("cannot listen at " + address + ": " + failure.getMessage(), failure);
        }
    }

    /** What is listened at. */
    public List<SocketAddress> addresses() {
        return addresses;
    }

    /** The port of the first internet address that is listened at. */
    public int port() {
        return addresses.stream()
                .filter(InetSocketAddress.class::isInstance)
                .map(address -> ((InetSocketAddress) address).getPort())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the node is served at no port"));
    }

    static <T> T await(Future<T> future) throws InterruptedException {
        try {
            return future.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException failure) {
            throw new NodeStartException(String.valueOf(failure.getCause().getMessage()), failure.getCause());
        }
    }

    @Override
    public void close() {
        bus.close();
        front.close();
        metrics.close();
        try {
            await(vertx.close());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
