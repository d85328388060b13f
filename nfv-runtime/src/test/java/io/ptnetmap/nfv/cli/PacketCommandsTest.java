// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code nfv tap} and {@code nfv trace}: what they do with what a node sends, byte by byte. */
class PacketCommandsTest {
    private static final String CHAINS =
            "{\"items\":[{\"name\":\"edge\",\"revision\":1,\"state\":\"running\",\"desired\":\"running\",\"functions\":[\"a\",\"b\"]}]}";
    private static final String LINKS =
            "{\"items\":[{\"chain\":\"edge\",\"name\":\"a..b\",\"from\":\"a\",\"to\":\"b\",\"type\":\"auto\",\"policy\":\"block\","
                    + "\"kind\":\"call\",\"slots\":0,\"used\":0}]}";
    private static final String TRACES = """
            {"chain":"edge","number":1,"time":"2026-01-01T00:00:00.125Z","direction":"forward","length":60,"summary":"dropped by 'firewall'","steps":[\
            {"function":"a","verdict":"forward","nanos":850,"changes":[{"field":"ipv4.ttl","before":"64","after":"63"}]},\
            {"function":"firewall","verdict":"drop no-rule","nanos":12345,"changes":[]}]}
            {"chain":"edge","number":2,"time":"2026-01-01T00:00:00.125Z","direction":"backward","length":1514,"summary":"consumed by 'b'",\
            "steps":[{"function":"b","verdict":"consume","nanos":7000,"changes":[]}]}
            """;

    private static final String ENDED =
            "{\"chain\":\"changed\",\"ended\":\"the chain was changed: no function 'a'\"}\n";

    @TempDir
    Path directory;

    private final List<String> asked = new ArrayList<>();
    private final byte[] capture = new byte[300_000];
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        new Random(1).nextBytes(capture);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            asked.add(exchange.getRequestURI().toString());
            switch (path) {
                case "/v1/chains" -> answer(exchange, 200, CHAINS.getBytes(StandardCharsets.UTF_8));
                case "/v1/chains/edge/links" -> answer(exchange, 200, LINKS.getBytes(StandardCharsets.UTF_8));
                case "/v1/chains/edge/links/a..b/packets" -> answer(exchange, 200, capture);
                case "/v1/chains/edge/trace" -> answer(exchange, 200, TRACES.getBytes(StandardCharsets.UTF_8));
                case "/v1/chains/changed/trace" ->
                    answer(exchange, 200, (TRACES + ENDED).getBytes(StandardCharsets.UTF_8));
                default -> answer(exchange, 404, new byte[] {'?'});
            }
        });
        server.start();
    }

    @AfterEach
    void end() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) {
        try (exchange) {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private CommandOutcome nfv(String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.addAll(List.of("--node", "http://127.0.0.1:" + server.getAddress().getPort()));
        return CommandOutcome.of(line.toArray(String[]::new));
    }

    @Test
    void aTapIsWrittenAsItComes() throws IOException {
        Path file = directory.resolve("x.pcapng");
        CommandOutcome outcome = nfv("tap", "edge/a..b", "udp port 53", "-n", "9", "-s", "96", "-w", file.toString());
        assertEquals(0, outcome.exitCode(), outcome::err);
        assertArrayEquals(capture, Files.readAllBytes(file));
        assertEquals("/v1/chains/edge/links/a..b/packets?filter=udp%20port%2053&count=9&snaplen=96", asked.getLast());
    }

    @Test
    void whatCannotBeWrittenIsSaid() {
        CommandOutcome outcome = nfv("tap", "a..b", "-w", "/dev/full");
        assertEquals(4, outcome.exitCode(), outcome::err);
        assertTrue(outcome.err().startsWith("nfv: /dev/full: No space left"), outcome::err);
    }

    @Test
    void aTraceIsALineForEachFunction() {
        CommandOutcome outcome = nfv("trace", "edge", "--match", "ip", "-n", "2");
        assertEquals("""
                packet 1 at 2026-01-01T00:00:00.125Z: 60 bytes, forward
                  function  verdict          time
                  a         forward        850 ns
                      ipv4.ttl 64 -> 63
                  firewall  drop no-rule  12.3 µs
                  dropped by 'firewall'
                packet 2 at 2026-01-01T00:00:00.125Z: 1,514 bytes, backward
                  function  verdict     time
                  b         consume  7.00 µs
                  consumed by 'b'
                """, outcome.out());
        assertEquals("/v1/chains/edge/trace?filter=ip&count=2", asked.getLast());
        assertEquals(TRACES, nfv("trace", "edge", "-o", "json").out());
        assertEquals(1, nfv("trace", "other").exitCode());
        assertEquals("", outcome.err());
    }

    @Test
    void whyATraceHasEndedIsSaidBesideItsPackets() {
        CommandOutcome outcome = nfv("trace", "changed", "-o", "json");
        assertEquals(TRACES, outcome.out());
        assertEquals("nfv: the trace has ended: the chain was changed: no function 'a'\n", outcome.err());
        assertEquals(0, outcome.exitCode());
    }
}
