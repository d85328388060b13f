// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code two-ports.yaml} between two network namespaces, whose programs can reach each other through the chain only. */
class TwoPortsTest {
    private static final String ID = Long.toString(ProcessHandle.current().pid());
    private static final String MIDDLE = "nfv-middle-" + ID;
    private static final String LEFT = "nfv-left-" + ID;
    private static final String RIGHT = "nfv-right-" + ID;
    private static final int START_SECONDS = 90;

    @TempDir
    Path directory;

    @RegisterExtension
    final ErrorOutput errors = new ErrorOutput();

    private final List<Process> processes = new ArrayList<>();
    private boolean prepared;

    @BeforeEach
    void makeNamespaces() {
        Tools.needRoot();
        Tools.need("ip", "ping", "curl", "python3");
        prepared = true;
        for (String namespace : List.of(MIDDLE, LEFT, RIGHT)) {
            Tools.run("ip", "netns", "add", namespace);
        }
        connect("left", LEFT, "192.0.2.1/24");
        connect("right", RIGHT, "192.0.2.2/24");
    }

    private static void connect(String port, String namespace, String address) {
        Tools.run("ip", "-n", MIDDLE, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", namespace);
        Tools.run("ip", "-n", MIDDLE, "link", "set", port, "up");
        Tools.run("ip", "-n", namespace, "addr", "add", address, "dev", "eth0");
        Tools.run("ip", "-n", namespace, "link", "set", "eth0", "up");
    }

    @AfterEach
    void removeNamespaces() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
        if (prepared) {
            for (String namespace : List.of(MIDDLE, LEFT, RIGHT)) {
                Tools.run("ip", "netns", "delete", namespace);
            }
        }
    }

    @Test
    void pingAndWebPassBothWaysAndNothingElse() throws Exception {
        Process chain = start(Nfv.command(
                inside(MIDDLE),
                "run",
                Chains.DIRECTORY.resolve("two-ports.yaml").toString(),
                "--summary",
                "json"));
        CompletableFuture<String> summary = CompletableFuture.supplyAsync(() -> read(chain));
        awaitPing(chain);
        Tools.run(command(inside(LEFT), "ping", "-c", "20", "-i", "0.05", "-w", "20", "192.0.2.2"));
        Tools.run(command(inside(RIGHT), "ping", "-c", "20", "-i", "0.05", "-w", "20", "-s", "1400", "192.0.2.1"));

        byte[] page = new byte[4_000_000];
        new Random(1).nextBytes(page);
        Files.write(Files.createDirectory(directory.resolve("www")).resolve("page"), page);
        serve(LEFT, 8000);
        serve(RIGHT, 8000);
        serve(RIGHT, 9000);
        assertArrayEquals(page, fetch(LEFT, "http://192.0.2.2:8000/page"));
        assertArrayEquals(page, fetch(RIGHT, "http://192.0.2.1:8000/page"));
        assertNotEquals(0, run(curl(LEFT, "http://192.0.2.2:9000/page", 2)));

        Tools.run("kill", "-INT", Long.toString(chain.pid()));
        assertTrue(chain.waitFor(60, TimeUnit.SECONDS), "does not end on SIGINT");
        assertEquals(130, chain.exitValue());
        assertBalanced(JsonMapper.shared().readTree(summary.get()));
    }

    private static void assertBalanced(JsonNode summary) {
        assertTrue(summary.get("complete").asBoolean(), summary::toString);
        JsonNode firewall = summary.get("hops").get(1);
        assertTrue(firewall.get("drops").toString().contains("default"), firewall::toString);
        JsonNode sums = summary.get("conservation");
        assertTrue(sums.get("sent").asLong() > 4_000, sums::toString);
        assertEquals(
                sums.get("received").asLong(),
                sums.get("sent").asLong() + sums.get("dropped").asLong(),
                sums::toString);
    }

    private Process start(ProcessBuilder command) throws IOException {
        Process process = command.redirectError(errors.redirect()).start();
        processes.add(process);
        return process;
    }

    private static String read(Process process) {
        return process.inputReader().lines().collect(Collectors.joining("\n"));
    }

    /** Waits until the chain is at work. */
    private void awaitPing(Process chain) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (run(command(inside(LEFT), "ping", "-c", "1", "-W", "1", "192.0.2.2")) != 0) {
            assertTrue(chain.isAlive(), "the chain has ended");
            assertTrue(System.nanoTime() - deadline < 0, "no answer through the chain");
        }
    }

    private void serve(String namespace, int port) throws Exception {
        String[] server = command(inside(namespace), "python3", "-m", "http.server", Integer.toString(port));
        start(new ProcessBuilder(server)
                .directory(directory.resolve("www").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD));
        String[] probe = command(
                inside(namespace),
                "python3",
                "-c",
                """
                import socket, sys, time
                for _ in range(300):
                    with socket.socket() as s:
                        if s.connect_ex((sys.argv[1], int(sys.argv[2]))) == 0: sys.exit(0)
                    time.sleep(0.1)
                sys.exit(1)
                """,
                namespace.equals(LEFT) ? "192.0.2.1" : "192.0.2.2",
                Integer.toString(port));
        Tools.run("ip", "-n", namespace, "link", "set", "lo", "up");
        Tools.run(probe);
    }

    private byte[] fetch(String namespace, String url) throws Exception {
        assertEquals(0, run(curl(namespace, url, 60)), url);
        return Files.readAllBytes(directory.resolve("fetched"));
    }

    private String[] curl(String namespace, String url, int seconds) {
        String file = directory.resolve("fetched").toString();
        return command(inside(namespace), "curl", "-s", "-S", "--max-time", Integer.toString(seconds), "-o", file, url);
    }

    private static List<String> inside(String namespace) {
        return List.of("ip", "netns", "exec", namespace);
    }

    private static String[] command(List<String> starter, String... words) {
        List<String> command = new ArrayList<>(starter);
        command.addAll(List.of(words));
        return command.toArray(String[]::new);
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
