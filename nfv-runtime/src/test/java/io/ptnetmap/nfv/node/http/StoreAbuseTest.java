// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.NodeStartException;
import io.ptnetmap.nfv.state.SmallDisk;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What a node does when what it keeps on the disk is another's, damaged, or has no room. */
class StoreAbuseTest {
    private static final int DAMAGES = 150;
    private static final String FILE = "node.mv";

    private final Set<String> acknowledged = new TreeSet<>();

    @TempDir
    Path directory;

    @Test
    void aStoreIsOneNodes() throws IOException, InterruptedException {
        Path state = directory.resolve("state");
        try (NodeFixture first = new NodeFixture(state)) {
            NodeStartException refused = assertThrows(
                    NodeStartException.class, () -> Node.open(NodeFixture.settings(state), new Launcher()));
            assertTrue(refused.getMessage().contains("another"), refused.getMessage());
            assertTrue(refused.getMessage().contains("--state"), refused.getMessage());
            assertEquals(200, first.get("/v1/node").status());
        }
    }

    @Test
    void aDamagedStoreIsOpenedAsFarAsItGoesOrRefusedWithTheRemedy() throws IOException, InterruptedException {
        Path state = directory.resolve("state");
        try (NodeFixture node = new NodeFixture(state)) {
            for (int i = 0; i < 20; i++) {
                node.send(
                        Role.ADMIN,
                        "PUT",
                        "/v1/chains/c" + i + "?start=false",
                        NodeFixture.chain("c" + i, "x"),
                        "Content-Type",
                        "application/yaml",
                        "Idempotency-Key",
                        "k" + i);
            }
        }
        byte[] whole = Files.readAllBytes(state.resolve(FILE));
        Random random = new Random(8470);
        int refused = 0;
        for (int i = 0; i < DAMAGES; i++) {
            Path other = directory.resolve("damaged-" + i);
            Files.createDirectories(other);
            Files.write(other.resolve(FILE), damaged(whole, random));
            try (Node node = Node.open(NodeFixture.settings(other), new Launcher())) {
                assertTrue(node.live().checks().size() > 0);
            } catch (NodeStartException remedy) {
                refused++;
                assertTrue(remedy.getMessage().contains(FILE), remedy.getMessage());
                assertTrue(remedy.getMessage().contains("move it away"), remedy.getMessage());
            }
        }
        System.out.printf("%d of %d damaged stores were refused%n", refused, DAMAGES);
        assertTrue(refused > 0, "none was refused");
    }

    private static byte[] damaged(byte[] whole, Random random) {
        byte[] bytes = whole.clone();
        switch (random.nextInt(4)) {
            case 0 -> {
                return java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            case 1 -> {
                for (int i = random.nextInt(200); i >= 0; i--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            case 2 -> {
                int from = random.nextInt(bytes.length);
                java.util.Arrays.fill(bytes, from, Math.min(bytes.length, from + 4096), (byte) 0);
            }
            default -> random.nextBytes(bytes);
        }
        return bytes;
    }

    @Test
    void aStoreWithoutRoomRefusesForgetsNothingAndGoesOnWhenThereIsRoom() throws IOException, InterruptedException {
        Path state = Files.createDirectories(directory.resolve("state"));
        try (SmallDisk disk = SmallDisk.start(state, "2m", CrashTest.Victim.class, state.toString())) {
            String line = disk.firstLine();
            assumeTrue(line != null, "no mount namespace to be had here");
            String[] words = line.split(" ");
            Path filler = disk.path(state.resolve("filler"));
            Files.write(filler, new byte[900_000]);
            fill(Integer.parseInt(words[0]), words[1], filler);
            Path copy = Files.createDirectories(directory.resolve("copy"));
            Files.copy(disk.path(state.resolve(FILE)), copy.resolve(FILE));
            try (Node again = Node.open(NodeFixture.settings(copy), new Launcher())) {
                assertEquals(acknowledged, new TreeSet<>(again.views().chainNames()));
            }
        }
    }

    private void fill(int port, String token, Path filler) throws IOException, InterruptedException {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpResponse<String> refusal = null;
        for (int i = 0; i < 200 && refusal == null; i++) {
            HttpResponse<String> response = create(client, port, token, "c" + i, 50_000);
            refusal = response.statusCode() < 300 ? null : response;
        }
        assertEquals(503, refusal.statusCode(), refusal.body());
        assertTrue(refusal.body().contains("nothing can be stored: No space left on device"), refusal.body());
        assertTrue(acknowledged.size() > 2, acknowledged::toString);
        // What was acknowledged is there, what was refused is not, and the same request is refused again.
        assertEquals(acknowledged, chains(client, port, token));
        assertEquals(503, create(client, port, token, "large", 500_000).statusCode());
        assertEquals(
                200, send(client, port, token, "GET", "/health/live", "", "").statusCode());
        assertEquals(
                200, send(client, port, token, "GET", "/v1/chains/c0", "", "").statusCode());
        Files.delete(filler);
        awaitReady(client, port, token);
        assertEquals(acknowledged, chains(client, port, token));
        assertTrue(create(client, port, token, "large", 500_000).statusCode() < 300);
        assertTrue(acknowledged.contains("large"), acknowledged::toString);
    }

    /** That a change can be stored is noticed without one. */
    private static void awaitReady(HttpClient client, int port, String token) throws IOException, InterruptedException {
        String ready = "";
        for (int i = 0; i < 100 && !ready.contains("{\"name\":\"store\",\"status\":\"UP\""); i++) {
            Thread.sleep(100);
            ready = send(client, port, token, "GET", "/health/ready", "", "").body();
        }
        assertTrue(ready.contains("{\"name\":\"store\",\"status\":\"UP\""), ready);
    }

    private HttpResponse<String> create(HttpClient client, int port, String token, String name, int size)
            throws IOException, InterruptedException {
        String descriptor = "# " + "x".repeat(size) + "\n" + NodeFixture.chain(name, "x");
        HttpResponse<String> response =
                send(client, port, token, "PUT", "/v1/chains/" + name + "?start=false", descriptor, "key-" + name);
        if (response.statusCode() < 300) {
            acknowledged.add(name);
        }
        return response;
    }

    private static Set<String> chains(HttpClient client, int port, String token)
            throws IOException, InterruptedException {
        Set<String> found = new TreeSet<>();
        JsonMapper.shared()
                .readTree(send(client, port, token, "GET", "/v1/chains?limit=1000", "", "")
                        .body())
                .get("items")
                .forEach(chain -> found.add(chain.get("name").asString()));
        return found;
    }

    private static HttpResponse<String> send(
            HttpClient client, int port, String token, String method, String path, String body, String key)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/yaml")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!key.isEmpty()) {
            request.header("Idempotency-Key", key);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aTokenFileThatOthersMayWriteIsNotTrusted() throws IOException {
        Path state = Files.createDirectories(directory.resolve("state"));
        new TokenFile(state).provideFirst();
        Path tokens = state.resolve("tokens.json");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(tokens)));
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-rw-r--"));
        NodeStartException refused = assertThrows(NodeStartException.class, () -> new TokenFile(state));
        assertTrue(refused.getMessage().contains("chmod 600"), refused.getMessage());
        Files.delete(tokens);
        Files.createDirectory(tokens);
        refused = assertThrows(NodeStartException.class, () -> new TokenFile(state));
        assertTrue(refused.getMessage().contains("cannot read " + tokens), refused.getMessage());
    }
}
