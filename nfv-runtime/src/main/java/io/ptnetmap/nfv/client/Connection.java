// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.ptnetmap.nfv.node.model.ProblemDetails;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import javax.net.ssl.SSLException;
import tools.jackson.core.JacksonException;

/** Sends requests to one node: with the token, again where no answer came, and with refusals as exceptions. */
final class Connection {
    private static final int LOWEST_ERROR = 400;
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    /** Each stream has a connection of its own. */
    private static final int MOST_CONNECTIONS = 256;

    private final Vertx vertx;
    private final NodeClientOptions options;
    private final HttpClient http;
    private final WebClient web;

    Connection(Vertx vertx, NodeClientOptions options) {
        this.vertx = vertx;
        this.options = options;
        HttpClientOptions client = new HttpClientOptions()
                .setConnectTimeout((int) options.timeout().toMillis())
                .setDecompressionSupported(true);
        options.authority()
                .map(Authority::read)
                .ifPresent(certificates -> client.setTrustOptions(new PemTrustOptions().addCertValue(certificates)));
        http = vertx.createHttpClient(client, new PoolOptions().setHttp1MaxSize(MOST_CONNECTIONS));
        web = WebClient.wrap(http);
    }

    /** The node's address. */
    URI node() {
        return options.node();
    }

    /** Sends a request until it is answered or the retries are used up. */
    Future<HttpResponse<Buffer>> send(Request request) {
        return send(request, status -> status < LOWEST_ERROR);
    }

    /** The same where certain other answers are none of refusal. */
    Future<HttpResponse<Buffer>> send(Request request, IntPredicate welcome) {
        return send(request, welcome, 0);
    }

    private Future<HttpResponse<Buffer>> send(Request request, IntPredicate welcome, int attempt) {
        return sendOnce(request).transform(sent -> {
            if (sent.succeeded()) {
                HttpResponse<Buffer> answer = sent.result();
                return welcome.test(answer.statusCode())
                        ? Future.succeededFuture(answer)
                        : Future.failedFuture(refusal(answer.statusCode(), answer.statusMessage(), answer.body()));
            }
            if (attempt < options.retries() && !(sent.cause() instanceof SSLException)) {
                return vertx.timer(FIRST_PAUSE_MILLIS << attempt, TimeUnit.MILLISECONDS)
                        .compose(_ -> send(request, welcome, attempt + 1));
            }
            return Future.failedFuture(NoAnswer.from(options, sent.cause()));
        });
    }

    private Future<HttpResponse<Buffer>> sendOnce(Request request) {
        HttpRequest<Buffer> sent = web.request(request.method(), head(request))
                .timeout(options.timeout().plus(request.waitTime()).toMillis());
        return request.body().map(sent::sendBuffer).orElseGet(sent::send);
    }

    /**
     * Sends a request whose answer goes on and on.
     *
     * @param idle how long nothing may come before the connection is given up; zero: without limit
     * @return the answer, paused; complete on the context that it comes on
     */
    Future<HttpClientResponse> open(Request request, Duration idle) {
        return paused(http.request(head(request).setMethod(request.method())))
                .recover(failure -> Future.failedFuture(NoAnswer.from(options, failure)))
                .compose(answer -> {
                    if (answer.statusCode() < LOWEST_ERROR) {
                        if (idle.isPositive()) {
                            answer.request().idleTimeout(idle.toMillis());
                        }
                        return Future.succeededFuture(answer);
                    }
                    Future<Buffer> whole = answer.body();
                    answer.resume();
                    return whole.compose(
                            body -> Future.failedFuture(refusal(answer.statusCode(), answer.statusMessage(), body)));
                });
    }

    /**
     * The answer to a request, paused before any of its body can come. The caller's thread may be held up between any two calls here,
     * while a short answer begins and ends on the context's; so what pauses it is set there, in the same turn that sends.
     */
    static Future<HttpClientResponse> paused(Future<HttpClientRequest> request) {
        return request.compose(connected -> connected.send().map(HttpClientResponse::pause));
    }

    private RequestOptions head(Request request) {
        RequestOptions head = options.socket().map(this::at).orElseGet(this::atHost);
        head.setConnectTimeout(options.timeout().toMillis()).setURI(head.getURI() + request.target());
        request.headers().forEach(head::addHeader);
        options.token().ifPresent(token -> head.addHeader("Authorization", "Bearer " + token));
        return head;
    }

    /** Where a node is that serves at a socket; a request has to name a host, whichever. */
    private RequestOptions at(Path socket) {
        return new RequestOptions()
                .setServer(SocketAddress.domainSocketAddress(socket.toString()))
                .setHost("localhost")
                .setPort(HTTP_PORT)
                .setURI("");
    }

    private RequestOptions atHost() {
        URI node = options.node();
        boolean secure = "https".equals(node.getScheme());
        return new RequestOptions()
                .setHost(node.getHost())
                .setPort(node.getPort() >= 0 ? node.getPort() : secure ? HTTPS_PORT : HTTP_PORT)
                .setSsl(secure)
                .setURI(node.getRawPath().replaceFirst("/$", ""));
    }

    private static NodeException refusal(int status, String reason, Buffer body) {
        return new NodeException(problem(body)
                .orElseGet(() -> new ProblemDetails(
                        "about:blank", status + " " + reason, status, Optional.empty(), Optional.empty(), List.of())));
    }

    /** Something between here and the node may refuse in its own words. */
    private static Optional<ProblemDetails> problem(Buffer body) {
        try {
            return Optional.ofNullable(body)
                    .map(bytes -> Documents.read(bytes.getBytes(), ProblemDetails.class))
                    .filter(problem -> problem.status() >= LOWEST_ERROR);
        } catch (JacksonException noProblemDocument) {
            return Optional.empty();
        }
    }

    Future<Void> close() {
        web.close();
        return http.close();
    }
}
