// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What passes the hops of a chain, and what becomes of single packets, however its functions are placed; judged by tcpdump and tshark. */
class SeeingTest {
    private static final Path TRAFFIC =
            Capture.TRAFFIC.resolve("gateway-in.pcapng").toAbsolutePath();

    @TempDir
    Path directory;

    @BeforeEach
    void tools() {
        Tools.need("tcpdump", "tshark");
    }

    /** @param firewall where the firewall runs, and so on: keys of the descriptor */
    private Path chain(String firewall, String nat, String sink) throws IOException {
        return Files.writeString(directory.resolve("chain.yaml"), """
                chain: seeing
                functions:
                  - {name: source, type: pcap-source, config: {file: '%s'}}
                  - type: firewall
                    %s
                    config:
                      default: drop
                      rules:
                        - {name: no-ssh, action: drop, protocol: tcp, destination-port: [22]}
                        - {name: from-inside, action: accept, source: [10.1.0.0/24]}
                        - {name: to-gateway, action: accept, destination: [203.0.113.1]}
                  - type: nat44
                    %s
                    config: {inside: [10.1.0.0/24], external: [203.0.113.1]}
                  - type: pcap-sink
                    %s
                    config: {file: out.pcap}
                """.formatted(TRAFFIC, firewall, nat, sink));
    }

    private JsonNode run(Path chain, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("run", chain.toString(), "--summary", "json"));
        arguments.addAll(List.of(options));
        Nfv.Result result = Nfv.run(arguments.toArray(String[]::new)).succeeded();
        return JsonMapper.shared().readTree(result.text());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "calls; 'worker: 0'; 'worker: 0'; 'worker: 0'",
                "threads; 'worker: 1'; 'worker: 2'; 'worker: 0'",
                "pipes; 'link: {type: pipe}'; 'link: {type: pipe}'; 'link: {type: pipe}'",
                "processes; 'process: own'; 'process: own'; 'worker: 0'",
                "mixed; 'worker: 0'; 'process: own'; 'worker: 1'",
            })
    void hopsAndPacketsAreSeen(String name, String firewall, String nat, String sink) throws Exception {
        Path all = directory.resolve("all.pcapng");
        Path some = directory.resolve("some.pcapng");
        Path last = directory.resolve("last.pcapng");
        String filter = "tcp and src net 10.1.0.0/24";
        JsonNode summary = run(
                chain(firewall, nat, sink),
                "--tap",
                "firewall..nat44=" + all,
                "--tap",
                "firewall..nat44=" + some + "," + filter,
                "--tap",
                "nat44..pcap-sink=" + last,
                "--trace",
                filter,
                "--trace-count",
                "5");
        assertTrue(summary.at("/complete").asBoolean());
        assertTaps(summary, all, some, last, filter);
        assertTraces(summary, last, name);
    }

    private void assertTaps(JsonNode summary, Path all, Path some, Path last, String filter) {
        long passed = hop(summary, "nat44").at("/received").asLong();
        assertTrue(passed > 100, () -> "packets of the sample: " + passed);
        assertEquals(passed, Tools.run("tcpdump", "-nr", all.toString()).size());
        assertEquals(
                Tools.run("tcpdump", "-ttnr", all.toString(), filter).stream()
                        .map(line -> line.substring(line.indexOf(' ')))
                        .toList(),
                Tools.run("tcpdump", "-ttnr", some.toString()).stream()
                        .map(line -> line.substring(line.indexOf(' ')))
                        .toList());
        List<Capture.Frame> written = Capture.read(directory.resolve("out.pcap"));
        List<Capture.Frame> seen = Capture.read(last);
        assertEquals(written.size(), seen.size());
        for (int i = 0; i < seen.size(); i++) {
            assertArrayEquals(written.get(i).bytes(), seen.get(i).bytes(), "frame " + (i + 1));
        }
        for (JsonNode capture : summary.at("/captures")) {
            assertEquals(0, capture.at("/counts/dropped").asLong());
            assertEquals(
                    passed - (capture.at("/hop").asString().startsWith("nat44") ? natDrops(summary) : 0),
                    capture.at("/counts/passed").asLong());
        }
        List<String> directions = Tools.run(
                "tshark",
                "-nr",
                all.toString(),
                "-T",
                "fields",
                "-e",
                "frame.packet_flags_direction",
                "-e",
                "frame.interface_name");
        directions.forEach(line -> assertTrue(line.matches("(0x00000001|1)\tfirewall\\.\\.nat44"), line));
    }

    private static long natDrops(JsonNode summary) {
        long drops = 0;
        for (JsonNode count : hop(summary, "nat44").at("/drops")) {
            drops += count.asLong();
        }
        return drops;
    }

    private static JsonNode hop(JsonNode summary, String name) {
        return StreamSupport.stream(summary.at("/hops").spliterator(), false)
                .filter(hop -> hop.at("/name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void assertTraces(JsonNode summary, Path last, String name) {
        JsonNode traces = summary.at("/traces");
        assertEquals(5, traces.size(), () -> name + ": " + traces);
        for (JsonNode trace : traces) {
            assertTrue(trace.at("/complete").asBoolean(), trace::toString);
            List<String> functions = StreamSupport.stream(trace.at("/steps").spliterator(), false)
                    .map(step -> step.at("/function").asString())
                    .toList();
            if (functions.size() == 2) {
                assertTrue(trace.at("/end").asString().startsWith("dropped by 'firewall': "), trace::toString);
                continue;
            }
            assertEquals(List.of("source", "firewall", "nat44", "pcap-sink"), functions);
            assertEquals("consumed by 'pcap-sink'", trace.at("/end").asString());
            assertEquals("created", trace.at("/steps/0/verdict").asString());
            assertEquals(0, trace.at("/steps/1/changes").size());
            for (int i = 1; i < 4; i++) {
                assertTrue(trace.at("/steps/" + i + "/linkNanos").asLong(-1) >= 0, trace::toString);
                assertTrue(trace.at("/steps/" + i + "/nanos").asLong() > 0, trace::toString);
            }
            assertTranslated(trace, last);
        }
    }

    /** The rewriting that the trace tells is the one that tshark finds between the packet as it came and a captured one. */
    private static void assertTranslated(JsonNode trace, Path last) {
        JsonNode changes = trace.at("/steps/2/changes");
        JsonNode source = change(changes, "ipv4.src");
        assertTrue(source.at("/before").asString().startsWith("10.1.0."), trace::toString);
        assertEquals("203.0.113.1", source.at("/after").asString());
        change(changes, "ipv4.checksum");
        change(changes, "tcp.checksum");
        for (JsonNode changed : changes) {
            assertTrue(
                    List.of("ipv4.src", "tcp.sport", "ipv4.checksum", "tcp.checksum", "ipv4.ttl")
                            .contains(changed.at("/field").asString()),
                    trace::toString);
        }
        String port = StreamSupport.stream(changes.spliterator(), false)
                .filter(changed -> changed.at("/field").asString().equals("tcp.sport"))
                .map(changed -> changed.at("/after").asString())
                .findFirst()
                .orElse(field(trace, "tcp.sport"));
        String wanted = "ip.src == 203.0.113.1 && tcp.srcport == " + port + " && tcp.checksum == "
                + change(changes, "tcp.checksum").at("/after").asString() + " && ip.checksum == "
                + change(changes, "ipv4.checksum").at("/after").asString();
        assertTrue(!Tools.run("tshark", "-nr", last.toString(), wanted).isEmpty(), wanted);
    }

    private static JsonNode change(JsonNode changes, String field) {
        return StreamSupport.stream(changes.spliterator(), false)
                .filter(changed -> changed.at("/field").asString().equals(field))
                .findFirst()
                .orElseThrow(() -> new AssertionError(field + " in " + changes));
    }

    private static String field(JsonNode trace, String name) {
        return StreamSupport.stream(trace.at("/fields").spliterator(), false)
                .filter(field -> field.at("/name").asString().equals(name))
                .map(field -> field.at("/value").asString())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aTraceIsReadable() throws Exception {
        Nfv.Result result = Nfv.run(
                        "run",
                        chain("", "", "").toString(),
                        "--no-live",
                        "--trace",
                        "tcp port 22",
                        "--trace-count",
                        "1")
                .succeeded();
        assertTrue(result.text().contains("dropped: "), result::text);
        assertTrue(result.text().contains("dropped by 'firewall': "), result::text);
    }

    @Test
    void wrongWishesAreRefused() throws Exception {
        String chain = chain("", "", "").toString();
        assertRefused("is no capture", "--tap", "firewall..nat44", chain);
        assertRefused("did you mean 'firewall..nat44'?", "--tap", "firewal..nat44=" + directory + "/x.pcapng", chain);
        assertRefused("is no packet filter", "--trace", "udp prot 53", chain);
        assertRefused("did you mean 'nat44'?", "--trace", "", "--trace-from", "nat4", chain);
        assertRefused("a count of 0 packets", "--trace", "", "--trace-count", "0", chain);
    }

    private static void assertRefused(String why, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("run"));
        all.addAll(List.of(arguments));
        Nfv.Result result = Nfv.run(all.toArray(String[]::new));
        assertEquals(2, result.exitCode(), result::text);
        assertTrue(String.join("\n", result.err()).contains(why), () -> String.join("\n", result.err()));
    }
}
