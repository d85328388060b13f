// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Brings requests by HTTP/1.1 and takes the answers back. Whatever a client does, it costs a bounded time and amount of memory:
 * heads and bodies have limits and deadlines, and so has the number of connections.
 */
final class HttpFront implements AutoCloseable {
    /** Longest body: that of a descriptor, and some room for the ways to write it. */
    static final int MOST_BODY = 1 << 20;

    private static final int MOST_HEADERS = 16 << 10;
    private static final int MOST_ADDRESS = 8 << 10;
    /** Until the next request's head must have come. */
    private static final long HEAD_MILLIS = 60_000;
    /** Of the first request, whose client has nothing to think about. */
    private static final long FIRST_HEAD_MILLIS = 10_000;

    private static final long BODY_MILLIS = 30_000;
    /** How long what is too much is still taken and thrown away, so that the client gets to read the answer. */
    private static final long DISCARD_MILLIS = 2_000;

    private static final Map<String, String> SECURITY = Map.of(
            "x-content-type-options", "nosniff",
            "content-security-policy",
                    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
            "referrer-policy", "no-referrer",
            "cross-origin-resource-policy", "same-origin");

    private final Vertx vertx;
    private final Api api;
    private final int mostConnections;
    private final AtomicInteger connections = new AtomicInteger();
    private final Map<HttpConnection, Long> deadlines = new ConcurrentHashMap<>();
    private final Map<HttpConnection, Principal> peers = new ConcurrentHashMap<>();
    private final ExecutorService executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("request-", 0).factory());

    HttpFront(Vertx vertx, Api api, int mostConnections) {
        this.vertx = vertx;
        this.api = api;
        this.mostConnections = mostConnections;
    }

    /** What all servers have in common. */
    static HttpServerOptions options() {
        HttpServerOptions options = new HttpServerOptions();
        options.setMaxHeaderSize(MOST_HEADERS);
        options.setMaxInitialLineLength(MOST_ADDRESS);
        options.setHttp2ClearTextEnabled(false);
        options.setCompressionSupported(false);
        options.setTcpNoDelay(true);
        return options;
    }

    /** Listens. */
    HttpServer listen(HttpServerOptions options, InetSocketAddress address) throws InterruptedException {
        return listen(
                options,
                SocketAddress.inetSocketAddress(
                        address.getPort(), address.getAddress().getHostAddress()),
                _ -> Optional.empty());
    }

    /** Listens at a Unix socket. */
    void listen(SocketFile socket) throws InterruptedException {
        socket.clear();
        listen(options(), SocketAddress.domainSocketAddress(socket.path().toString()), socket::peer);
        socket.restrict();
    }

    private HttpServer listen(
            HttpServerOptions options, SocketAddress address, Function<HttpConnection, Optional<Principal>> peer)
            throws InterruptedException {
        return NodeServer.await(vertx.createHttpServer(options)
                .connectionHandler(connection -> {
                    peer.apply(connection).ifPresent(known -> peers.put(connection, known));
                    connected(connection);
                })
                .invalidRequestHandler(this::malformed)
                .requestHandler(this::requested)
                .listen(address));
    }

    private void connected(HttpConnection connection) {
        if (connections.incrementAndGet() > mostConnections) {
            connection.close();
        } else {
            expectHead(connection, FIRST_HEAD_MILLIS);
        }
        connection.closeHandler(closed -> {
            connections.decrementAndGet();
            peers.remove(connection);
            dropDeadline(connection);
        });
    }

    private void expectHead(HttpConnection connection, long millis) {
        dropDeadline(connection);
        deadlines.put(connection, vertx.setTimer(millis, late -> connection.close()));
    }

    private void dropDeadline(HttpConnection connection) {
        Long timer = deadlines.remove(connection);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }

    private void malformed(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        String name = cause == null ? "" : cause.getClass().getSimpleName();
        int status =
                name.equals("TooLongHttpHeaderException") ? 431 : name.equals("TooLongHttpLineException") ? 414 : 400;
        String detail = status == 431
                ? "the header is longer than " + MOST_HEADERS + " bytes"
                : status == 414 ? "the address is longer than " + MOST_ADDRESS + " bytes" : "this is no HTTP request";
        request.response().putHeader("connection", "close");
        send(request, Api.problem(status, detail, Optional.empty()));
        request.connection().close();
    }

    private void requested(HttpServerRequest request) {
        dropDeadline(request.connection());
        long length = lengthOf(request);
        if (length > MOST_BODY) {
            refuseBody(request);
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
            request.response().writeContinue();
        }
        Buffer body = Buffer.buffer();
        long deadline = vertx.setTimer(BODY_MILLIS, late -> {
            request.response().putHeader("connection", "close");
            send(request, Api.problem(408, "the body did not come in time", Optional.of(request.path())));
            request.connection().close();
        });
        boolean[] refused = {false};
        request.handler(chunk -> {
            if (!refused[0] && body.length() + chunk.length() > MOST_BODY) {
                refused[0] = true;
                vertx.cancelTimer(deadline);
                refuseBody(request);
            } else if (!refused[0]) {
                body.appendBuffer(chunk);
            }
        });
        request.exceptionHandler(gone -> vertx.cancelTimer(deadline));
        request.endHandler(end -> {
            if (!refused[0] && vertx.cancelTimer(deadline)) {
                dispatch(request, body.getBytes());
            }
        });
    }

    private static long lengthOf(HttpServerRequest request) {
        String length = request.getHeader("content-length");
        return length == null || !length.matches("\\d{1,18}") ? 0 : Long.parseLong(length);
    }

    /** Answers at once, and goes on reading for a moment: a client that still sends would not see the answer otherwise. */
    private void refuseBody(HttpServerRequest request) {
        request.response().putHeader("connection", "close");
        send(request, Api.problem(413, "a body may have " + MOST_BODY + " bytes at most", Optional.of(request.path())));
        request.handler(discarded -> {});
        request.endHandler(end -> request.connection().close());
        request.exceptionHandler(gone -> {});
        vertx.setTimer(DISCARD_MILLIS, late -> request.connection().close());
    }

    private void dispatch(HttpServerRequest request, byte[] body) {
        Context context = vertx.getOrCreateContext();
        Map<String, String> headers = new HashMap<>();
        request.headers().forEach(header -> headers.putIfAbsent(header.getKey(), header.getValue()));
        String path = Optional.ofNullable(request.path())
                .filter(p -> p.startsWith("/"))
                .orElse("/");
        Request asked = new Request(
                request.method().name(),
                path,
                Optional.ofNullable(request.query()).orElse(""),
                headers,
                body,
                Optional.ofNullable(peers.get(request.connection())));
        executor.execute(() -> {
            try {
                Reply reply = api.handle(asked);
                context.runOnContext(nothing -> send(request, reply));
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void send(HttpServerRequest request, Reply reply) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.headWritten()) {
            return;
        }
        response.setStatusCode(reply.status());
        SECURITY.forEach(response::putHeader);
        reply.headers().forEach(response::putHeader);
        switch (reply) {
            case Reply.Whole whole -> {
                if (!reply.headers().containsKey("cache-control")) {
                    response.putHeader("cache-control", "no-store");
                }
                if (!response.closed()) {
                    // Before the end, for with it the next request may come, which a late deadline would hit.
                    expectHead(request.connection(), HEAD_MILLIS);
                    response.end(Buffer.buffer(whole.body()));
                }
            }
            case Reply.Stream stream -> {
                if (request.method().name().equals("HEAD")) {
                    stream.flow().start(new ClosedOutlet());
                    response.end();
                } else {
                    response.setChunked(true);
                    stream.flow().start(new ResponseOutlet(vertx, request));
                }
            }
        }
    }

    /** Connections that are open. */
    int connections() {
        return connections.get();
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
