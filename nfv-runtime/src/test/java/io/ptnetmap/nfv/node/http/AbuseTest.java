// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.node.http.NodeFixture.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a node does with those who mean it no good. */
class AbuseTest {
    private static final String YAML = "application/yaml";
    private static final String JSON = "application/json";
    private static final int READERS = 1000;

    @TempDir
    static Path directory;

    private static NodeFixture node;

    @BeforeAll
    static void start() throws InterruptedException {
        node = new NodeFixture(directory.resolve("state"));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static Answer put(String type, String body) throws IOException, InterruptedException {
        return node.send(Role.ADMIN, "PUT", "/v1/chains/x?start=false", body, "Content-Type", type);
    }

    private static void assertProblem(int status, Answer answer) {
        assertEquals(status, answer.status(), answer.body());
        assertEquals("application/problem+json", answer.headers().get("content-type"));
        assertEquals(status, answer.json().get("status").asInt());
        assertFalse(answer.body().contains("\\tat "), "no stack traces");
        assertFalse(answer.body().contains("Exception"), answer.body());
    }

    // --- Who asks ------------------------------------------------------------------------------------------

    @Test
    void nobodyGetsInWithoutAValidToken() throws IOException, InterruptedException {
        for (Optional<String> token : List.of(
                Optional.<String>empty(),
                Optional.of("nfv_wrong"),
                Optional.of(node.tokens.get(Role.ADMIN) + "x"),
                Optional.of("a.b.c"),
                Optional.of(node.expired))) {
            Answer answer = node.send(token, "GET", "/v1/chains", "");
            assertProblem(401, answer);
            assertTrue(answer.headers().get("www-authenticate").startsWith("Bearer"));
        }
        assertProblem(401, node.send(Optional.empty(), "GET", "/v1/chains", "", "Authorization", "Basic YTpi"));
    }

    @Test
    void aTokenThatIsTakenAwayIsWorthNothingAMomentLater() throws IOException, InterruptedException {
        String token = new TokenFile(node.state).add("short", Role.READ, Optional.empty());
        Thread.sleep(600);
        assertEquals(200, node.send(Optional.of(token), "GET", "/v1/chains", "").status());
        assertTrue(new TokenFile(node.state).remove("short"));
        Thread.sleep(600);
        assertProblem(401, node.send(Optional.of(token), "GET", "/v1/chains", ""));
        assertFalse(Files.readString(node.state.resolve("tokens.json")).contains(token));
    }

    @Test
    void rolesReachAsFarAsTheyReach() throws IOException, InterruptedException {
        assertProblem(403, node.send(Role.OPERATE, "PUT", "/v1/chains/x", "chain: x", "Content-Type", YAML));
        assertProblem(403, node.send(Role.READ, "POST", "/v1/chains/x/start", ""));
        assertProblem(403, node.send(Role.READ, "DELETE", "/v1/chains/x", ""));
    }

    // --- What is asked for ---------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "GET,/nothing,404",
        "GET,/v1/chains/a/b/c/d/e,404",
        "GET,/..%2f..%2fetc%2fpasswd,404",
        "GET,/dashboard/../openapi.yaml,404",
        "PATCH,/v1/chains,405",
        "POST,/health/live,405",
        "GET,/v1/chains?limit=x,400",
        "GET,/v1/chains?limit=1001,400",
        "GET,/v1/chains?after=nobody,400",
        "GET,/v1/chains/%00,404",
        "GET,/v1/chains/none/functions/%2e%2e,404"
    })
    void addressesThatLeadNowhereAreProblems(String method, String path, int status)
            throws IOException, InterruptedException {
        Answer answer = node.send(Role.ADMIN, method, path, "");
        assertProblem(status, answer);
        if (status == 405) {
            assertTrue(answer.headers().containsKey("allow"));
        }
    }

    @Test
    void malformedTextIsRefusedWithItsPlace() throws IOException, InterruptedException {
        Answer json = put(JSON, "{\"chain\": \"x\",\n \"functions\": [}");
        assertProblem(400, json);
        assertEquals(2, json.json().at("/errors/0/line").asInt(), json.body());
        Answer yaml = put(YAML, "chain: x\nfunctions: [\n");
        assertProblem(400, yaml);
        assertTrue(yaml.json().at("/errors/0/line").asInt() > 0, yaml.body());
        assertProblem(400, put(JSON, ""));
        assertProblem(400, put(JSON, "[]"));
        assertProblem(400, put(YAML, "- 1"));
        assertProblem(400, put(JSON, "{\"chain\":\"x\",\"chain\":\"y\",\"functions\":[]}"));
        assertProblem(415, put("text/plain", "chain: x"));
    }

    @Test
    void descriptorsThatWouldExhaustMemoryOrStackAreRefused() throws IOException, InterruptedException {
        StringBuilder laughs = new StringBuilder("chain: x\na0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n");
        for (int i = 1; i < 12; i++) {
            laughs.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ",").repeat(10)));
        }
        assertProblem(400, put(YAML, laughs.toString()));
        String longText = "chain: x\na: &a " + "t".repeat(100_000) + "\nb: [" + "*a,".repeat(1000) + "]\n";
        assertProblem(400, put(YAML, longText));
        assertProblem(400, put(JSON, "[".repeat(100_000)));
        assertProblem(400, put(YAML, "[".repeat(100_000)));
        assertProblem(400, put(JSON, "{\"a\":".repeat(1000) + "1" + "}".repeat(1000)));
        assertProblem(400, put(JSON, "{\"chain\":" + "9".repeat(100_000) + "}"));
        assertProblem(422, put(YAML, "chain: " + "9".repeat(100_000) + "\nfunctions: [{type: hole}]\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"chain\":7,\"functions\":[]}",
                "{\"chain\":\"x\",\"functions\":7}",
                "{\"chain\":\"x\",\"functions\":[7]}",
                "{\"chain\":\"x\",\"functions\":[{\"type\":\"hole\",\"wroker\":1}]}",
                "{\"chain\":\"x\",\"functions\":[{\"type\":\"none\"}]}",
                "{\"chain\":\"../x\",\"functions\":[{\"type\":\"trickle\"},{\"type\":\"hole\"}]}",
                "{\"chain\":\"y\",\"functions\":[{\"type\":\"trickle\"},{\"type\":\"hole\"}]}",
                "{\"chain\":\"x\",\"functions\":[{\"type\":\"trickle\",\"config\":{\"count\":\"many\"}},{\"type\":\"hole\"}]}",
                "{\"chain\":\"x\",\"function-path\":[\"none.jar\"],\"functions\":[{\"type\":\"trickle\"},{\"type\":\"hole\"}]}",
                "{\"chain\":\"x\",\"function-path\":[\"/usr/lib/x.jar\"],\"functions\":[{\"type\":\"trickle\"},{\"type\":\"hole\"}]}",
                "{\"functions\":[{\"type\":\"trickle\"},{\"type\":\"hole\"}]}"
            })
    void contentThatIsWrongIsRefusedWithTheField(String body) throws IOException, InterruptedException {
        Answer answer = put(JSON, body);
        assertProblem(422, answer);
        JsonNode error = answer.json().at("/errors/0");
        assertTrue(error.get("pointer").asString().startsWith("/"), answer.body());
    }

    @Test
    void filesOutsideOfTheDataDirectoryAreOutOfReach() throws IOException, InterruptedException {
        Path data = node.state.resolve("data");
        Files.createSymbolicLink(data.resolve("link"), Path.of("/etc"));
        Files.createSymbolicLink(data.resolve("dangling"), Path.of("/tmp/no-such-file-there"));
        for (String name : List.of(
                "../secret",
                "/etc/passwd",
                "a/../../secret",
                "link/passwd",
                "link",
                "dangling",
                "x/../../../etc/passwd")) {
            Answer answer = put(
                    YAML,
                    "chain: x\nfunctions:\n  - {type: trickle, config: {file: \"" + name + "\"}}\n  - {type: hole}\n");
            assertProblem(422, answer);
            assertEquals(
                    "/functions/0/config/file",
                    answer.json().at("/errors/0/pointer").asString(),
                    name);
            assertEquals(3, answer.json().at("/errors/0/line").asInt(), name);
        }
        Answer inside = put(
                YAML, "chain: x\nfunctions:\n  - {type: trickle, config: {file: new/one.pcap}}\n  - {type: hole}\n");
        assertEquals(202, inside.status(), inside.body());
        // A function that does not say that a field names a file finds out when it asks for the file.
        Answer forgotten = node.put("f", NodeFixture.chain("f", "/etc/passwd"));
        assertEquals("failed", forgotten.json().get("state").asString(), forgotten.body());
        assertTrue(forgotten.body().contains("leads out of the directory"), forgotten.body());
    }

    // --- How it is asked -----------------------------------------------------------------------------------

    private static Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.server.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static String head(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        for (int c = in.read(); c >= 0 && head.indexOf("\r\n\r\n") < 0; c = in.read()) {
            head.append((char) c);
        }
        return head.toString();
    }

    @Test
    void bodiesThatAreTooLongAreRefusedBeforeTheyHaveCome() throws IOException, InterruptedException {
        Answer answer = put(YAML, "#".repeat((1 << 20) + 1));
        assertProblem(413, answer);
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(("PUT /v1/chains/x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/yaml\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n")
                    .getBytes(US_ASCII));
            byte[] chunk = ("10000\r\n" + "#".repeat(0x10000) + "\r\n").getBytes(US_ASCII);
            long sent = 0;
            try {
                for (; sent < 100 << 20; sent += 0x10000) {
                    out.write(chunk);
                }
            } catch (SocketException cutOff) {
                // Which is the point.
            }
            assertTrue(sent < 100 << 20 || head(socket).startsWith("HTTP/1.1 413"), "100 MB were taken");
        }
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write("PUT /v1/chains/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n"
                            .getBytes(US_ASCII));
            assertTrue(head(socket).startsWith("HTTP/1.1 413"));
        }
    }

    @Test
    void headsThatAreTooLongOrNoHttpAreRefused() throws IOException {
        for (String[] wrong : List.of(
                new String[] {"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "y".repeat(20_000) + "\r\n\r\n", "431"},
                new String[] {"GET /" + "y".repeat(10_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "414"},
                new String[] {"\u0001\u0002\u0003 nonsense\r\n\r\n", "400"})) {
            try (Socket socket = connect()) {
                socket.getOutputStream().write(wrong[0].getBytes(US_ASCII));
                String head = head(socket);
                // Whose version was not understood is answered by the lowest.
                assertTrue(head.matches("(?s)HTTP/1\\.[01] " + wrong[1] + ".*"), head);
            }
        }
    }

    @Test
    void whoSendsALetterNowAndThenIsNotWaitedFor() throws IOException, InterruptedException {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            slow.add(connect());
        }
        long began = System.nanoTime();
        boolean open = true;
        while (open && System.nanoTime() - began < 20_000_000_000L) {
            for (Socket socket : slow) {
                try {
                    socket.getOutputStream().write('G');
                } catch (SocketException cutOff) {
                    open = false;
                }
            }
            assertEquals(200, node.get("/v1/chains").status());
            Thread.sleep(500);
        }
        assertFalse(open, "still connected after 20 s");
        for (Socket socket : slow) {
            socket.close();
        }
    }

    @Test
    void aThousandReadersOfEventsAreServedAndOneMoreIsNot() throws IOException, InterruptedException {
        String request = "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + node.tokens.get(Role.READ) + "\r\n\r\n";
        List<Socket> readers = new ArrayList<>();
        try {
            for (int i = 0; i < READERS; i++) {
                Socket socket = connect();
                readers.add(socket);
                socket.getOutputStream().write(request.getBytes(US_ASCII));
                assertTrue(head(socket).startsWith("HTTP/1.1 200"));
            }
            assertProblem(503, node.get("/v1/events"));
            long began = System.nanoTime();
            node.put("many", NodeFixture.chain("many", "x"));
            for (Socket socket : readers) {
                awaitText(socket, "event: chain-accepted");
            }
            System.out.printf(
                    "%d readers had the event after %d ms%n", READERS, (System.nanoTime() - began) / 1_000_000);
        } finally {
            for (Socket socket : readers) {
                socket.close();
            }
        }
        for (int i = 0; i < 100 && node.get("/v1/events?follow=false").status() != 200; i++) {
            Thread.sleep(50);
        }
        assertEquals(200, node.get("/v1/events?follow=false").status());
    }

    private static void awaitText(Socket socket, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (read.indexOf(text) < 0) {
            int length = socket.getInputStream().read(buffer);
            assertTrue(length > 0, "cut off");
            read.append(new String(buffer, 0, length, US_ASCII));
        }
    }
}
