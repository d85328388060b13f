// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.client.NodeClient;
import io.ptnetmap.nfv.client.NodeClientOptions;
import io.ptnetmap.nfv.client.NodeException;
import io.ptnetmap.nfv.client.NodeStream;
import io.ptnetmap.nfv.node.model.Json;
import io.ptnetmap.nfv.node.model.Statistics;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Streams that are open when the token that opened them ceases to hold. */
class AdmissionsTest {
    /** It takes less than one; a machine at work gets more. */
    private static final long MOST_SECONDS = 5;

    private static final String GUEST = "guest";

    @TempDir
    Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private NodeFixture node;
    private TokenFile tokens;
    private String guest;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        node = new NodeFixture(directory.resolve("state"));
        assertEquals(200, node.put("edge", NodeFixture.chain("edge", "x")).status());
        // As another process writes it.
        tokens = new TokenFile(node.state);
        guest = tokens.add(GUEST, Role.OPERATE, Optional.empty());
        // Until the node has looked at the file.
        while (node.send(Optional.of(guest), "GET", "/v1/token", "").status() != 200) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    @AfterEach
    void end() {
        // Streams may be open that would go on.
        client.shutdownNow();
        node.close();
    }

    /** A stream, of which something has come, and then all of it. */
    private FutureTask<byte[]> open(String token, String path) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = client.send(
                HttpRequest.newBuilder(node.uri(path))
                        .header("Authorization", "Bearer " + token)
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertEquals(200, answer.statusCode());
        InputStream body = answer.body();
        byte[] first = {(byte) body.read()};
        FutureTask<byte[]> all = new FutureTask<>(() -> {
            byte[] rest = body.readAllBytes();
            byte[] whole = Arrays.copyOf(first, 1 + rest.length);
            System.arraycopy(rest, 0, whole, 1, rest.length);
            return whole;
        });
        Thread.ofVirtual().start(all);
        return all;
    }

    private static void assertGoesOn(FutureTask<byte[]> stream) {
        assertThrows(TimeoutException.class, () -> stream.get(1500, TimeUnit.MILLISECONDS));
    }

    private static byte[] end(FutureTask<byte[]> stream) throws Exception {
        return stream.get(MOST_SECONDS, TimeUnit.SECONDS);
    }

    private static void assertSaysWhy(byte[] stream, int status, String reason) {
        String text = new String(stream, StandardCharsets.UTF_8);
        String last = text.substring(text.lastIndexOf("event: "));
        assertTrue(last.startsWith("event: refused\ndata: {"), last);
        assertTrue(last.contains("\"status\":" + status) && last.contains(reason), last);
        assertTrue(last.endsWith("}\n\n"), last);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/events", "/v1/logs", "/v1/statistics?interval=100"})
    void eventsEndWithTheirTokenAndSayWhy(String path) throws Exception {
        FutureTask<byte[]> other = open(node.tokens.get(Role.OPERATE), path);
        FutureTask<byte[]> stream = open(guest, path);
        assertGoesOn(stream);
        assertTrue(tokens.remove(GUEST));
        assertSaysWhy(end(stream), 401, "unknown or expired");
        assertGoesOn(other);
    }

    @Test
    void aTokenThatExpiresEndsThem() throws Exception {
        String brief = tokens.add("brief", Role.READ, Optional.of(Instant.now().plusSeconds(3)));
        while (node.send(Optional.of(brief), "GET", "/v1/token", "").status() != 200) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        FutureTask<byte[]> stream = open(brief, "/v1/events");
        assertThrows(TimeoutException.class, () -> stream.get(200, TimeUnit.MILLISECONDS));
        assertSaysWhy(stream.get(3 + MOST_SECONDS, TimeUnit.SECONDS), 401, "unknown or expired");
    }

    @Test
    void nobodyStaysWhileTheTokensCannotBeTrusted() throws Exception {
        FutureTask<byte[]> stream = open(guest, "/v1/events");
        Path file = node.state.resolve("tokens.json");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
        assertSaysWhy(end(stream), 503, "cannot be read");
    }

    @Test
    void aCaptureEndsWholeWithItsToken() throws Exception {
        FutureTask<byte[]> stream = open(guest, "/v1/chains/edge/links/trickle..label/packets");
        assertGoesOn(stream);
        assertTrue(tokens.remove(GUEST));
        assertWholeCapture(end(stream));
    }

    private static void assertWholeCapture(byte[] capture) {
        ByteBuffer blocks = ByteBuffer.wrap(capture).order(ByteOrder.LITTLE_ENDIAN);
        int last = 0;
        while (blocks.hasRemaining()) {
            int at = blocks.position();
            last = blocks.getInt(at);
            blocks.position(at + blocks.getInt(at + Integer.BYTES));
        }
        assertEquals(5, last, "the interface's statistics");
    }

    /** Gives a token another role, as whoever edits the file does. */
    private void become(Role role) throws IOException {
        Path file = node.state.resolve("tokens.json");
        ObjectNode content = Json.read(Files.readString(file), ObjectNode.class);
        for (JsonNode token : content.get("tokens")) {
            if (token.get("name").asString().equals(GUEST)) {
                ((ObjectNode) token).put("role", role.name().toLowerCase(Locale.ROOT));
            }
        }
        Path draft = node.state.resolve("edited.json");
        Files.createFile(draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(draft, content.toString());
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void whoMayLessThanBeforeKeepsWhatTheLesserRoleMaySee() throws Exception {
        FutureTask<byte[]> events = open(guest, "/v1/events");
        FutureTask<byte[]> statistics = open(guest, "/v1/statistics?interval=100");
        FutureTask<byte[]> logs = open(guest, "/v1/logs");
        FutureTask<byte[]> capture = open(guest, "/v1/chains/edge/links/trickle..label/packets");
        FutureTask<byte[]> trace = open(guest, "/v1/chains/edge/trace");
        FutureTask<byte[]> other = open(node.tokens.get(Role.OPERATE), "/v1/logs");
        for (FutureTask<byte[]> stream : List.of(logs, capture, trace)) {
            assertGoesOn(stream);
        }
        become(Role.READ);
        String why = "'guest' has role read, and this needs operate";
        assertSaysWhy(end(logs), 403, why);
        assertWholeCapture(end(capture));
        String lines = new String(end(trace), StandardCharsets.UTF_8);
        assertTrue(lines.endsWith("\n{\"chain\":\"edge\",\"ended\":\"" + why + "\"}\n"), lines);
        for (FutureTask<byte[]> stream : List.of(events, statistics, other)) {
            assertGoesOn(stream);
        }
        // What is asked anew is judged in the same way.
        assertEquals(403, node.send(Optional.of(guest), "GET", "/v1/logs", "").status());
    }

    @Test
    void aTraceEndsWithItsToken() throws Exception {
        FutureTask<byte[]> stream = open(guest, "/v1/chains/edge/trace");
        assertGoesOn(stream);
        assertTrue(tokens.remove(GUEST));
        String lines = new String(end(stream), StandardCharsets.UTF_8);
        assertTrue(lines.startsWith("{\"chain\":\"edge\",\"number\":"), lines);
        assertTrue(lines.endsWith("\n{\"chain\":\"edge\",\"ended\":\"the token is unknown or expired\"}\n"), lines);
    }

    @Test
    void aClientHearsWhyAndDoesNotAskAgain() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            NodeClient asking = NodeClient.create(
                    vertx, NodeClientOptions.of(node.uri("")).withToken(guest).withTimeout(Duration.ofSeconds(5)));
            CompletableFuture<Statistics> first = new CompletableFuture<>();
            CompletableFuture<Void> failed = new CompletableFuture<>();
            CompletableFuture<Void> ended = new CompletableFuture<>();
            NodeStream<Statistics> stream = asking.statistics(Optional.empty(), Duration.ofMillis(100))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(MOST_SECONDS, TimeUnit.SECONDS);
            stream.exceptionHandler(failed::completeExceptionally)
                    .endHandler(ended::complete)
                    .handler(first::complete);
            assertEquals("edge", first.get(MOST_SECONDS, TimeUnit.SECONDS).chain());
            assertFalse(failed.isDone());
            assertTrue(tokens.remove(GUEST));
            ExecutionException failure =
                    assertThrows(ExecutionException.class, () -> failed.get(MOST_SECONDS, TimeUnit.SECONDS));
            assertEquals(401, ((NodeException) failure.getCause()).status());
            assertEquals("the token is unknown or expired", failure.getCause().getMessage());
            ended.get(MOST_SECONDS, TimeUnit.SECONDS);
        } finally {
            vertx.close();
        }
    }
}
