// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.chain.ChainDescriptor.Form;
import io.ptnetmap.nfv.node.Events;
import io.ptnetmap.nfv.node.History;
import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.NodeLog;
import io.ptnetmap.nfv.node.Precondition;
import io.ptnetmap.nfv.node.Wish;
import io.ptnetmap.nfv.node.model.FunctionDetails;
import io.ptnetmap.nfv.node.model.FunctionTypeDetails;
import io.ptnetmap.nfv.node.model.Health;
import io.ptnetmap.nfv.node.model.Json;
import io.ptnetmap.nfv.node.model.LinkDetails;
import io.ptnetmap.nfv.node.model.NodeDetails;
import io.ptnetmap.nfv.node.model.Operation;
import io.ptnetmap.nfv.node.model.PortDetails;
import io.ptnetmap.nfv.node.model.ProblemDetails.FieldError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.node.ObjectNode;

/** The routes of the contract. */
final class NodeRoutes {
    private static final String YAML = "application/yaml";
    private static final int USUAL_INTERVAL_MILLIS = 1000;
    /** With quotes, or the bare text that some send. */
    private static final Pattern TAG = Pattern.compile("(?:W/)?\"([^\",\\p{Cntrl}]*+)\"|([^\",\\s\\p{Cntrl}]++)");

    /** Numbers stay as they were written, and no key is given twice. */
    private static final ObjectReader PATCH = Json.mapper()
            .reader()
            .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION);

    private final Node node;
    private final NodeLog log;
    private final EventStream.Readers readers;

    NodeRoutes(Node node, NodeLog log, EventStream.Readers readers) {
        this.node = node;
        this.log = log;
        this.readers = readers;
    }

    /** All of them. */
    List<Route> all() {
        List<Route> routes = new ArrayList<>(List.of(
                Route.open("GET", "/health/live", parameters -> health(node.live())),
                Route.open("GET", "/health/ready", parameters -> health(node.ready())),
                Route.open("GET", "/openapi.yaml", parameters -> Reply.text(YAML, contract(), Map.of()))));
        routes.addAll(nodeRoutes());
        routes.addAll(chainRoutes());
        routes.addAll(lookRoutes());
        routes.addAll(operationRoutes());
        routes.addAll(functionRoutes());
        routes.addAll(streams());
        routes.addAll(new PacketRoutes(node).all());
        return routes;
    }

    private static Reply health(Health health) {
        return Reply.json(health.status() == Health.Status.UP ? 200 : 503, health, Map.of("cache-control", "no-store"));
    }

    private static String contract() {
        try (InputStream in = Node.class.getResourceAsStream("openapi.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    // --- Node ----------------------------------------------------------------------------------------------

    private List<Route> nodeRoutes() {
        return List.of(
                Route.of(Role.READ, "GET", "/v1/node", parameters -> Reply.json(200, node.details())),
                Route.of(
                        Role.READ,
                        "GET",
                        "/v1/nodes",
                        parameters -> Paging.page(parameters, node.nodes(), NodeRoutes::keyOf)),
                Route.of(
                        Role.READ,
                        "GET",
                        "/v1/instances",
                        parameters -> Paging.page(parameters, node.views().instances(), NodeRoutes::keyOf)),
                Route.of(
                        Role.READ,
                        "GET",
                        "/v1/ports",
                        parameters -> Paging.page(parameters, node.views().ports(), NodeRoutes::keyOf)),
                Route.of(
                        Role.READ,
                        "GET",
                        "/v1/function-types",
                        parameters -> Paging.page(parameters, node.views().functionTypes(), FunctionTypeDetails::name)),
                Route.of(
                        Role.READ,
                        "GET",
                        "/v1/function-types/{type}",
                        parameters -> Reply.json(200, node.views().functionType(parameters.of("type")))));
    }

    private static String keyOf(NodeDetails details) {
        return details.chain().map(chain -> chain + "/").orElse("") + details.name();
    }

    private static String keyOf(FunctionDetails details) {
        return details.chain() + "/" + details.name();
    }

    private static String keyOf(PortDetails details) {
        return details.chain() + "/" + details.function();
    }

    // --- Chains --------------------------------------------------------------------------------------------

    private List<Route> chainRoutes() {
        return List.of(
                Route.of(
                        Role.READ,
                        "GET",
                        "/v1/chains",
                        parameters -> Paging.page(
                                parameters, node.views().chainNames(), name -> name, node.views()::findChain)),
                Route.of(Role.ADMIN, "POST", "/v1/chains", parameters -> apply(parameters, Optional.empty())),
                Route.of(Role.READ, "GET", "/v1/chains/{chain}", this::chain),
                Route.of(
                        Role.ADMIN,
                        "PUT",
                        "/v1/chains/{chain}",
                        parameters -> apply(parameters, Optional.of(parameters.of("chain")))),
                Route.of(Role.ADMIN, "DELETE", "/v1/chains/{chain}", onChain(node.chains()::delete)),
                Route.of(Role.READ, "POST", "/v1/chains/{chain}/plan", this::plan),
                Route.of(Role.OPERATE, "POST", "/v1/chains/{chain}/start", onChain(node.chains()::start)),
                Route.of(Role.OPERATE, "POST", "/v1/chains/{chain}/stop", onChain(node.chains()::stop)));
    }

    private List<Route> lookRoutes() {
        return List.of(
                Route.of(
                        Role.READ,
                        "GET",
                        "/v1/chains/{chain}/statistics",
                        parameters -> Reply.json(200, node.views().statistics(parameters.of("chain")))),
                Route.of(
                        Role.READ,
                        "GET",
                        "/v1/chains/{chain}/links",
                        parameters ->
                                Paging.page(parameters, node.views().links(parameters.of("chain")), LinkDetails::name)),
                Route.of(
                        Role.READ,
                        "GET",
                        "/v1/chains/{chain}/links/{link}",
                        parameters ->
                                Reply.json(200, node.views().link(parameters.of("chain"), parameters.of("link")))));
    }

    private List<Route> operationRoutes() {
        return List.of(
                Route.of(Role.READ, "GET", "/v1/operations", this::operations),
                Route.of(Role.READ, "GET", "/v1/operations/{operation}", this::operation));
    }

    /** Has something done with the chain that the address names. */
    private Route.Handler onChain(BiFunction<String, Wish, Operation> wanted) {
        return parameters -> started(parameters, wanted.apply(parameters.of("chain"), wish(parameters)));
    }

    private Reply plan(Parameters parameters) {
        return Reply.json(
                200,
                node.chains().plan(parameters.of("chain"), text(parameters.request()), form(parameters.request())));
    }

    private Reply apply(Parameters parameters, Optional<String> name) throws InterruptedException {
        Form form = form(parameters.request());
        return started(
                parameters,
                node.chains()
                        .apply(
                                name,
                                text(parameters.request()),
                                form,
                                parameters.flag("start", true),
                                wish(parameters)));
    }

    private static Form form(Request request) {
        return switch (request.mediaType()) {
            case YAML, "application/x-yaml", "text/yaml" -> Form.YAML;
            case Reply.JSON -> Form.JSON;
            default ->
                throw new ApiException(
                        415,
                        "a chain descriptor is sent as " + YAML + " or " + Reply.JSON + ", not as "
                                + (request.mediaType().isEmpty() ? "nothing in particular" : request.mediaType()));
        };
    }

    private static String text(Request request) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(request.body()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ApiException(400, "the body is not UTF-8 text");
        }
    }

    /** An operation that was started, at its end if the request wants to wait for it. */
    private Reply started(Parameters parameters, Operation operation) throws InterruptedException {
        OptionalInt wait = parameters.waitSeconds();
        Operation now = node.operations().await(operation, Duration.ofSeconds(wait.orElse(0)));
        Map<String, String> headers = new HashMap<>();
        headers.put("location", "/v1/operations/" + now.id());
        wait.ifPresent(seconds -> headers.put("preference-applied", "wait=" + seconds));
        return Reply.json(now.isOver() ? 200 : 202, now, headers);
    }

    private Wish wish(Parameters parameters) {
        Precondition condition = new Precondition(
                versions(parameters.request(), "if-match"), versions(parameters.request(), "if-none-match"));
        return new Wish(condition, parameters.idempotencyKey(), digest(parameters.request()));
    }

    /**
     * The entity tags of a header, without what marks them (RFC 9110 §8.8.3).
     *
     * @throws ApiException if it is there and has none: what is not understood is not taken for no condition
     */
    private static List<String> versions(Request request, String header) {
        Optional<String> value = request.header(header);
        if (value.isEmpty()) {
            return List.of();
        }
        List<String> tags = new ArrayList<>();
        for (String tag : value.get().split(",", -1)) {
            Matcher parts = TAG.matcher(tag.trim());
            if (!parts.matches()) {
                throw ApiException.parameter(header, "must be *, or the ETags of versions, separated by commas");
            }
            tags.add(parts.group(1) == null ? parts.group(2) : parts.group(1));
        }
        return tags;
    }

    /** Tells a request from others with the same key; whoever sends it must be the same, too. */
    private static String digest(Request request) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            String head = request.method() + "\n" + request.path() + "\n" + request.query() + "\n"
                    + request.header("authorization").orElse("") + "\n";
            digest.update(head.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(request.body()));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private Reply chain(Parameters parameters) {
        String name = parameters.of("chain");
        String tag = tag(name);
        if (isKnown(parameters.request(), tag)) {
            return Reply.empty(304, Map.of("etag", tag));
        }
        return switch (preferred(parameters.request(), List.of(Reply.JSON, YAML))) {
            case YAML -> Reply.text(YAML, node.chains().descriptor(name), Map.of("etag", tag, "vary", "accept"));
            default -> Reply.json(200, node.views().chain(name), Map.of("etag", tag, "vary", "accept"));
        };
    }

    private String tag(String chain) {
        return node.chains().version(chain).map(version -> '"' + version + '"').orElse("");
    }

    private static boolean isKnown(Request request, String tag) {
        List<String> known = versions(request, "if-none-match");
        return !tag.isEmpty() && (known.contains(Precondition.ANY) || known.contains(tag.replace("\"", "")));
    }

    /** The media type of these that the request likes best (RFC 9110 §12.5.1). */
    static String preferred(Request request, List<String> offered) {
        String accept = request.header("accept").orElse("*/*");
        String best = "";
        double most = 0;
        for (String type : offered) {
            double quality = quality(accept, type);
            if (quality > most) {
                most = quality;
                best = type;
            }
        }
        if (best.isEmpty()) {
            throw new ApiException(406, "to be had as " + String.join(" or ", offered));
        }
        return best;
    }

    private static double quality(String accept, String type) {
        double found = 0;
        int precision = -1;
        for (String range : accept.split(",")) {
            String[] parts = range.split(";", -1);
            String wanted = parts[0].trim().toLowerCase(java.util.Locale.ROOT);
            int precise = wanted.equals(type)
                    ? 2
                    : wanted.equals(type.replaceFirst("/.*", "/*")) ? 1 : wanted.equals("*/*") ? 0 : -1;
            if (precise > precision) {
                precision = precise;
                found = Stream.of(parts)
                        .map(String::trim)
                        .filter(part -> part.matches("q=(0(\\.\\d{0,3})?|1(\\.0{0,3})?)"))
                        .map(part -> Double.parseDouble(part.substring(2)))
                        .findFirst()
                        .orElse(1.0);
            }
        }
        return found;
    }

    private Reply operations(Parameters parameters) {
        Optional<String> chain = parameters.chain();
        List<Operation> found = node.operations().list().stream()
                .filter(operation -> chain.map(operation.chain()::equals).orElse(true))
                .toList();
        return Paging.page(parameters, found, Operation::id);
    }

    private Reply operation(Parameters parameters) throws InterruptedException {
        String id = parameters.of("operation");
        Operation operation = node.operations()
                .find(id)
                .orElseThrow(() -> new ApiException(404, "no operation has the id '" + id + "'"));
        return Reply.json(
                200,
                node.operations()
                        .await(
                                operation,
                                Duration.ofSeconds(parameters.waitSeconds().orElse(0))));
    }

    // --- Functions -----------------------------------------------------------------------------------------

    private List<Route> functionRoutes() {
        return List.of(
                Route.of(
                        Role.READ,
                        "GET",
                        "/v1/chains/{chain}/functions",
                        parameters -> Paging.page(
                                parameters, node.views().functions(parameters.of("chain")), FunctionDetails::name)),
                Route.of(
                        Role.READ,
                        "GET",
                        "/v1/chains/{chain}/functions/{function}",
                        parameters -> Reply.json(
                                200, node.views().function(parameters.of("chain"), parameters.of("function")))),
                Route.of(
                        Role.OPERATE,
                        "POST",
                        "/v1/chains/{chain}/functions/{function}/restore",
                        parameters -> started(
                                parameters,
                                node.chains()
                                        .restore(parameters.of("chain"), parameters.of("function"), wish(parameters)))),
                Route.of(Role.READ, "GET", "/v1/chains/{chain}/functions/{function}/config", this::config),
                Route.of(
                        Role.OPERATE,
                        "PATCH",
                        "/v1/chains/{chain}/functions/{function}/config",
                        parameters -> started(
                                parameters,
                                node.chains()
                                        .configure(
                                                parameters.of("chain"),
                                                parameters.of("function"),
                                                patch(parameters.request()),
                                                wish(parameters)))));
    }

    private Reply config(Parameters parameters) {
        String tag = tag(parameters.of("chain"));
        if (isKnown(parameters.request(), tag)) {
            return Reply.empty(304, Map.of("etag", tag));
        }
        return Reply.json(
                200, node.views().config(parameters.of("chain"), parameters.of("function")), Map.of("etag", tag));
    }

    private static ObjectNode patch(Request request) {
        if (!request.mediaType().equals("application/merge-patch+json")) {
            throw new ApiException(415, "a patch is sent as application/merge-patch+json");
        }
        try {
            JsonNode patch = PATCH.readTree(text(request));
            if (patch instanceof ObjectNode object) {
                return object;
            }
            throw new ApiException(400, "a patch of a configuration is a JSON object");
        } catch (NumberFormatException beyond) {
            // What Jackson throws for an exponent that no number has.
            throw new ApiException(400, "the body has a number that is too large or too small");
        } catch (JacksonException malformed) {
            throw new ApiException(
                    400,
                    "the body is not valid JSON: " + malformed.getOriginalMessage(),
                    List.of(new FieldError(
                            "", malformed.getOriginalMessage(), place(malformed, true), place(malformed, false))),
                    Map.of());
        }
    }

    private static OptionalInt place(JacksonException malformed, boolean line) {
        if (malformed.getLocation() == null) {
            return OptionalInt.empty();
        }
        int place = line
                ? malformed.getLocation().getLineNr()
                : malformed.getLocation().getColumnNr();
        return place < 1 ? OptionalInt.empty() : OptionalInt.of(place);
    }

    // --- Streams -------------------------------------------------------------------------------------------

    private List<Route> streams() {
        return List.of(
                Route.of(Role.READ, "GET", "/v1/events", this::events),
                Route.of(Role.READ, "GET", "/v1/statistics", this::statistics),
                Route.of(Role.OPERATE, "GET", "/v1/logs", this::logs));
    }

    private Reply events(Parameters parameters) {
        Optional<String> chain = parameters.chain();
        Set<String> types = parameters.text("type", 200).stream()
                .flatMap(list -> Stream.of(list.split(",")))
                .collect(Collectors.toSet());
        boolean follow = parameters.flag("follow", true);
        History<Events.Published> history = node.events().history();
        long first = history.first();
        // Those who follow begin with what comes, those who do not with what there is.
        long place = parameters.lastEvent().orElse(follow ? history.last() : first - 1);
        Optional<String> gap = Optional.empty();
        if (place + 1 < first || place > history.last()) {
            gap = Optional.of(message(Events.gap(place, first)));
            place = first - 1;
        }
        return new EventStream<>(
                        history,
                        place,
                        published -> published.event().id(),
                        published -> Optional.of(published)
                                .filter(event ->
                                        chain.isEmpty() || event.event().chain().equals(chain))
                                .filter(event -> types.isEmpty() || types.contains(nameOf(event)))
                                .map(NodeRoutes::message),
                        follow,
                        readers)
                .reply(gap);
    }

    private static String nameOf(Events.Published published) {
        return Json.mapper().convertValue(published.event().type(), String.class);
    }

    private static String message(Events.Published published) {
        return EventStream.message(Optional.of(published.event().id()), nameOf(published), published.json());
    }

    private Reply logs(Parameters parameters) {
        Optional<String> chain = parameters.chain();
        return new EventStream<>(
                        log.history(),
                        log.history().first() - 1,
                        NodeLog.Numbered::number,
                        numbered -> Optional.of(numbered.line())
                                .filter(line -> chain.isEmpty() || line.chain().equals(chain))
                                .map(line ->
                                        EventStream.message(Optional.of(numbered.number()), "log", Json.text(line))),
                        parameters.flag("follow", true),
                        readers)
                .reply(Optional.empty());
    }

    private Reply statistics(Parameters parameters) {
        Optional<String> chain = parameters.chain();
        int interval = parameters.number("interval", 100, 60_000).orElse(USUAL_INTERVAL_MILLIS);
        return new StatisticsStream(
                        chain.<Supplier<String>>map(name -> () -> statisticsMessage(name))
                                .orElse(() -> BulkWork.answer(this::allStatistics)),
                        interval,
                        readers)
                .reply();
    }

    private String allStatistics() {
        return node.views().chainNames().stream().map(this::statisticsMessage).collect(Collectors.joining());
    }

    private String statisticsMessage(String chain) {
        try {
            return EventStream.message(
                    Optional.empty(), "statistics", Json.text(node.views().statistics(chain)));
        } catch (io.ptnetmap.nfv.node.RefusedException deletedMeanwhile) {
            return "";
        }
    }
}
