// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings requests by HTTP/1.1 and takes the answers back. Whatever a client does, it costs a bounded time and amount of memory:
 * heads and bodies have limits and deadlines, and so has the number of connections.
 */
final class HttpFront implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpFront.class);
    private static final int MOST_HEADERS = 16 << 10;
    /** Until the next request's head must have come. */
    private static final long HEAD_MILLIS = 60_000;
    /** Of the first request, whose client has nothing to think about. */
    private static final long FIRST_HEAD_MILLIS = 10_000;

    private static final long NO_TIMER = -1;
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
    private final Runnable handshakeFailed;
    private final Map<HttpConnection, Peer> peers = new ConcurrentHashMap<>();
    /** Those whose next request's head has not come, the one that has waited longest first. */
    private final Set<Peer> waiting = new LinkedHashSet<>();

    private final ExecutorService executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("request-", 0).factory());

    /** A client's connection. */
    private static final class Peer {
        private final HttpConnection connection;
        /** By which names this node is known where it comes from. */
        private final Hosts hosts;
        /** Who it is, where the system says so. */
        private final Optional<Principal> user;
        /** The timer that ends the wait for the next request. */
        private final AtomicLong deadline = new AtomicLong(NO_TIMER);
        /** What to do when the body that comes cannot be read; for the connection's thread. */
        private Optional<Runnable> onBrokenBody = Optional.empty();

        Peer(HttpConnection connection, Hosts hosts, Optional<Principal> user) {
            this.connection = connection;
            this.hosts = hosts;
            this.user = user;
        }
    }

    /** @param handshakeFailed told of each connection that came to an end before TLS was agreed on */
    HttpFront(Vertx vertx, Api api, int mostConnections, Runnable handshakeFailed) {
        this.vertx = vertx;
        this.api = api;
        this.mostConnections = mostConnections;
        this.handshakeFailed = handshakeFailed;
    }

    /** What all servers have in common. */
    static HttpServerOptions options() {
        HttpServerOptions options = new HttpServerOptions();
        options.setMaxHeaderSize(MOST_HEADERS);
        options.setMaxInitialLineLength(Api.MOST_ADDRESS);
        options.setHttp2ClearTextEnabled(false);
        options.setCompressionSupported(false);
        options.setTcpNoDelay(true);
        return options;
    }

    /**
     * Listens.
     *
     * @param names that it is asked for by besides its address
     */
    HttpServer listen(HttpServerOptions options, InetSocketAddress address, Set<String> names)
            throws InterruptedException {
        return listen(
                options,
                SocketAddress.inetSocketAddress(
                        address.getPort(), address.getAddress().getHostAddress()),
                Hosts.of(address, names),
                _ -> Optional.empty());
    }

    /** Listens at a Unix socket. */
    void listen(SocketFile socket) throws InterruptedException {
        socket.clear();
        // No page leads a browser there.
        listen(options(), SocketAddress.domainSocketAddress(socket.path().toString()), Hosts.ALL, socket::peer);
        socket.restrict();
    }

    private HttpServer listen(
            HttpServerOptions options,
            SocketAddress address,
            Hosts hosts,
            Function<HttpConnection, Optional<Principal>> user)
            throws InterruptedException {
        return NodeServer.await(vertx.createHttpServer(options)
                .connectionHandler(connection -> connected(new Peer(connection, hosts, user.apply(connection))))
                .exceptionHandler(this::notEstablished)
                .invalidRequestHandler(this::malformed)
                .requestHandler(this::requested)
                .listen(address));
    }

    private void notEstablished(Throwable failure) {
        LOG.debug("no connection came about: {}", failure.toString());
        if (failure instanceof SSLException || failure.getCause() instanceof SSLException) {
            handshakeFailed.run();
        }
    }

    private void connected(Peer peer) {
        HttpConnection connection = peer.connection;
        peers.put(connection, peer);
        connection.closeHandler(closed -> {
            peers.remove(connection);
            dropDeadline(peer);
        });
        Channels.check(connection, () -> {
            Optional<Runnable> refusal = peer.onBrokenBody;
            peer.onBrokenBody = Optional.empty();
            refusal.ifPresent(Runnable::run);
            return refusal.isPresent();
        });
        if (peers.size() > mostConnections && !makeRoom()) {
            Channels.cut(connection);
        } else {
            expectHead(peer, FIRST_HEAD_MILLIS);
        }
    }

    /** Closes the connection that has been idle for longest: who asks nothing does not keep out who does. */
    private boolean makeRoom() {
        Optional<Peer> idle;
        synchronized (waiting) {
            idle = waiting.stream().findFirst();
            idle.ifPresent(waiting::remove);
        }
        idle.ifPresent(peer -> Channels.cut(peer.connection));
        return idle.isPresent();
    }

    private void expectHead(Peer peer, long millis) {
        synchronized (waiting) {
            waiting.remove(peer);
            waiting.add(peer);
        }
        cancel(peer.deadline.getAndSet(vertx.setTimer(millis, late -> Channels.cut(peer.connection))));
    }

    private void dropDeadline(Peer peer) {
        synchronized (waiting) {
            waiting.remove(peer);
        }
        cancel(peer.deadline.getAndSet(NO_TIMER));
    }

    private void cancel(long timer) {
        if (timer != NO_TIMER) {
            vertx.cancelTimer(timer);
        }
    }

    private void malformed(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        int status = cause instanceof TooLongHttpHeaderException
                ? 431
                : cause instanceof TooLongHttpLineException ? 414 : 400;
        String detail = status == 431
                ? "the header is longer than " + MOST_HEADERS + " bytes"
                : status == 414
                        ? "the address is longer than " + Api.MOST_ADDRESS + " bytes"
                        : "this is no HTTP request";
        request.response().putHeader("connection", "close");
        send(request, Api.problem(status, detail, Optional.empty()));
        request.connection().close();
    }

    private void requested(HttpServerRequest request) {
        Peer peer = peers.get(request.connection());
        if (peer == null) {
            // It is about to be cut off.
            return;
        }
        dropDeadline(peer);
        Optional<Reply> refusal = refusal(request, peer.hosts);
        if (refusal.isPresent()) {
            refuse(request, refusal.get());
            return;
        }
        long length = lengthOf(request);
        if (length > Api.MOST_BODY) {
            refuse(request, tooLong(request));
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
            request.response().writeContinue();
        }
        Buffer body = Buffer.buffer();
        long deadline = vertx.setTimer(BODY_MILLIS, late -> {
            request.response().putHeader("connection", "close");
            send(request, Api.problem(408, "the body did not come in time", Optional.ofNullable(request.path())));
            request.connection().close();
        });
        boolean[] refused = {false};
        peer.onBrokenBody = Optional.of(() -> {
            if (!refused[0] && vertx.cancelTimer(deadline)) {
                refused[0] = true;
                refuse(
                        request,
                        Api.problem(
                                400,
                                "the chunks of the body cannot be told apart; before each comes its length, in"
                                        + " hexadecimal digits",
                                Optional.ofNullable(request.path())));
            }
        });
        request.handler(chunk -> {
            if (!refused[0] && body.length() + chunk.length() > Api.MOST_BODY) {
                refused[0] = true;
                vertx.cancelTimer(deadline);
                refuse(request, tooLong(request));
            } else if (!refused[0]) {
                body.appendBuffer(chunk);
            }
        });
        request.exceptionHandler(gone -> vertx.cancelTimer(deadline));
        request.endHandler(end -> {
            peer.onBrokenBody = Optional.empty();
            if (!refused[0] && vertx.cancelTimer(deadline)) {
                dispatch(request, body.getBytes(), peer.user);
            }
        });
    }

    private static long lengthOf(HttpServerRequest request) {
        String length = request.getHeader("content-length");
        return length == null || !length.matches("\\d{1,18}") ? 0 : Long.parseLong(length);
    }

    /** What is wrong with a request, whatever it is for. */
    private static Optional<Reply> refusal(HttpServerRequest request, Hosts hosts) {
        // Where a request ends that has another coding, nobody but its sender knows.
        if (request.headers().getAll("transfer-encoding").stream()
                .anyMatch(coding -> !coding.equalsIgnoreCase("chunked"))) {
            return Optional.of(Api.problem(400, "the only transfer coding is chunked", Optional.empty()));
        }
        List<String> names = request.headers().getAll("host");
        if (names.size() > 1 || names.isEmpty() && request.version() != HttpVersion.HTTP_1_0) {
            return Optional.of(Api.problem(400, "a request has one header Host", Optional.empty()));
        }
        return names.stream()
                .filter(name -> !hosts.admit(name))
                .findFirst()
                .map(stranger -> Api.problem(
                        421,
                        "this node is not known by that name; ask for it by its address, or let it be started with"
                                + " --host-name",
                        Optional.empty()));
    }

    private static Reply tooLong(HttpServerRequest request) {
        return Api.problem(
                413, "a body may have " + Api.MOST_BODY + " bytes at most", Optional.ofNullable(request.path()));
    }

    /** Answers at once, and goes on reading for a moment: a client that still sends would not see the answer otherwise. */
    private void refuse(HttpServerRequest request, Reply reply) {
        request.response().putHeader("connection", "close");
        send(request, reply);
        request.handler(discarded -> {});
        request.endHandler(end -> request.connection().close());
        request.exceptionHandler(gone -> {});
        vertx.setTimer(DISCARD_MILLIS, late -> Channels.cut(request.connection()));
    }

    private void dispatch(HttpServerRequest request, byte[] body, Optional<Principal> user) {
        Context context = vertx.getOrCreateContext();
        Map<String, String> headers = new HashMap<>();
        // Of a header that came more than once, one list (RFC 9110 §5.3); where none may be, as of tokens, it is none
        // of them.
        request.headers()
                .forEach(header -> headers.merge(
                        header.getKey().toLowerCase(Locale.ROOT),
                        header.getValue(),
                        (first, next) -> first + ", " + next));
        String path = Optional.ofNullable(request.path())
                .filter(p -> p.startsWith("/"))
                .orElse("/");
        Request asked = new Request(
                request.method().name(),
                path,
                Optional.ofNullable(request.query()).orElse(""),
                headers,
                body,
                user);
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
            if (reply instanceof Reply.Stream stream) {
                stream.flow().start(new ClosedOutlet());
            }
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
                if (expectNext(request)) {
                    response.end(Buffer.buffer(whole.body()));
                }
            }
            case Reply.Stream stream -> {
                if (request.method().name().equals("HEAD")) {
                    stream.flow().start(new ClosedOutlet());
                    if (expectNext(request)) {
                        response.end();
                    }
                } else {
                    response.setChunked(true);
                    stream.flow().start(new ResponseOutlet(vertx, request, () -> expectNext(request)));
                }
            }
        }
    }

    /**
     * Sets the deadline for what the client may ask next; before an answer's end, for with it the next request may come, which a late
     * deadline would hit.
     *
     * @return whether the client is still there
     */
    private boolean expectNext(HttpServerRequest request) {
        Peer peer = peers.get(request.connection());
        boolean there = !request.response().closed() && peer != null;
        if (there) {
            expectHead(peer, HEAD_MILLIS);
        }
        return there;
    }

    /** Connections that are open. */
    int connections() {
        return peers.size();
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
