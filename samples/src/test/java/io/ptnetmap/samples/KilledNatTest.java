// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.samples.Capture.Frame;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code nfv node} is killed while a NAT is at work: what its flows are called outside afterwards is told by their packets. */
class KilledNatTest {
    private static final int HOSTS = 40;
    private static final int PORT = 5000;
    private static final String SERVING = "serving ";
    private static final Duration MOST = Duration.ofSeconds(60);
    private static final int L3 = 14;
    private static final int L4 = L3 + 20;
    private static final int PAYLOAD = L4 + 8;
    private static final int UDP = 17;

    @TempDir
    Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private Process node;
    private String address;

    @AfterEach
    void end() throws InterruptedException {
        node.destroy();
        assertTrue(node.waitFor(30, TimeUnit.SECONDS), "the node does not end");
    }

    private void start() throws IOException {
        node = Nfv.command(
                        List.of(),
                        "node",
                        "--listen",
                        "127.0.0.1:0",
                        "--state",
                        directory.resolve("state").toString(),
                        "--data",
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out = node.inputReader();
        String line = out.readLine();
        while (line != null && !line.startsWith(SERVING)) {
            line = out.readLine();
        }
        assertTrue(line != null, "the node has ended");
        address = line.substring(SERVING.length());
    }

    private byte[] api(String method, String path, String body) throws IOException, InterruptedException {
        String token = Files.readString(directory.resolve("state/admin.token")).trim();
        HttpResponse<byte[]> response = client.send(
                HttpRequest.newBuilder(URI.create(address + path))
                        .timeout(MOST)
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/yaml")
                        .header("Prefer", "wait=30")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertTrue(response.statusCode() < 300, () -> response.statusCode() + " " + new String(response.body()));
        return response.body();
    }

    private JsonNode json(String path) throws IOException, InterruptedException {
        return JsonMapper.shared().readTree(api("GET", path, ""));
    }

    private void chain(String nat) throws IOException, InterruptedException {
        api("PUT", "/v1/chains/nat", """
                chain: nat
                functions:
                  - {type: pcap-source, config: {file: in.pcap, speed: 1, loop: 0}}
                  - {type: nat44, %s config: {inside: [10.1.0.0/16], external: [203.0.113.1]}}
                  - {type: sink}
                """.formatted(nat));
    }

    /** Packets of all hosts, from the same port, one each millisecond; their payload says which host's. */
    private void traffic(boolean lastFirst) {
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < HOSTS; i++) {
            int host = lastFirst ? HOSTS - 1 - i : i;
            ByteBuffer frame = ByteBuffer.allocate(64);
            frame.put(new byte[] {2, 0, 0, 0, 1, 1, 2, 0, 0, 0, 1, 2, 8, 0});
            frame.put(new byte[] {0x45, 0, 0, 50, 0, 0, 0, 0, 64, UDP, 0, 0, 10, 1, 0, (byte) (host + 1)});
            frame.put(new byte[] {(byte) 198, 51, 100, 10});
            frame.putShort((short) PORT)
                    .putShort((short) 53)
                    .putShort((short) 30)
                    .putShort((short) 0);
            frame.putInt(host);
            frames.add(new Frame(1_000_000_000L + i * 1_000_000L, frame.array()));
        }
        Capture.write(directory.resolve("in.pcap"), frames);
    }

    /** What stands for each host outside, by packets that have passed. */
    private Map<Integer, String> outside() throws IOException, InterruptedException {
        Path file = directory.resolve("tap.pcapng");
        Files.write(file, api("GET", "/v1/chains/nat/links/nat44..sink/packets?count=" + 4 * HOSTS, ""));
        Map<Integer, String> outside = new TreeMap<>();
        for (Frame frame : Capture.read(file)) {
            ByteBuffer bytes = ByteBuffer.wrap(frame.bytes());
            String endpoint = Integer.toHexString(bytes.getInt(L3 + 12)) + " " + (bytes.getShort(L4) & 0xffff);
            String before = outside.put(bytes.getInt(PAYLOAD), endpoint);
            assertTrue(before == null || before.equals(endpoint), () -> before + ", then " + endpoint);
        }
        assertEquals(HOSTS, outside.size(), outside::toString);
        assertEquals(HOSTS, outside.values().stream().distinct().count(), outside::toString);
        return outside;
    }

    private JsonNode nat() throws IOException, InterruptedException {
        return json("/v1/chains/nat/functions/nat44");
    }

    private void awaitKept() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + MOST.toNanos();
        while (nat().path("persisted").path("entries").asInt(0) < HOSTS) {
            assertTrue(System.nanoTime() < deadline, () -> "nothing is kept");
            Thread.sleep(50);
        }
    }

    private List<JsonNode> events(String type) throws IOException, InterruptedException {
        String stream = new String(api("GET", "/v1/events?follow=false", ""));
        return stream.lines()
                .filter(line -> line.startsWith("data:"))
                .map(line -> JsonMapper.shared().readTree(line.substring("data:".length())))
                .filter(event -> event.get("type").asString().equals(type))
                .toList();
    }

    /** The node looks for such things now and then. */
    private JsonNode awaitEvent(String type) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + MOST.toNanos();
        List<JsonNode> found = events(type);
        while (found.isEmpty()) {
            assertTrue(System.nanoTime() < deadline, () -> "no event " + type);
            Thread.sleep(50);
            found = events(type);
        }
        return found.getFirst();
    }

    private void kill() throws InterruptedException {
        node.destroyForcibly();
        assertTrue(node.waitFor(30, TimeUnit.SECONDS));
    }

    /** Its flows come back in another order, in which a NAT that knows nothing calls them otherwise. */
    @ParameterizedTest
    @ValueSource(strings = {"persist: 500ms,", "persist: 500ms, worker: 1,"})
    void flowsKeepTheirExternalPortsOverAKill(String persist) throws Exception {
        start();
        traffic(false);
        chain(persist);
        Map<Integer, String> before = outside();
        awaitKept();
        kill();
        traffic(true);
        start();
        assertEquals(before, outside());
        JsonNode restored = nat().path("persisted").path("restored");
        assertEquals(HOSTS, restored.at("/taken/bindings").asInt(), () -> restored.toString());
        assertFalse(restored.has("refusal"), () -> restored.toString());
        JsonNode event = awaitEvent("state-restored");
        assertEquals("nat44", event.get("function").asString());
        assertEquals(HOSTS, event.at("/data/taken/sessions").asInt(), () -> event.toString());
    }

    @Test
    void withoutPersistTheyDoNot() throws Exception {
        start();
        traffic(false);
        chain("");
        Map<Integer, String> before = outside();
        kill();
        traffic(true);
        start();
        assertNotEquals(before, outside());
        assertEquals(List.of(), events("state-restored"));
    }

    @Test
    void flowsKeepTheirExternalPortsWhereTheNatsOwnProcessIsKilled() throws Exception {
        start();
        traffic(false);
        chain("persist: 500ms, process: own,");
        Map<Integer, String> before = outside();
        awaitKept();
        String process = nat().get("process").asString();
        long pid = Long.parseLong(process.substring("pid ".length()));
        assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
        awaitEvent("state-restored");
        assertNotEquals(process, nat().get("process").asString());
        assertEquals(before, outside());
    }

    @Test
    void aNatOfAnotherAddressTellsThatItBeginsWithNothing() throws Exception {
        start();
        traffic(false);
        chain("persist: 500ms,");
        outside();
        awaitKept();
        api("POST", "/v1/chains/nat/stop", "");
        api("PUT", "/v1/chains/nat", """
                chain: nat
                functions:
                  - {type: pcap-source, config: {file: in.pcap, speed: 1, loop: 0}}
                  - {type: nat44, persist: 500ms, config: {inside: [10.1.0.0/16], external: [203.0.113.2]}}
                  - {type: sink}
                """);
        api("POST", "/v1/chains/nat/start", "");
        assertTrue(outside().values().stream().allMatch(endpoint -> endpoint.startsWith("cb007102 ")));
        JsonNode restored = nat().path("persisted").path("restored");
        assertEquals(0, restored.at("/taken/sessions").asInt(), () -> restored.toString());
        assertEquals(
                HOSTS,
                restored.at("/dropped/sessions of addresses that are no longer external")
                        .asInt(),
                () -> restored.toString());
    }
}
