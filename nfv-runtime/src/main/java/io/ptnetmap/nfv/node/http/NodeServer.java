// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.NodeException;
import io.ptnetmap.nfv.node.metrics.NodeMetrics;
import io.ptnetmap.nfv.node.metrics.OtlpExport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/** A node's API, served. */
public final class NodeServer implements AutoCloseable {
    private final Vertx vertx;
    private final HttpFront front;
    private final NodeMetrics metrics;
    private final int port;

    private NodeServer(Vertx vertx, HttpFront front, NodeMetrics metrics, int port) {
        this.vertx = vertx;
        this.front = front;
        this.metrics = metrics;
        this.port = port;
    }

    /**
     * Begins to serve.
     *
     * @throws NodeException if it cannot listen
     */
    public static NodeServer start(Node node, TokenFile tokens, ServerSettings settings) throws InterruptedException {
        return start(node, tokens, settings, Optional.empty());
    }

    /**
     * Begins to serve, and to send metrics.
     *
     * @throws NodeException if it cannot listen
     */
    public static NodeServer start(Node node, TokenFile tokens, ServerSettings settings, Optional<OtlpExport> export)
            throws InterruptedException {
        System.setProperty("vertx.logger-delegate-factory-class-name", "io.vertx.core.logging.SLF4JLogDelegateFactory");
        NodeMetrics metrics = export.map(to -> NodeMetrics.of(node, to)).orElseGet(() -> NodeMetrics.of(node));
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(settings.eventLoops())
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        try {
            EventStream.Readers readers = new EventStream.Readers(settings.mostReaders());
            Authenticator authenticator = new Authenticator(List.of(tokens));
            List<Route> routes = new ArrayList<>(new NodeRoutes(node, readers).all());
            routes.addAll(new TokenRoutes(authenticator).all());
            routes.addAll(new MetricsRoutes(metrics).all());
            routes.addAll(new DashboardRoutes().all());
            Api api = new Api(routes, authenticator);
            HttpFront front = new HttpFront(vertx, api, settings.mostConnections());
            HttpServerOptions options = HttpFront.options();
            int port = front.listen(
                    options,
                    SocketAddress.inetSocketAddress(
                            settings.address().getPort(), settings.address().getHostString()));
            return new NodeServer(vertx, front, metrics, port);
        } catch (NodeException failure) {
            metrics.close();
            vertx.close();
            throw new NodeException("cannot listen at " + settings.address() + ": " + failure.getMessage(), failure);
        }
    }

    /** The port that is listened at. */
    public int port() {
        return port;
    }

    static <T> T await(Future<T> future) throws InterruptedException {
        try {
            return future.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException failure) {
            throw new NodeException(String.valueOf(failure.getCause().getMessage()), failure.getCause());
        }
    }

    @Override
    public void close() {
        front.close();
        metrics.close();
        try {
            await(vertx.close());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
