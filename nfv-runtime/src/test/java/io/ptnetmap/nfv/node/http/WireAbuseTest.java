// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.nfv.node.http.NodeFixture.Answer;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node does with bytes that no client of good faith sends. */
class WireAbuseTest {
    private static final int CONNECTIONS = 10_000;
    /** More than fits into the sockets' buffers of both sides. */
    private static final int MOST_TAKEN = 32 << 20;

    @TempDir
    static Path directory;

    private static NodeFixture node;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        node = new NodeFixture(directory.resolve("state"));
        assertEquals(200, node.put("edge", NodeFixture.chain("edge", "one")).status());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static RawClient connect() throws IOException {
        return new RawClient(node.server.port());
    }

    private static String head(String line) {
        return line + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + node.tokens.get(Role.ADMIN) + "\r\n";
    }

    private static void assertProblem(int status, Answer answer) {
        assertEquals(status, answer.status(), answer.body());
        assertEquals("application/problem+json", answer.headers().get("content-type"), answer.body());
    }

    /** What is sent is refused, and nothing that comes after it is taken for a request. */
    private static void assertRefusedForGood(String sent) throws IOException, InterruptedException {
        try (RawClient client = connect()) {
            client.send(sent + head("DELETE /v1/chains/edge") + "\r\n");
            assertProblem(400, client.answer(false));
            assertTrue(client.isCut(), "the connection goes on");
        }
        assertEquals("running", node.get("/v1/chains/edge").json().get("state").asString());
    }

    // --- Where a request ends ------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "Content-Length: 5, 6\r\n\r\nhello",
                "Content-Length: -1\r\n\r\n",
                "Content-Length: +5\r\n\r\nhello",
                "Content-Length: 0x5\r\n\r\nhello",
                "Content-Length: 99999999999999999999\r\n\r\n",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: identity, chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n"
            })
    void whoseEndIsAMatterOfOpinionIsNoRequest(String rest) throws IOException, InterruptedException {
        assertRefusedForGood(head("POST /v1/chains/none/plan") + "Content-Type: application/yaml\r\n" + rest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1\r\n", "FFFFFFFFFFFFFFFFF\r\n", "zz\r\n", "\r\n", "3\r\na: b\r\n"})
    void chunksOfNoLengthAreRefused(String chunk) throws IOException, InterruptedException {
        assertRefusedForGood(head("POST /v1/chains/none/plan")
                + "Content-Type: application/yaml\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n" + chunk + "\r\n");
    }

    @Test
    void whoSendsABadChunkAfterItsAnswerGetsNoOther() throws IOException {
        try (RawClient client = connect()) {
            client.send("POST /v1/chains/none/plan HTTP/1.1\r\nHost: elsewhere\r\nTransfer-Encoding: chunked\r\n\r\n");
            assertProblem(421, client.answer(false));
            client.send("zz\r\n\r\n");
            assertTrue(client.isCut(), "the connection goes on");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/1.7\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/0.9\r\nHost: localhost\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "GET / ICAP/1.0\r\nHost: localhost\r\n\r\n",
                "GET /\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n"
            })
    void otherProtocolsAreNotSpoken(String sent) throws IOException {
        try (RawClient client = connect()) {
            client.send(sent);
            assertProblem(400, client.answer(false));
            assertTrue(client.isCut(), "the connection goes on");
        }
    }

    @Test
    void nobodyIsTakenToAnotherProtocol() throws IOException {
        for (String upgrade : List.of(
                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")) {
            try (RawClient client = connect()) {
                assertEquals(
                        200,
                        client.ask(head("GET /v1/node") + upgrade + "\r\n", false)
                                .status());
            }
        }
        try (RawClient client = connect()) {
            assertProblem(405, client.ask("CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n", false));
        }
    }

    // --- What it is made of --------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/chains/\u0000",
                "/v1/chains/a\u001b[31m",
                "/v1/chains/\u00e4",
                "/v1/chains/a\\b",
                "/v1/chains/<x>",
                "/v1/chains/a|b",
                "/v1/chains/%",
                "/v1/chains/%4",
                "/v1/chains/%zz",
                "/v1/chains/a\u007f",
                "/v1/chains/a\u0085"
            })
    void addressesAreMadeOfCharactersOfAddresses(String path) throws IOException {
        try (RawClient client = connect()) {
            Answer answer = client.ask(head("GET " + path) + "\r\n", false);
            assertProblem(400, answer);
        }
    }

    @Test
    void controlCharactersInHeadersAreRefused() throws IOException, InterruptedException {
        for (String header : List.of(
                "Authorization: Bearer a\u0000b",
                "X: a\rb",
                "X: a\u0000",
                "X\u0000: a",
                "X Y: a",
                "Idempotency-Key: a\u0001")) {
            try (RawClient client = connect()) {
                client.send("GET /v1/chains HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n\r\n");
                assertTrue(List.of(400, 401).contains(client.answer(false).status()), header);
            }
        }
        // Of two tokens none is the request's.
        try (RawClient client = connect()) {
            String wrong = "Authorization: Bearer wrong\r\n";
            assertProblem(401, client.ask(head("GET /v1/chains") + wrong + "\r\n", false));
        }
    }

    @Test
    void headsThatAreTooLongAreRefusedWhateverMakesThemLong() throws IOException {
        String many = "X: y\r\n".repeat(10_000);
        for (String rest : List.of(
                "Idempotency-Key: " + "k".repeat(1 << 20),
                many,
                "X: " + "a ".repeat(20_000),
                "n".repeat(20_000) + ": x",
                "Authorization: Bearer " + "t".repeat(17 << 10))) {
            try (RawClient client = connect()) {
                client.send(head("POST /v1/chains/edge/start") + rest + "\r\n\r\n");
                assertProblem(431, client.answer(false));
            } catch (SocketException reset) {
                // Who goes on sending may not get to read it.
                assertTrue(rest.length() > 100_000, rest.substring(0, 20));
            }
        }
    }

    // --- Whose page asks ---------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example", "evil.example:8470", "localhost.evil.example", "127.0.0.1.evil.example",
                        "localhost@evil.example",
                "xlocalhost", "", "[::1", "a b", "127.0.0.1:x"
            })
    void whoAsksByAStrangersNameIsNotAnswered(String host) throws IOException {
        try (RawClient client = connect()) {
            String authorization = "Authorization: Bearer " + node.tokens.get(Role.ADMIN) + "\r\n";
            assertProblem(
                    421, client.ask("GET /v1/node HTTP/1.1\r\nHost: " + host + "\r\n" + authorization + "\r\n", false));
            assertTrue(client.isCut(), "the connection goes on");
        }
        try (RawClient client = connect()) {
            assertProblem(421, client.ask("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n", false));
        }
    }

    @Test
    void whatLeadsToThisMachineOnlyIsItsName() throws IOException {
        for (String host : List.of(
                "localhost",
                "LOCALHOST:8470",
                "node.localhost:80",
                "127.0.0.1",
                "127.0.0.1:8470",
                "127.8.8.8",
                "[::1]:8470",
                "192.0.2.1")) {
            try (RawClient client = connect()) {
                assertEquals(
                        200,
                        client.ask("GET /health/live HTTP/1.1\r\nHost: " + host + "\r\n\r\n", false)
                                .status(),
                        host);
            }
        }
        try (RawClient client = connect()) {
            assertProblem(400, client.ask("GET / HTTP/1.1\r\n\r\n", false));
        }
        try (RawClient client = connect()) {
            assertProblem(400, client.ask("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", false));
        }
    }

    @Test
    void pagesOfOtherOriginsGetNothing() throws IOException {
        try (RawClient client = connect()) {
            Answer preflight = client.ask(
                    "OPTIONS /v1/chains/edge HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"
                            + "Access-Control-Request-Method: DELETE\r\nAccess-Control-Request-Headers: authorization\r\n\r\n",
                    false);
            assertProblem(405, preflight);
            assertFalse(preflight.headers().containsKey("access-control-allow-origin"));
            // What a form or an image can send has no token with it, for that is kept in no cookie.
            Answer page =
                    client.ask("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n\r\n", false);
            assertFalse(page.headers().containsKey("access-control-allow-origin"));
            assertFalse(page.headers().containsKey("set-cookie"));
            assertTrue(page.headers().get("content-security-policy").contains("frame-ancestors 'none'"));
            assertEquals("same-origin", page.headers().get("cross-origin-resource-policy"));
        }
    }

    // --- How much ------------------------------------------------------------------------------------------

    @Test
    void whoAsksAndAsksAndDoesNotReadIsHeldUp() throws Exception {
        try (RawClient client = connect()) {
            byte[] requests = "GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    .repeat(200)
                    .getBytes();
            AtomicLong sent = new AtomicLong();
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    for (; sent.get() < MOST_TAKEN; sent.addAndGet(requests.length)) {
                        client.send(requests);
                    }
                } catch (IOException cutOff) {
                    // Which is the point.
                }
            });
            sender.join(3_000);
            // Nothing is taken up any more until what was asked for is read.
            assertTrue(sent.get() < MOST_TAKEN, "all was taken");
            assertEquals(200, node.get("/v1/node").status());
        }
    }

    @Test
    void whoConnectsAndAsksNothingKeepsNobodyOut() throws IOException {
        String limit = Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .findFirst()
                .orElseThrow();
        assumeTrue(
                limit.contains("unlimited") || Long.parseLong(limit.split("\\s{2,}")[2]) > 2 * CONNECTIONS - 6_000,
                "not as many files may be open here: " + limit);
        List<RawClient> idle = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                idle.add(connect());
                if (i % 1000 == 999) {
                    try (RawClient client = connect()) {
                        assertEquals(
                                200,
                                client.ask(head("GET /v1/node") + "\r\n", false).status(),
                                "after " + i);
                    }
                }
            }
            // The first ones have made room for the others.
            assertTrue(idle.getFirst().isCut());
            assertFalse(idle.getLast().patience(100).isCut());
        } finally {
            for (RawClient client : idle) {
                client.close();
            }
        }
    }

    @Test
    @Tag("soak")
    void aRequestThatDoesNotComeToItsEndIsAnsweredSo() throws IOException {
        try (RawClient client = connect().patience(40_000)) {
            client.send(head("PUT /v1/chains/x") + "Content-Type: application/yaml\r\nContent-Length: 10\r\n\r\nchain");
            assertProblem(408, client.answer(false));
            assertTrue(client.isCut());
        } catch (EOFException | SocketTimeoutException silent) {
            throw new AssertionError(silent);
        }
    }
}
