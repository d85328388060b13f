// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.node.model.ChainDetails;
import io.ptnetmap.nfv.node.model.ChainSummary;
import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.node.model.Operation;
import io.ptnetmap.nfv.node.model.TracedPacket;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against a server that answers as each test wants it to, also as a node never would. */
class NodeClientTest {
    private static final String CHAIN = """
            {"name":"%s","revision":3,"state":"running","desired":"running","functions":["a","b"],
             "descriptor":{"chain":"c"},"created":"2026-01-02T03:04:05Z","changed":"2026-01-02T03:04:05Z"}""";
    private static final String OPERATION =
            "{\"id\":\"op 1\",\"action\":\"apply\",\"chain\":\"c\",\"state\":\"%s\",\"created\":\"2026-01-02T03:04:05Z\"%s}";

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();

    /** What the server was asked. */
    private record Seen(String line, Map<String, String> headers, String body) {}

    private NodeClient client(Handler<HttpServerRequest> answers) throws Exception {
        HttpServer server = vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    Map<String, String> headers = request.headers().entries().stream()
                            .collect(Collectors.toMap(
                                    entry -> entry.getKey().toLowerCase(), Map.Entry::getValue, (one, _) -> one));
                    seen.add(new Seen(request.method() + " " + request.uri(), headers, body.toString()));
                    answers.handle(request);
                }));
        int port = get(server.listen(0, "127.0.0.1")).actualPort();
        return NodeClient.create(
                vertx,
                NodeClientOptions.of(URI.create("http://127.0.0.1:" + port))
                        .withToken("secret")
                        .withTimeout(Duration.ofSeconds(5)));
    }

    @AfterEach
    void close() throws Exception {
        get(vertx.close());
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static <X extends Throwable> X failure(Class<X> type, Future<?> future) {
        return assertInstanceOf(
                type, assertThrows(ExecutionException.class, () -> get(future)).getCause());
    }

    private static void json(HttpServerRequest request, String body) {
        request.response().putHeader("Content-Type", "application/json").end(body);
    }

    @Test
    void listsComeWholeAndWithTheToken() throws Exception {
        NodeClient client = client(request -> json(
                request,
                request.getParam("after") == null
                        ? "{\"items\":[" + CHAIN.formatted("a") + "],\"next\":\"/v1/chains?limit=1&after=a%20b\"}"
                        : "{\"items\":[" + CHAIN.formatted("z") + "]}"));
        List<ChainSummary> chains = get(client.chains());
        assertEquals(List.of("a", "z"), chains.stream().map(ChainSummary::name).toList());
        assertEquals(List.of("a", "b"), chains.getFirst().functions());
        Seen first = seen.take();
        assertEquals("GET /v1/chains?limit=1000", first.line());
        assertEquals("Bearer secret", first.headers().get("authorization"));
        assertEquals("GET /v1/chains?limit=1&after=a%20b", seen.take().line());
    }

    @Test
    void aNextPageElsewhereGetsNoToken() throws Exception {
        NodeClient client = client(request -> {
            String next = request.uri().startsWith("/v1/") ? ",\"next\":\"http://198.51.100.1/stolen\"" : "";
            json(request, "{\"items\":[]" + next + "}");
        });
        assertEquals(List.of(), get(client.chains()));
        assertEquals("GET /v1/chains?limit=1000", seen.take().line());
        assertEquals("GET /stolen", seen.take().line(), "asked of the node itself");
    }

    @Test
    void refusalsNameEachPlace() throws Exception {
        NodeClient client =
                client(request -> request.response().setStatusCode(422).end("""
                {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"2 errors","errors":[
                 {"pointer":"/functions/0/type","detail":"unknown","line":3,"column":11},{"pointer":"","detail":"no chain"}]}"""));
        NodeException refused =
                failure(NodeException.class, client.apply("c", Descriptor.yaml("x"), ChangeOptions.DEFAULT));
        assertEquals(422, refused.status());
        assertEquals("/functions/0/type: unknown; no chain", refused.getMessage());
        assertEquals(3, refused.problem().errors().getFirst().line().orElseThrow());
    }

    @Test
    void refusalsInOtherWordsAreRefusalsToo() throws Exception {
        NodeClient client =
                client(request -> request.response().setStatusCode(404).end("<h1>gone</h1>"));
        NodeException refused = failure(NodeException.class, client.chain("c"));
        assertTrue(refused.isNotFound());
        assertEquals("404 Not Found", refused.getMessage());
    }

    @Test
    void whatIsNoNodeIsNotTakenForOne() throws Exception {
        NodeClient client = client(request -> request.response().end("<h1>Welcome</h1>"));
        String message = failure(NodeUnreachableException.class, client.node()).getMessage();
        assertTrue(message.startsWith("what answers at " + client.address() + " is no node"), message);
    }

    @Test
    void nobodyAtAllIsSaidSo() throws Exception {
        NodeClient client = NodeClient.create(
                vertx, NodeClientOptions.of(URI.create("http://127.0.0.1:1")).withRetries(1));
        String message =
                failure(NodeUnreachableException.class, client.chains()).getMessage();
        assertTrue(message.matches("no node answers at http://127.0.0.1:1: .*refused.*"), message);
    }

    @Test
    void whatGotNoAnswerIsSentAgainUnderTheSameKey() throws Exception {
        NodeClient client = client(request -> {
            if (seen.size() < 3) {
                request.connection().close();
            } else {
                json(request, OPERATION.formatted("succeeded", ""));
            }
        });
        assertTrue(get(client.apply("c d", Descriptor.yaml("chain: c"), ChangeOptions.DEFAULT))
                .isOver());
        List<Seen> all = List.copyOf(seen);
        assertEquals(3, all.size());
        assertEquals("PUT /v1/chains/c%20d?start=true", all.getFirst().line());
        assertEquals("chain: c", all.getFirst().body());
        assertEquals("application/yaml", all.getFirst().headers().get("content-type"));
        assertEquals(
                1,
                all.stream()
                        .map(sent -> sent.headers().get("idempotency-key"))
                        .distinct()
                        .count());
        get(client.stop("c", ChangeOptions.DEFAULT));
        assertFalse(all.getFirst()
                .headers()
                .get("idempotency-key")
                .equals(List.copyOf(seen).getLast().headers().get("idempotency-key")));
    }

    @Test
    void changesHaveTheirConditions() throws Exception {
        NodeClient client = client(request -> json(request, OPERATION.formatted("pending", "")));
        get(client.apply(
                "c",
                Descriptor.of(Map.of("chain", "c")),
                ChangeOptions.DEFAULT
                        .onlyIf("\"3\"")
                        .waiting(Duration.ofMinutes(5))
                        .withoutStart()));
        Seen sent = seen.take();
        assertEquals("PUT /v1/chains/c?start=false", sent.line());
        assertEquals("\"3\"", sent.headers().get("if-match"));
        assertEquals("wait=60", sent.headers().get("prefer"));
        assertEquals("application/json", sent.headers().get("content-type"));
        assertEquals("{\"chain\":\"c\"}", sent.body());
        get(client.apply(
                "c", Descriptor.yaml(""), ChangeOptions.DEFAULT.onlyIfAbsent().withKey("mine")));
        sent = seen.take();
        assertEquals("*", sent.headers().get("if-none-match"));
        assertEquals("mine", sent.headers().get("idempotency-key"));
    }

    @Test
    void versionsTellWhetherSomethingIsNew() throws Exception {
        NodeClient client = client(request -> {
            request.response().putHeader("ETag", "\"3\"");
            if ("\"3\"".equals(request.getHeader("If-None-Match"))) {
                request.response().setStatusCode(304).end();
            } else {
                json(request, CHAIN.formatted("c"));
            }
        });
        Versioned<ChainDetails> chain = get(client.chain("c"));
        assertEquals("\"3\"", chain.version());
        assertEquals(Optional.empty(), get(client.chainUnless("c", "\"3\"")));
        assertEquals(Optional.of(chain), get(client.chainUnless("c", "\"2\"")));
    }

    @Test
    void operationsAreAwaitedToTheirEnd() throws Exception {
        NodeClient client = client(
                request -> json(
                        request,
                        seen.size() < 3
                                ? OPERATION.formatted("running", "")
                                : OPERATION.formatted(
                                        "failed",
                                        ",\"problem\":{\"type\":\"about:blank\",\"title\":\"Conflict\",\"status\":409,\"detail\":\"no memory\"}")));
        Operation pending = get(client.operation("op 1"));
        assertEquals(
                "no memory",
                failure(NodeException.class, client.awaitOperation(pending)).getMessage());
        seen.take();
        Seen waiting = seen.take();
        assertEquals("GET /v1/operations/op%201", waiting.line());
        assertEquals("wait=30", waiting.headers().get("prefer"));
    }

    private static String event(long id) {
        return "id: " + id + "\nevent: chain-state\ndata: {\"id\":" + id
                + ",\"time\":\"2026-01-02T03:04:05Z\",\"type\":\"chain-state\"}\n\n";
    }

    @Test
    void eventsGoOnWhereTheConnectionBroke() throws Exception {
        NodeClient client = client(request -> {
            HttpServerResponse response = request.response().setChunked(true);
            String last = request.getHeader("Last-Event-ID");
            if (last == null) {
                response.write(event(7) + event(8) + "id: 9\ndata: {\"half");
                vertx.setTimer(50, _ -> request.connection().close());
            } else {
                response.write(": hello\n\n" + event(Long.parseLong(last) + 1));
            }
        });
        BlockingQueue<Long> ids = new LinkedBlockingQueue<>();
        NodeStream<Event> events = get(client.events(EventFilter.of("c").only(Event.Type.CHAIN_STATE, Event.Type.GAP)));
        events.handler(event -> ids.add(event.id()));
        for (long id = 7; id <= 9; id++) {
            assertEquals(id, ids.poll(5, TimeUnit.SECONDS));
        }
        assertEquals(
                "GET /v1/events?chain=c&follow=true&type=chain-state%2Cgap",
                seen.take().line());
        assertEquals("8", seen.take().headers().get("last-event-id"));
        events.close();
    }

    @Test
    void aPausedStreamKeepsWhatComesAndEndsAfterIt() throws Exception {
        NodeClient client = client(request -> request.response().end(event(1) + event(2) + event(3)));
        NodeStream<Event> events = get(client.events(EventFilter.ALL.since(0).soFar()));
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        events.pause().endHandler(_ -> told.add("end")).handler(event -> told.add("event " + event.id()));
        assertEquals(null, told.poll(200, TimeUnit.MILLISECONDS));
        events.fetch(2);
        assertEquals("event 1", told.poll(5, TimeUnit.SECONDS));
        assertEquals("event 2", told.poll(5, TimeUnit.SECONDS));
        assertEquals(null, told.poll(200, TimeUnit.MILLISECONDS));
        events.resume();
        assertEquals("event 3", told.poll(5, TimeUnit.SECONDS));
        assertEquals("end", told.poll(5, TimeUnit.SECONDS));
        assertEquals("0", seen.take().headers().get("last-event-id"));
    }

    @Test
    void aSlowReaderHoldsTheServerBack() throws Exception {
        Buffer piece = Buffer.buffer(new byte[1 << 20]);
        BlockingQueue<HttpServerResponse> server = new LinkedBlockingQueue<>();
        NodeClient client = client(request -> {
            server.add(request.response().setChunked(true));
            request.response().write(piece);
        });
        NodeStream<Buffer> packets =
                get(client.tap("c", "a..b", PacketFilter.matching("udp port 53").first(9)));
        HttpServerResponse response = server.take();
        for (int i = 0; i < 30 && !response.writeQueueFull(); i++) {
            response.write(piece);
            Thread.sleep(20);
        }
        assertTrue(response.writeQueueFull(), "30 MiB are on their way to nobody");
        long[] bytes = {0};
        packets.handler(part -> bytes[0] += part.length());
        for (int i = 0; i < 250 && response.writeQueueFull(); i++) {
            Thread.sleep(20);
        }
        assertFalse(response.writeQueueFull());
        assertEquals(
                "GET /v1/chains/c/links/a..b/packets?filter=udp%20port%2053&count=9",
                seen.take().line());
        packets.close();
    }

    @Test
    void tracesComeByTheLine() throws Exception {
        String trace =
                "{\"chain\":\"c\",\"number\":%d,\"time\":\"2026-01-01T00:00:00Z\",\"direction\":\"backward\",\"length\":60,\"summary\":\"dropped\",\"steps\":[{\"function\":\"a\",\"verdict\":\"drop no-rule\",\"nanos\":7,\"changes\":[]}]}\n";
        NodeClient client = client(request -> {
            request.response()
                    .setChunked(true)
                    .write(trace.formatted(1) + trace.formatted(2).substring(0, 20));
            vertx.setTimer(20, _ -> request.response().end(trace.formatted(2).substring(20)));
        });
        List<TracedPacket> traces = new ArrayList<>();
        NodeStream<TracedPacket> stream = get(client.trace("c", PacketFilter.ALL));
        BlockingQueue<Boolean> end = new LinkedBlockingQueue<>();
        stream.endHandler(_ -> end.add(true)).handler(traces::add);
        end.poll(5, TimeUnit.SECONDS);
        assertEquals(List.of(1L, 2L), traces.stream().map(TracedPacket::number).toList());
        assertEquals("drop no-rule", traces.getFirst().steps().getFirst().verdict());
    }

    @Test
    void whyATraceHasEndedIsHeardBehindItsPackets() throws Exception {
        String lines =
                "{\"chain\":\"c\",\"number\":1,\"time\":\"2026-01-01T00:00:00Z\",\"direction\":\"forward\",\"length\":60,\"summary\":\"dropped\",\"steps\":[]}\n"
                        + "{\"chain\":\"c\",\"ended\":\"the chain was changed\"}\n";
        NodeClient client = client(request -> request.response().end(lines));
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        NodeStream<TracedPacket> stream = get(client.trace("c", PacketFilter.ALL));
        stream.exceptionHandler(why -> heard.add(why.getClass().getSimpleName() + ": " + why.getMessage()))
                .endHandler(_ -> heard.add("end"))
                .handler(trace -> heard.add("packet " + trace.number()));
        assertEquals("packet 1", heard.poll(5, TimeUnit.SECONDS));
        assertEquals("StreamEndedException: the chain was changed", heard.poll(5, TimeUnit.SECONDS));
        assertEquals("end", heard.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void aStreamThatIsRefusedHasNoBeginning() throws Exception {
        NodeClient client =
                client(request -> request.response().setStatusCode(401).end("""
                {"type":"about:blank","title":"Unauthorized","status":401,"detail":"the token is unknown"}"""));
        assertEquals(
                "the token is unknown",
                failure(NodeException.class, client.events(EventFilter.ALL)).getMessage());
    }

    @Test
    void aClosedStreamEndsAndIsSilent() throws Exception {
        BlockingQueue<HttpServerResponse> server = new LinkedBlockingQueue<>();
        NodeClient client = client(request -> server.add(request.response().setChunked(true)));
        Future<NodeStream<Event>> opening = client.events(EventFilter.ALL);
        HttpServerResponse response = server.take();
        response.write(event(1));
        NodeStream<Event> events = get(opening);
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        events.endHandler(_ -> told.add("end")).handler(event -> told.add("event"));
        assertEquals("event", told.poll(5, TimeUnit.SECONDS));
        events.close();
        assertEquals("end", told.poll(5, TimeUnit.SECONDS));
        for (int i = 0; i < 250 && !response.closed(); i++) {
            Thread.sleep(20);
        }
        assertTrue(response.closed(), "the connection is given up");
    }

    @Test
    void anAddressIsOneOfANode() {
        assertThrows(IllegalArgumentException.class, () -> NodeClientOptions.of(URI.create("localhost:80")));
        assertThrows(IllegalArgumentException.class, () -> NodeClientOptions.of(URI.create("ftp://localhost")));
    }
}
