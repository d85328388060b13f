// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A node that is killed while it is told to do things has at its next start done what it had said that it would. */
class CrashTest {
    private static final int WRITERS = 4;

    @TempDir
    Path directory;

    private final Random random = new Random(8470);
    private final Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
    private final Map<String, Integer> sent = new ConcurrentHashMap<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** The process that is killed: a node, which tells its port and a token. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws InterruptedException {
            NodeFixture node = new NodeFixture(Path.of(arguments[0]));
            System.out.println(node.server.port() + " " + node.tokens.get(Role.ADMIN));
            Thread.currentThread().join();
        }
    }

    private record Child(Process process, int port, String token) {}

    private Child start() throws IOException {
        Process process = new ProcessBuilder(
                        JavaCommand.of(Victim.class, directory.resolve("state").toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader reader = process.inputReader();
        String line = reader.readLine();
        assertTrue(line != null, "the node did not start");
        String[] words = line.split(" ");
        return new Child(process, Integer.parseInt(words[0]), words[1]);
    }

    private HttpResponse<String> send(Child child, String method, String path, String body)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + child.port() + path))
                        .timeout(Duration.ofSeconds(10))
                        .header("Authorization", "Bearer " + child.token())
                        .header("Content-Type", "application/yaml")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String descriptor(String chain, int number) {
        return """
                chain: %s
                functions:
                  - {type: trickle}
                  - {type: label, config: {label: n%d}}
                  - {type: hole}
                """.formatted(chain, number);
    }

    private void hammer(Child child, String chain, CountDownLatch begun) {
        try {
            while (true) {
                int number = sent.merge(chain, 1, Integer::sum);
                HttpResponse<String> response =
                        send(child, "PUT", "/v1/chains/" + chain + "?start=false", descriptor(chain, number));
                if (response.statusCode() == 202 || response.statusCode() == 200) {
                    acknowledged.put(chain, number);
                    begun.countDown();
                }
            }
        } catch (IOException killed) {
            // Nobody has said that this one was accepted.
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private void killAgainAndAgain(int times) throws IOException, InterruptedException {
        for (int i = 0; i <= times; i++) {
            Child child = start();
            try {
                verify(child);
                CountDownLatch begun = new CountDownLatch(WRITERS);
                List<Thread> writers = new ArrayList<>();
                for (int w = 0; w < WRITERS; w++) {
                    String chain = "c" + w;
                    writers.add(Thread.ofVirtual().start(() -> hammer(child, chain, begun)));
                }
                begun.await();
                Thread.sleep(random.nextInt(120));
                child.process().destroyForcibly().waitFor();
                for (Thread writer : writers) {
                    writer.join();
                }
            } finally {
                child.process().destroyForcibly();
            }
        }
    }

    private void verify(Child child) throws IOException, InterruptedException {
        for (Map.Entry<String, Integer> entry : acknowledged.entrySet()) {
            String chain = entry.getKey();
            JsonNode found = JsonMapper.shared()
                    .readTree(send(child, "GET", "/v1/chains/" + chain, "").body());
            int number = Integer.parseInt(found.at("/descriptor/functions/1/config/label")
                    .asString("n-1")
                    .substring(1));
            assertTrue(
                    number >= entry.getValue() && number <= sent.get(chain),
                    () -> chain + ": " + entry.getValue() + " was acknowledged, " + number + " is there: " + found);
        }
        for (int i = 0; i < 200; i++) {
            JsonNode operations = JsonMapper.shared()
                    .readTree(
                            send(child, "GET", "/v1/operations?limit=1000", "").body())
                    .get("items");
            long open = operations
                    .valueStream()
                    .filter(operation -> !operation.get("state").asString().equals("succeeded"))
                    .count();
            if (open == 0) {
                return;
            }
            sleep();
        }
        assertEquals(
                "", send(child, "GET", "/v1/operations?limit=5", "").body(), "operations that are never completed");
    }

    private static void sleep() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    @Test
    void whatWasAcknowledgedIsThereAfterTenKills() throws IOException, InterruptedException {
        killAgainAndAgain(10);
        System.out.printf("10 kills, %s changes sent%n", sent.values());
    }

    @Test
    @Tag("soak")
    void whatWasAcknowledgedIsThereAfterThreeHundredKills() throws IOException, InterruptedException {
        killAgainAndAgain(300);
    }
}
