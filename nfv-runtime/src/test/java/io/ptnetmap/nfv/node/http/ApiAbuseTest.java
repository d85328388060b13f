// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.node.http.NodeFixture.Answer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are HTTP, and made to do harm. */
class ApiAbuseTest {
    private static final int WRITERS = 50;
    private static final int MOST_CHAINS = 1000;
    private static final String YAML = "application/yaml";
    private static final String JSON = "application/json";
    private static final String PATCH = "application/merge-patch+json";
    private static final String CONFIG = "/v1/chains/edge/functions/label/config";

    @TempDir
    Path directory;

    private NodeFixture node;

    @BeforeEach
    void start() throws InterruptedException {
        node = new NodeFixture(directory.resolve("state"));
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private static void assertProblem(int status, Answer answer) {
        assertEquals(status, answer.status(), answer.body());
        assertEquals("application/problem+json", answer.headers().get("content-type"));
        assertFalse(answer.body().contains("Exception"), answer.body());
    }

    private Answer put(String type, String body) throws IOException, InterruptedException {
        return node.send(Role.ADMIN, "PUT", "/v1/chains/x?start=false", body, "Content-Type", type);
    }

    // --- Bodies --------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chain: !!java.net.URL x\nfunctions: []",
                "chain: x\nfunctions: !!python/object/apply:os.system [id]",
                "%TAG ! tag:yaml.org,2002:\n---\nchain: !javax.script.ScriptEngineManager []",
                "chain: x\nfunctions: *nobody",
                "chain: &a *a\nfunctions: []",
                "chain: x\nchain: y\nfunctions: []",
                "chain: x\nfunctions: []\n---\nchain: y",
                "? [a]\n: b",
                "chain: \"\\u0000\"\nfunctions: [",
                "\u0000"
            })
    void yamlThatIsMoreThanADescriptorIsRefused(String body) throws IOException, InterruptedException {
        assertProblem(400, put(YAML, body));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Merge keys are not YAML 1.2's.
                "base: &b {type: hole}\nchain: x\nfunctions: [{<<: *b}]",
                "chain: x\nfunctions: [{type: hole, worker: 1e400}]",
                "chain: x\nfunctions: [{type: hole, worker: 1e99999999999}]",
                "chain: x\nfunctions: [{type: hole, worker: .inf}]",
                "chain: x\nfunctions: [{type: hole, worker: 99999999999999999999999}]",
                "chain: x\nfunctions: [{type: hole, worker: 0x10}]",
                "chain: x\nfunctions: &f [{type: hole}, *f]",
                "chain: x\nfunctions: [{type: \"\\e[31m\"}]"
            })
    void yamlThatIsNoGoodDescriptorIsRefusedWithTheField(String body) throws IOException, InterruptedException {
        Answer answer = put(YAML, body);
        assertTrue(answer.status() == 422 || answer.status() == 400, answer.body());
        assertTrue(answer.json().at("/errors/0/line").asInt() > 0, answer.body());
    }

    @Test
    void numbersThatNoNumberHoldsAreRefused() throws IOException, InterruptedException {
        for (String number :
                List.of("1e400", "-1e400", "1e99999999999", "1e-99999999999", "1E2147483647", "0.1e2147483648")) {
            Answer answer = put(
                    JSON,
                    "{\"chain\":\"x\",\"functions\":[{\"type\":\"trickle\",\"config\":{\"count\":" + number
                            + "}},{\"type\":\"hole\"}]}");
            assertProblem(422, answer);
            assertEquals(
                    "/functions/0/config/count",
                    answer.json().at("/errors/0/pointer").asString(),
                    answer.body());
        }
        node.put("edge", NodeFixture.chain("edge", "one"));
        for (String number : List.of("1e400", "1e99999999999", "-0", "1e-400")) {
            int status = node.send(Role.OPERATE, "PATCH", CONFIG, "{\"label\":" + number + "}", "Content-Type", PATCH)
                    .status();
            assertTrue(status == 422 || status == 400, number + ": " + status);
        }
        assertProblem(
                400,
                node.send(Role.OPERATE, "PATCH", CONFIG, "{\"label\":\"a\",\"label\":\"b\"}", "Content-Type", PATCH));
    }

    @Test
    void patchesAreNoDeeperThanConfigurations() throws IOException, InterruptedException {
        node.put("edge", NodeFixture.chain("edge", "one"));
        for (int depth : List.of(40, 400, 10_000)) {
            String deep = "{\"label\":".repeat(depth) + "1" + "}".repeat(depth);
            Answer answer = node.send(Role.OPERATE, "PATCH", CONFIG, deep, "Content-Type", PATCH);
            assertProblem(depth > 400 ? 400 : 422, answer);
        }
        assertEquals("one", node.get(CONFIG).json().get("label").asString());
    }

    // --- Parameters and headers ----------------------------------------------------------------------------

    @Test
    void headersOfRubbishAreNoneOrAreRefused() throws IOException, InterruptedException {
        node.put("edge", NodeFixture.chain("edge", "one"));
        for (String accept :
                List.of(";", ",", ";;;", "a" + " ".repeat(8000) + "b", "*/*;q=", "q=1", "text/html;q=1e9")) {
            int status = node.send(Role.READ, "GET", "/v1/chains/edge", "", "Accept", accept)
                    .status();
            assertTrue(status == 200 || status == 406, accept + ": " + status);
        }
        // What is not understood is not taken for no condition.
        for (String tag : List.of("\"", "\"\"", ",,,", "W/", "*x", "\"a\", \"b", "\u00ff", "W/W/\"1\"", "\"a\"\"b\"")) {
            int status = node.send(Role.ADMIN, "DELETE", "/v1/chains/edge", "", "If-Match", tag)
                    .status();
            assertTrue(status == 412 || status == 400, tag + ": " + status);
            assertEquals(200, node.get("/v1/chains/edge").status(), tag);
        }
        for (String key : List.of("k".repeat(129), "k".repeat(8000))) {
            assertProblem(400, node.send(Role.OPERATE, "POST", "/v1/chains/edge/start", "", "Idempotency-Key", key));
        }
        for (String prefer : List.of("wait=99999999999", "wait=-1", "wait", "wait=wait=1", "respond-async, wait=0")) {
            int status = node.send(Role.OPERATE, "POST", "/v1/chains/edge/start", "", "Prefer", prefer)
                    .status();
            assertTrue(status == 200 || status == 202, prefer + ": " + status);
        }
    }

    @Test
    void filtersOfAnyShapeAreExpressionsOrRefused() throws IOException, InterruptedException {
        node.put("edge", NodeFixture.chain("edge", "one"));
        for (String filter : List.of(
                "(".repeat(4000),
                "(".repeat(1300) + "udp" + ")".repeat(1300),
                "not ".repeat(1000) + "udp",
                "udp or ".repeat(580) + "udp",
                "port " + "9".repeat(4000),
                "ether[999999999999] = 1",
                "ip[0 : 3] = 1",
                "host " + "1.".repeat(1000),
                "\u0000",
                "\n",
                "portrange 9-1",
                "ip6 host ::::",
                "len < -1",
                "x".repeat(5000))) {
            String address = "/v1/chains/edge/links/trickle..label/packets?count=1&filter="
                    + URLEncoder.encode(filter, StandardCharsets.UTF_8);
            // Whose streams it does not wait for: few packets are wanted by these.
            try (RawClient client = new RawClient(node.server.port())) {
                Answer answer = client.ask(
                        "GET " + address + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                                + node.tokens.get(Role.OPERATE) + "\r\n\r\n",
                        false);
                assertTrue(List.of(200, 400, 414).contains(answer.status()), filter + ": " + answer.body());
            }
        }
        // What comes behind the end of a C string is not left out.
        assertEquals(
                400,
                node.send(Role.OPERATE, "GET", "/v1/chains/edge/trace?count=1&filter=udp%00nonsense", "")
                        .status());
        assertNoErrors();
    }

    // --- Many ----------------------------------------------------------------------------------------------

    @Test
    void ofFiftyWhoChangeTheSameVersionOneDoes() throws Exception {
        node.put("edge", NodeFixture.chain("edge", "none"));
        String tag = node.get("/v1/chains/edge").headers().get("etag");
        List<Callable<Integer>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            String descriptor = NodeFixture.chain("edge", "w" + i);
            writers.add(() -> node.send(
                            Role.ADMIN,
                            "PUT",
                            "/v1/chains/edge",
                            descriptor,
                            "Content-Type",
                            YAML,
                            "If-Match",
                            tag,
                            "Prefer",
                            "wait=20")
                    .status());
        }
        Map<Integer, Integer> statuses = new TreeMap<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> status : executor.invokeAll(writers)) {
                statuses.merge(status.get(), 1, Integer::sum);
            }
        }
        assertEquals(Map.of(200, 1, 412, WRITERS - 1), statuses);
        assertEquals(2, node.get("/v1/chains/edge").json().get("revision").asInt());
    }

    @Test
    @Tag("soak")
    void chainsAreLimitedAndTheLimitIsSaid() throws IOException, InterruptedException {
        long began = System.nanoTime();
        for (int i = 0; i < MOST_CHAINS; i++) {
            Answer answer = node.send(
                    Role.ADMIN,
                    "PUT",
                    "/v1/chains/c" + i + "?start=false",
                    NodeFixture.chain("c" + i, "x"),
                    "Content-Type",
                    YAML);
            assertTrue(answer.status() < 300, answer.body());
        }
        System.out.printf("%d chains created in %d ms%n", MOST_CHAINS, (System.nanoTime() - began) / 1_000_000);
        Answer oneMore = node.send(
                Role.ADMIN, "PUT", "/v1/chains/more?start=false", NodeFixture.chain("more", "x"), "Content-Type", YAML);
        assertProblem(409, oneMore);
        assertTrue(oneMore.body().contains("1000 chains"), oneMore.body());
        assertEquals(
                200,
                node.send(Role.ADMIN, "DELETE", "/v1/chains/c7", "", "Prefer", "wait=20")
                        .status());
        assertEquals(
                202,
                node.send(
                                Role.ADMIN,
                                "PUT",
                                "/v1/chains/more?start=false",
                                NodeFixture.chain("more", "x"),
                                "Content-Type",
                                YAML)
                        .status());
    }

    @Test
    void operationsThatWaitAreLimited() throws Exception {
        node.put("edge", NodeFixture.chain("edge", "one"));
        List<Callable<Integer>> askers = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            String what = i % 2 == 0 ? "stop" : "start";
            askers.add(() -> node.send(Role.OPERATE, "POST", "/v1/chains/edge/" + what, "")
                    .status());
        }
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> status : executor.invokeAll(askers)) {
                assertTrue(List.of(200, 202, 503).contains(status.get()), () -> "status " + status.resultNow());
            }
        }
        long open = node.node.operations().list().stream()
                .filter(operation -> !operation.isOver())
                .count();
        assertTrue(open <= 101, "operations that wait: " + open);
    }

    // --- The log -------------------------------------------------------------------------------------------

    @Test
    void addressesStandInTheLogAsTheyCame() throws IOException, InterruptedException {
        node.send(Role.ADMIN, "DELETE", "/v1/chains/a%0a12:00:00.000%20WARN%20fake%1b%5b31m", "");
        List<String> lines = node.log.history().after(0, 10_000).stream()
                .map(numbered -> numbered.line().message())
                .filter(message -> message.contains("fake"))
                .toList();
        lines.forEach(message -> assertFalse(message.matches("(?s).*\\p{Cntrl}.*"), message));
    }

    private void assertNoErrors() {
        assertEquals(
                List.of(),
                node.log.history().after(0, 10_000).stream()
                        .filter(numbered -> numbered.line().level().equals("ERROR"))
                        .toList());
    }

    // --- Tokens --------------------------------------------------------------------------------------------

    @Test
    void aTokenFileThatCannotBeTrustedLetsNobodyInUntilItCan() throws IOException, InterruptedException {
        Path tokens = node.state.resolve("tokens.json");
        String good = Files.readString(tokens);
        for (String bad : List.of(
                "",
                "{",
                "[]",
                "{\"tokens\":[{}]}",
                "{\"tokens\":[{\"name\":\"x\",\"role\":\"king\",\"digest\":\"\"}]}")) {
            Files.writeString(tokens, bad);
            assertLetIn(503);
            assertEquals(
                    200,
                    node.send(java.util.Optional.empty(), "GET", "/health/live", "")
                            .status());
        }
        Files.delete(tokens);
        Files.createDirectory(tokens);
        assertLetIn(503);
        Files.delete(tokens);
        assertLetIn(401);
        Files.writeString(tokens, good);
        assertLetIn(200);
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertLetIn(503);
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-r--r--"));
        assertLetIn(200);
    }

    /** Within the time that another process's change takes to hold. */
    private void assertLetIn(int status) throws IOException, InterruptedException {
        for (int i = 0; i < 40 && node.get("/v1/node").status() != status; i++) {
            Thread.sleep(50);
        }
        assertEquals(status, node.get("/v1/node").status());
    }
}
