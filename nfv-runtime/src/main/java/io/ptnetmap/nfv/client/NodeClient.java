// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import static io.ptnetmap.nfv.client.Request.get;
import static io.ptnetmap.nfv.client.Request.of;

import io.ptnetmap.nfv.node.model.ChainDetails;
import io.ptnetmap.nfv.node.model.ChainSummary;
import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.node.model.FunctionDetails;
import io.ptnetmap.nfv.node.model.FunctionTypeDetails;
import io.ptnetmap.nfv.node.model.Health;
import io.ptnetmap.nfv.node.model.Json;
import io.ptnetmap.nfv.node.model.LinkDetails;
import io.ptnetmap.nfv.node.model.LogLine;
import io.ptnetmap.nfv.node.model.NodeDetails;
import io.ptnetmap.nfv.node.model.Operation;
import io.ptnetmap.nfv.node.model.Page;
import io.ptnetmap.nfv.node.model.Plan;
import io.ptnetmap.nfv.node.model.PortDetails;
import io.ptnetmap.nfv.node.model.ProblemDetails;
import io.ptnetmap.nfv.node.model.Statistics;
import io.ptnetmap.nfv.node.model.TracedPacket;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.client.HttpResponse;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;

/**
 * A node, from afar: every operation of its contract ({@code openapi.yaml}).
 *
 * <p>Lists come whole, however many pages they have. Requests that got no answer are sent again ({@link
 * NodeClientOptions#retries}); those that change something carry an idempotency key, so a node carries out once what it has got
 * twice. May be used from any thread; futures complete on the context of the verticle that has asked, or else on an event loop,
 * which must not be blocked. One client is enough for a node; {@link #close} gives its connections back.
 */
public final class NodeClient {
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final String CHAINS = "chains";
    private static final String FUNCTIONS = "functions";
    private static final String V1 = "v1";
    private static final int NOT_MODIFIED = 304;
    private static final int UNAVAILABLE = 503;
    private static final int PAGE_SIZE = 1000;

    private final Vertx vertx;
    private final Connection connection;

    private NodeClient(Vertx vertx, NodeClientOptions options) {
        this.vertx = vertx;
        this.connection = new Connection(vertx, options);
    }

    /** A client of one node; connects when it is first asked for something. */
    public static NodeClient create(Vertx vertx, NodeClientOptions options) {
        return new NodeClient(vertx, options);
    }

    /** The node's address. */
    public URI address() {
        return connection.node();
    }

    /** Gives up its connections; what is under way fails. */
    public Future<Void> close() {
        return connection.close();
    }

    // --- The node ---

    /** Whether the node's process works. */
    public Future<Health> live() {
        return health("live");
    }

    /** Whether the chains that should run do. */
    public Future<Health> ready() {
        return health("ready");
    }

    private Future<Health> health(String which) {
        return connection
                .send(get("health", which), status -> status < 300 || status == UNAVAILABLE)
                .map(answer -> understood(() -> Documents.read(bytes(answer), Health.class)));
    }

    /** All metrics of the node, in Prometheus' text format. */
    public Future<String> metrics() {
        return text(get("metrics").accept("text/plain"));
    }

    /** The contract (OpenAPI) that the node keeps. */
    public Future<String> contract() {
        return text(get("openapi.yaml").accept("application/yaml"));
    }

    /** The node itself. */
    public Future<NodeDetails> node() {
        return one(get(V1, "node"), NodeDetails.class);
    }

    /** The node and the virtual machines that run functions for it. */
    public Future<List<NodeDetails>> nodes() {
        return all(get(V1, "nodes"), NodeDetails.class);
    }

    /** Running instances of functions, over all chains. */
    public Future<List<FunctionDetails>> instances() {
        return all(get(V1, "instances"), FunctionDetails.class);
    }

    /** netmap ports at the ends of chains. */
    public Future<List<PortDetails>> ports() {
        return all(get(V1, "ports"), PortDetails.class);
    }

    /** Types of functions that the node's chains can have. */
    public Future<List<FunctionTypeDetails>> functionTypes() {
        return all(get(V1, "function-types"), FunctionTypeDetails.class);
    }

    /** One type, with the schema of its configuration. */
    public Future<FunctionTypeDetails> functionType(String type) {
        return one(get(V1, "function-types", type), FunctionTypeDetails.class);
    }

    // --- Chains ---

    /** The node's chains, in the order of their names. */
    public Future<List<ChainSummary>> chains() {
        return all(get(V1, CHAINS), ChainSummary.class);
    }

    /** A chain and its state. */
    public Future<Versioned<ChainDetails>> chain(String chain) {
        return versioned(get(V1, CHAINS, chain), ChainDetails.class);
    }

    /** A chain if it is no longer of a version; empty if it still is. */
    public Future<Optional<Versioned<ChainDetails>>> chainUnless(String chain, String version) {
        return versionedUnless(get(V1, CHAINS, chain), version, ChainDetails.class);
    }

    /** A chain's descriptor, as it was accepted. */
    public Future<String> descriptor(String chain) {
        return text(get(V1, CHAINS, chain).accept("application/yaml"));
    }

    /** Creates a chain; refused where there is one of that name. The operation may go on when this is complete. */
    public Future<Operation> create(Descriptor descriptor, ChangeOptions options) {
        return change(
                of(HttpMethod.POST, V1, CHAINS).query("start", options.start()).body(descriptor), options);
    }

    /**
     * Creates a chain, or changes it to this descriptor while packets flow. The operation may go on when this is complete.
     *
     * @param chain the name that the descriptor has
     */
    public Future<Operation> apply(String chain, Descriptor descriptor, ChangeOptions options) {
        return change(
                of(HttpMethod.PUT, V1, CHAINS, chain)
                        .query("start", options.start())
                        .body(descriptor),
                options);
    }

    /** What {@link #apply} would do. */
    public Future<Plan> plan(String chain, Descriptor descriptor) {
        return one(of(HttpMethod.POST, V1, CHAINS, chain, "plan").body(descriptor), Plan.class);
    }

    /** Drains a chain, stops it and forgets it. */
    public Future<Operation> delete(String chain, ChangeOptions options) {
        return change(of(HttpMethod.DELETE, V1, CHAINS, chain), options);
    }

    /** Starts a stopped chain. */
    public Future<Operation> start(String chain, ChangeOptions options) {
        return change(of(HttpMethod.POST, V1, CHAINS, chain, "start"), options);
    }

    /** Drains a chain and stops it; it stays stopped when the node is started again. */
    public Future<Operation> stop(String chain, ChangeOptions options) {
        return change(of(HttpMethod.POST, V1, CHAINS, chain, "stop"), options);
    }

    /** The accounts of a chain's functions and links, now. */
    public Future<Statistics> statistics(String chain) {
        return one(get(V1, CHAINS, chain, "statistics"), Statistics.class);
    }

    /**
     * The accounts of a chain's functions and links, or those of all chains, again and again, until the stream is closed.
     *
     * @param interval between two of a chain, from 100 ms to a minute
     */
    public Future<NodeStream<Statistics>> statistics(Optional<String> chain, Duration interval) {
        Request request = get(V1, "statistics").query("chain", chain).query("interval", interval.toMillis());
        return LiveStream.open(
                vertx,
                new SseSource<>(
                        connection, request, json -> Documents.read(json, Statistics.class), Optional.empty(), true));
    }

    // --- Functions ---

    /** A chain's functions and ports, in its order. */
    public Future<List<FunctionDetails>> functions(String chain) {
        return all(get(V1, CHAINS, chain, FUNCTIONS), FunctionDetails.class);
    }

    /** One function or port of a chain: where it runs, its account and its report. */
    public Future<FunctionDetails> function(String chain, String function) {
        return one(get(V1, CHAINS, chain, FUNCTIONS, function), FunctionDetails.class);
    }

    /** Puts a quarantined function to work again. */
    public Future<Operation> restore(String chain, String function, ChangeOptions options) {
        return change(of(HttpMethod.POST, V1, CHAINS, chain, FUNCTIONS, function, "restore"), options);
    }

    /** A function's configuration, as the descriptor has it. */
    public Future<Versioned<Map<String, Object>>> config(String chain, String function) {
        return connection
                .send(get(V1, CHAINS, chain, FUNCTIONS, function, "config"))
                .map(answer -> new Versioned<>(understood(() -> Documents.object(bytes(answer))), version(answer)));
    }

    /**
     * Changes a function's configuration while packets flow.
     *
     * @param patch JSON Merge Patch (RFC 7396): what is null is removed, what is an object is merged, all else replaces
     */
    public Future<Operation> configure(
            String chain, String function, Map<String, Object> patch, ChangeOptions options) {
        return change(
                of(HttpMethod.PATCH, V1, CHAINS, chain, FUNCTIONS, function, "config")
                        .body("application/merge-patch+json", Buffer.buffer(Json.bytes(patch))),
                options);
    }

    // --- Links and the packets on them ---

    /** A chain's links, in its order. */
    public Future<List<LinkDetails>> links(String chain) {
        return all(get(V1, CHAINS, chain, "links"), LinkDetails.class);
    }

    /**
     * One link: how packets get across, and how full it is.
     *
     * @param link {@code FROM..TO}
     */
    public Future<LinkDetails> link(String chain, String link) {
        return one(get(V1, CHAINS, chain, "links", link), LinkDetails.class);
    }

    /**
     * The packets on a link, in both directions, as a capture file (pcapng) in pieces of any size. Packets that the reader is too
     * slow for are missing from it and counted in its statistics block.
     *
     * @param link {@code FROM..TO}
     */
    public Future<NodeStream<Buffer>> tap(String chain, String link, PacketFilter filter) {
        Request request = filtered(get(V1, CHAINS, chain, "links", link, "packets"), filter)
                .accept("application/x-pcapng");
        return LiveStream.open(
                vertx, new OnceSource<>(connection, request, () -> (bytes, values) -> values.accept(bytes)));
    }

    /**
     * The ways of single packets through every function of a chain, as they leave it. Where it ends before there were as many as the
     * filter wants, because the chain has ended or was changed, the exception handler hears a {@link StreamEndedException}.
     */
    public Future<NodeStream<TracedPacket>> trace(String chain, PacketFilter filter) {
        Request request = filtered(get(V1, CHAINS, chain, "trace"), filter).accept("application/x-ndjson");
        return LiveStream.open(
                vertx, new OnceSource<>(connection, request, () -> new LineDecoder<>(Documents::tracedPacket)));
    }

    private static Request filtered(Request request, PacketFilter filter) {
        Request counted = request.query("filter", filter.expression());
        if (filter.count().isPresent()) {
            counted = counted.query("count", filter.count().getAsLong());
        }
        return filter.snapLength().isPresent()
                ? counted.query("snaplen", filter.snapLength().getAsInt())
                : counted;
    }

    // --- Operations ---

    /** The last operations, the latest first. */
    public Future<List<Operation>> operations() {
        return all(get(V1, "operations"), Operation.class);
    }

    /** The last operations on a chain, the latest first. */
    public Future<List<Operation>> operations(String chain) {
        return all(get(V1, "operations").query("chain", chain), Operation.class);
    }

    /** One operation, as it is now. */
    public Future<Operation> operation(String id) {
        return one(get(V1, "operations", id), Operation.class);
    }

    /**
     * An operation when it has ended well.
     *
     * @return fails with a {@link NodeException} that says why if the operation has failed
     */
    public Future<Operation> awaitOperation(Operation operation) {
        if (!operation.isOver()) {
            return one(get(V1, "operations", operation.id()).waiting(WAIT), Operation.class)
                    .compose(this::awaitOperation);
        }
        return operation.state() == Operation.State.SUCCEEDED
                ? Future.succeededFuture(operation)
                : Future.failedFuture(new NodeException(operation.problem().orElseGet(() -> unexplained(operation))));
    }

    private static ProblemDetails unexplained(Operation operation) {
        return new ProblemDetails(
                "about:blank",
                "operation " + operation.id() + " (" + operation.action() + " " + operation.chain() + ") has failed",
                500,
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    // --- What happens ---

    /** What happens, as it happens. After a lost connection the stream goes on where it was. */
    public Future<NodeStream<Event>> events(EventFilter filter) {
        Request request = get(V1, "events").query("chain", filter.chain()).query("follow", filter.follow());
        if (!filter.types().isEmpty()) {
            String types = filter.types().stream().map(Documents::word).sorted().collect(Collectors.joining(","));
            request = request.query("type", types);
        }
        return LiveStream.open(
                vertx,
                new SseSource<>(
                        connection,
                        request,
                        json -> Documents.read(json, Event.class),
                        text(filter.after()),
                        filter.follow()));
    }

    /**
     * The last lines of the node's log, then each new one.
     *
     * @param chain only lines about this chain
     * @param follow whether to wait for new lines
     */
    public Future<NodeStream<LogLine>> logs(Optional<String> chain, boolean follow) {
        Request request = get(V1, "logs").query("chain", chain).query("follow", follow);
        return LiveStream.open(
                vertx,
                new SseSource<>(
                        connection, request, json -> Documents.read(json, LogLine.class), Optional.empty(), follow));
    }

    // --- How it is done ---

    private Future<Operation> change(Request request, ChangeOptions options) {
        Request conditional = request.header("If-Match", options.ifVersion())
                .header("If-None-Match", options.ifAbsent() ? Optional.of("*") : Optional.empty())
                .header(
                        "Idempotency-Key",
                        options.idempotencyKey()
                                .orElseGet(() -> UUID.randomUUID().toString()))
                .waiting(options.waitTime());
        return one(conditional, Operation.class);
    }

    private <T> Future<T> one(Request request, Class<T> type) {
        return connection
                .send(request.accept("application/json"))
                .map(answer -> understood(() -> Documents.read(bytes(answer), type)));
    }

    private Future<String> text(Request request) {
        return connection
                .send(request)
                .map(answer -> Buffer.buffer(bytes(answer)).toString());
    }

    private <T> Future<Versioned<T>> versioned(Request request, Class<T> type) {
        return connection
                .send(request.accept("application/json"))
                .map(answer -> new Versioned<>(understood(() -> Documents.read(bytes(answer), type)), version(answer)));
    }

    private <T> Future<Optional<Versioned<T>>> versionedUnless(Request request, String version, Class<T> type) {
        return connection
                .send(request.accept("application/json").header("If-None-Match", version))
                .map(answer -> answer.statusCode() == NOT_MODIFIED
                        ? Optional.empty()
                        : Optional.of(new Versioned<>(
                                understood(() -> Documents.read(bytes(answer), type)), version(answer))));
    }

    /** Something else than a node may have the address. */
    private <T> T understood(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (JacksonException notAsAgreed) {
            throw new NodeUnreachableException(
                    "what answers at " + address() + " is no node, or one of a later version: "
                            + notAsAgreed.getOriginalMessage(),
                    notAsAgreed);
        }
    }

    private static String version(HttpResponse<Buffer> answer) {
        return Optional.ofNullable(answer.getHeader("ETag")).orElse("");
    }

    private static byte[] bytes(HttpResponse<Buffer> answer) {
        return Optional.ofNullable(answer.body()).map(Buffer::getBytes).orElse(new byte[0]);
    }

    private static Optional<String> text(OptionalLong number) {
        return number.isPresent() ? Optional.of(Long.toString(number.getAsLong())) : Optional.empty();
    }

    private <T> Future<List<T>> all(Request request, Class<T> type) {
        return all(request.query("limit", PAGE_SIZE).accept("application/json"), type, new ArrayList<>());
    }

    private <T> Future<List<T>> all(Request request, Class<T> type, List<T> found) {
        return connection.send(request).compose(answer -> {
            Page<T> page = understood(() -> Documents.page(bytes(answer), type));
            found.addAll(page.items());
            return page.next()
                    .map(next -> all(request.at(resolve(request, next)), type, found))
                    .orElseGet(() -> Future.succeededFuture(List.copyOf(found)));
        });
    }

    /** The address of a page, which is one of the same node: nobody else gets the token. */
    private static String resolve(Request request, String next) {
        URI resolved = URI.create(request.target()).resolve(next);
        String query = resolved.getRawQuery();
        return resolved.getRawPath() + (query == null ? "" : "?" + query);
    }
}
