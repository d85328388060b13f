// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.ChainSchema;
import io.ptnetmap.nfv.node.Installed;
import io.ptnetmap.nfv.node.http.NodeFixture.Answer;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests that others' generators make of the contract, valid, almost valid and rubbish, sent as they are: every answer is one
 * that the contract describes, in time, and what is refused changes nothing. {@code requests.mjs} makes the requests, with
 * libraries that {@code nfv setup tests} installs; another validator judges the answers.
 */
class OpenApiFuzzTest {
    private static final int REQUESTS = 4000;
    private static final int ROUND = 5000;
    private static final long MOST_NANOS = Duration.ofSeconds(5).toNanos();
    /** Seed of the first round; by it, a failure comes again. */
    private static final long SEED = Long.getLong("fuzz.seed", 8470);

    private static final Duration SOAK = Duration.ofSeconds(Long.getLong("fuzz.seconds", 600));
    private static final String EDGE = NodeFixture.chain("edge", "one");
    private static final String IDLE = NodeFixture.chain("idle", "two");
    /** What any request may be answered with, before it is looked at. */
    private static final Set<Integer> OF_HTTP = Set.of(400, 413, 414, 431);

    private static final Set<Integer> OF_NOTHING = Set.of(400, 404, 405, 413, 414, 431);

    @TempDir
    Path directory;

    private NodeFixture node;
    private Contract contract;
    private RawClient client;
    private String lastOperation = "";
    private final Map<Integer, Integer> statuses = new TreeMap<>();
    private final Map<String, String> faults = new TreeMap<>();

    @BeforeEach
    void start() throws IOException, InterruptedException {
        node = new NodeFixture(directory.resolve("state"));
        contract = new Contract();
        client = new RawClient(node.server.port());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        node.close();
    }

    @Test
    void noRequestBreaksTheContract() throws IOException, InterruptedException {
        fuzz(SEED, REQUESTS);
        Set<String> unseen = new TreeSet<>(contract.operations());
        unseen.removeAll(contract.seen());
        assertEquals(Set.of(), unseen);
    }

    @Test
    @Tag("soak")
    void norDoManyMinutesOfThem() throws IOException, InterruptedException {
        long began = System.nanoTime();
        long sent = 0;
        for (long seed = SEED; System.nanoTime() - began < SOAK.toNanos(); seed++) {
            fuzz(seed, ROUND);
            sent += ROUND;
        }
        System.out.printf(
                "%d requests in %d s, by status %s%n", sent, (System.nanoTime() - began) / 1_000_000_000, statuses);
    }

    // --- Requests ------------------------------------------------------------------------------------------

    private List<JsonNode> requests(long seed, int count) throws IOException, InterruptedException {
        Path modules = Installed.npm("json-schema-faker").getParent();
        Path script = Files.write(
                directory.resolve("requests.mjs"),
                OpenApiFuzzTest.class.getResourceAsStream("requests.mjs").readAllBytes());
        Process generator = new ProcessBuilder(
                        Installed.command("node").toString(), script.toString(), modules.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream out = generator.getOutputStream()) {
            out.write(JsonMapper.shared().writeValueAsBytes(question(seed, count)));
        }
        List<JsonNode> requests = generator
                .inputReader(StandardCharsets.UTF_8)
                .lines()
                .map(JsonMapper.shared()::readTree)
                .toList();
        assertEquals(0, generator.waitFor());
        assertEquals(count, requests.size());
        return requests;
    }

    private ObjectNode question(long seed, int count) {
        ObjectNode question = JsonMapper.shared().createObjectNode();
        question.put("seed", seed).put("count", count);
        question.set("contract", contract.json());
        ChainSchema schemas = new ChainSchema();
        try (FunctionRegistry functions = FunctionRegistry.open(List.of())) {
            ObjectNode descriptor = schemas.ofDescriptor(functions);
            ObjectNode elements = (ObjectNode) descriptor.at("/properties/functions/items");
            // Those of this test's; others' do harm, on purpose.
            elements.set(
                    "anyOf",
                    JsonMapper.shared()
                            .valueToTree(
                                    StreamSupport.stream(elements.get("anyOf").spliterator(), false)
                                            .filter(element -> Set.of("trickle", "label", "hole")
                                                    .contains(element.at("/properties/type/const")
                                                            .asString("")))
                                            .toList()));
            question.set("descriptor", descriptor);
            question.set("config", schemas.ofConfig(functions.functions().get("label")));
        }
        question.set("sample", JsonMapper.shared().readTree("""
                {"chain": "x", "functions": [{"type": "trickle"}, {"type": "label", "config": {"label": "a"}}, {"type": "hole"}]}
                """));
        question.set("names", JsonMapper.shared().readTree("""
                {"chain": ["edge", "edge", "idle", "c1"], "function": ["trickle", "label", "hole"],
                 "link": ["trickle..label", "label..hole"], "type": ["trickle", "label", "hole"],
                 "operation": ["000000000001", "000000000002", "000000000100"]}
                """));
        return question;
    }

    // --- Answers -------------------------------------------------------------------------------------------

    private void fuzz(long seed, int count) throws IOException, InterruptedException {
        Random random = new Random(seed);
        int number = 0;
        for (JsonNode request : requests(seed, count)) {
            if (number++ % 200 == 0) {
                restore();
            }
            try {
                attempt(request, random);
            } catch (AssertionError | IOException | RuntimeException wrong) {
                // One of each kind; there may be others behind it.
                faults.putIfAbsent(
                        request.get("method").asString() + " "
                                + request.path("template").asString("nowhere") + ": "
                                + wrong.toString().lines().findFirst().orElse(""),
                        "seed " + seed + ", request " + number + ": " + request);
                client.close();
                client = new RawClient(node.server.port());
                lastOperation = latestOperation();
            }
        }
        assertEquals(Map.of(), faults);
        assertEquals(200, node.get("/health/live").status());
        restore();
        String edge = node.get("/v1/chains/edge").body();
        assertEquals("running", JsonMapper.shared().readTree(edge).path("state").asString(""), edge);
        assertEquals(
                List.of(),
                node.log.history().after(0, Integer.MAX_VALUE).stream()
                        .map(numbered -> numbered.line())
                        .filter(line -> line.level().equals("ERROR"))
                        .toList());
    }

    /** What requests are made for, as at the beginning. */
    private void restore() throws IOException, InterruptedException {
        putBack("edge", EDGE);
        node.send(Role.OPERATE, "POST", "/v1/chains/edge/start", "", "Prefer", "wait=20");
        putBack("idle", IDLE);
        node.send(Role.OPERATE, "POST", "/v1/chains/idle/stop", "", "Prefer", "wait=20");
        lastOperation = latestOperation();
    }

    /** Also where a request has had the chain deleted, and that goes on. */
    private void putBack(String chain, String yaml) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + MOST_NANOS;
        Answer answer = node.put(chain, yaml);
        while (answer.status() == 409 && System.nanoTime() < deadline) {
            Thread.sleep(20);
            answer = node.put(chain, yaml);
        }
        assertTrue(answer.status() < 300, answer.body());
    }

    private String latestOperation() throws IOException, InterruptedException {
        return node.get("/v1/operations?limit=1").json().at("/items/0/id").asString();
    }

    private void attempt(JsonNode request, Random random) throws IOException, InterruptedException {
        String method = request.get("method").asString();
        Optional<String> template =
                contract.templateOf(method, request.get("path").asString());
        Optional<Role> needed = template.flatMap(path -> needed(method, path));
        int who = random.nextInt(10);
        boolean known = who > 1;
        Role role = who == 2 ? Role.READ : Role.ADMIN;
        long began = System.nanoTime();
        Answer answer = send(method, request, credentials(who, role));
        long took = System.nanoTime() - began;
        assertTrue(took < MOST_NANOS, () -> "the answer took " + took / 1_000_000 + " ms");
        statuses.merge(answer.status(), 1, Integer::sum);
        if (method.equals("HEAD")) {
            assertTrue(answer.status() < 500, () -> "status " + answer.status());
            return;
        }
        if (template.isEmpty()) {
            assertTrue(
                    OF_NOTHING.contains(answer.status()) || answer.status() < 300, () -> "status " + answer.status());
        }
        // That a node is not well is no problem of the request's.
        if (answer.status() >= 400 && !template.orElse("").startsWith("/health/")) {
            contract.checkProblem(answer.status(), answer.headers(), answer.body());
        }
        if (template.isPresent()) {
            boolean described = contract.says(method, template.get(), answer.status());
            assertTrue(
                    described || OF_HTTP.contains(answer.status()),
                    () -> "status " + answer.status() + " is none of the contract's: " + answer.body());
            if (described) {
                contract.check(method, template.get(), answer.status(), answer.headers(), answer.body());
            }
            if (needed.isPresent() && !OF_HTTP.contains(answer.status())) {
                assertEquals(!known, answer.status() == 401, () -> answer.status() + " " + answer.body());
                if (known) {
                    assertEquals(!role.includes(needed.get()), answer.status() == 403, answer.body());
                }
            }
            if (request.get("refused").asBoolean()) {
                assertTrue(answer.status() >= 400, () -> "status " + answer.status() + " to what is wrong");
            }
        }
        checkState(method, answer);
    }

    /** What was refused has changed nothing; what was not has made an operation. */
    private void checkState(String method, Answer answer) throws IOException, InterruptedException {
        if (!method.equals("GET")) {
            String latest = latestOperation();
            if (answer.status() >= 400) {
                assertEquals(lastOperation, latest, "refused with " + answer.status() + ", and yet done");
            }
            lastOperation = latest;
        }
    }

    private Optional<Role> needed(String method, String template) {
        JsonNode operation = contract.operation(method, template);
        if (operation.has("security")) {
            return Optional.empty();
        }
        String words = operation.path("description").asString();
        return Stream.of(Role.values())
                .filter(role -> words.contains("Role: " + role.name().toLowerCase()))
                .findFirst();
    }

    private String credentials(int who, Role role) {
        return switch (who) {
            case 0 -> "";
            case 1 -> "Authorization: Bearer " + node.expired + "\r\n";
            default -> "Authorization: Bearer " + node.tokens.get(role) + "\r\n";
        };
    }

    private Answer send(String method, JsonNode request, String credentials) throws IOException {
        StringBuilder head =
                new StringBuilder(method + " " + request.get("path").asString());
        String query = StreamSupport.stream(request.get("query").spliterator(), false)
                .map(pair -> pair.get(0).asString() + "=" + pair.get(1).asString())
                .collect(Collectors.joining("&"));
        head.append(query.isEmpty() ? "" : "?" + query)
                .append(" HTTP/1.1\r\nHost: localhost\r\n")
                .append(credentials);
        request.get("headers")
                .forEach(header -> head.append(header.get(0).asString())
                        .append(": ")
                        .append(header.get(1).asString())
                        .append("\r\n"));
        if (request.has("type")) {
            head.append("Content-Type: ").append(request.get("type").asString()).append("\r\n");
        }
        byte[] body = request.path("body").asString("").getBytes(StandardCharsets.UTF_8);
        if (body.length > 0) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        if (client.isOver()) {
            client.close();
            client = new RawClient(node.server.port());
        }
        client.send(head.append("\r\n").toString());
        client.send(body);
        Answer answer = client.answer(method.equals("HEAD"));
        assertFalse(answer.body().contains("Exception"), answer.body());
        return answer;
    }
}
