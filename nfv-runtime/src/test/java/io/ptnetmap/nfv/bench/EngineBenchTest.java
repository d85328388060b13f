// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.packet.Checksum;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.bench.BenchChain.Join;
import io.ptnetmap.nfv.bench.BenchChain.Setting;
import io.ptnetmap.nfv.bench.BenchChain.Work;
import io.ptnetmap.nfv.bench.FlowTraffic.Protocol;
import io.ptnetmap.nfv.bench.FlowTraffic.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code nfv bench chain} and {@code nfv bench function}. */
class EngineBenchTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Headers headers = new Headers();
    private final Arena arena = Arena.ofAuto();
    private final Packet packet = new Packet()
            .wrap(
                    arena.allocate(100).address(),
                    100,
                    100,
                    100,
                    arena.allocate(8).address());

    private int bench(String... arguments) {
        return new CommandLine(new BenchCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments);
    }

    private JsonNode report(String command) {
        Path json = directory.resolve("report.json");
        assertEquals(0, bench((command + " --rounds=2 --json=" + json).split(" ")), err::toString);
        return JsonMapper.shared().readTree(json);
    }

    private static List<String> contenders(JsonNode metric) {
        return List.copyOf(metric.get("contenders").propertyNames());
    }

    @Test
    void chainsOfSeveralLengthsTakeTurns() {
        JsonNode metrics = report("chain --packets=20000 --functions-between=0,1,3 --work=swap --batch=32")
                .at("/results/0/metrics");

        assertEquals(List.of("0 functions", "1 function", "3 functions"), contenders(metrics.get(0)));
        assertEquals("each function", metrics.at("/1/metric/name").asString());
        assertEquals(List.of("1 function", "3 functions"), contenders(metrics.get(1)));
        double whole = metrics.at("/0/contenders/3 functions/rounds/1").asDouble();
        double shortest = metrics.at("/0/contenders/0 functions/rounds/1").asDouble();
        assertEquals(
                (whole - shortest) / 3,
                metrics.at("/1/contenders/3 functions/rounds/1").asDouble(),
                1e-9);
    }

    @Test
    void chainsWithAndWithoutLatencyTakeTurns() {
        JsonNode results = report("chain --packets=20000 --functions-between=0,2 --batch=32 --compare-latency")
                .get("results");

        assertEquals(2, results.size());
        for (JsonNode result : results) {
            assertEquals(List.of("times taken", "none taken"), contenders(result.at("/metrics/0")));
            assertTrue(result.at("/metrics/0/contenders/times taken/median").asDouble() > 0);
        }
        assertEquals(2, results.at("/1/parameters/functions").asInt());
    }

    @Test
    void aLinkBetweenThreadsIsMeasuredByItselfToo() {
        JsonNode results = report("chain --packets=20001 --functions-between=0 --join=thread --payload=0")
                .get("results");

        assertEquals(2, results.size());
        assertTrue(results.at("/0/metrics/0/contenders/0 functions/median").asDouble() > 0);
        assertTrue(results.at("/1/metrics/0/contenders/link/median").asDouble() > 0);
    }

    @ParameterizedTest
    @EnumSource(Join.class)
    void everyPacketArrivesOverEveryKindOfLink(Join join) {
        for (int functions = 0; functions < 3; functions++) {
            try (BenchChain chain = new BenchChain(new Setting(functions, Work.SWAP, join, 100, true, true))) {
                assertTrue(chain.run(10_001) > 0);
                assertTrue(chain.run(1) > 0);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--functions-between=65", "--functions-between=1,1", "--batch=257", "--payload=8", "--packets=0"
            })
    void refusesChainsThatCannotBeMeasured(String option) {
        assertEquals(2, bench("chain", option));
        assertTrue(err.toString().contains(option.substring(0, option.indexOf('='))), err::toString);
    }

    @Test
    void functionsAreComparedByFlowsSizesAndBatches() {
        JsonNode report = report("function pass --packets=20000 --flows=10,300 --size=60,1500 --batch=32");
        JsonNode metrics = report.at("/results/0/metrics");

        assertEquals(
                List.of("10 flows, 60 bytes", "10 flows, 1500 bytes", "300 flows, 60 bytes", "300 flows, 1500 bytes"),
                contenders(metrics.get(0)));
        assertEquals(32, report.at("/parameters/batch").asInt());
        for (JsonNode passed : metrics.at("/3/contenders")) {
            assertEquals(100, passed.get("median").asDouble());
        }
        assertTrue(metrics.get(2).get("ratios").isEmpty(), "bytes allocated tell nothing as a ratio");
    }

    @Test
    void sourcesAndSinksAreMeasuredToo() throws IOException {
        Path config = Files.writeString(directory.resolve("config.yaml"), "count: 100000000");
        String source = "function counting-source --packets=20000 --config=" + config;
        assertEquals(
                100,
                report(source)
                        .at("/results/0/metrics/3/contenders/counting-source/median")
                        .asDouble());
        assertEquals(
                0,
                report("function checking-sink --packets=20000")
                        .at("/results/0/metrics/3/contenders/checking-sink/median")
                        .asDouble());
    }

    @Test
    void aSourceThatEndsEndsTheMeasurement() {
        assertEquals(1, bench("function", "counting-source", "--config={count: 1000}"));
        assertTrue(err.toString().contains("makes no more packets, after 1000"), err::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--flows=0", "--size=41", "--size=2049", "--batch=0", "--ip-version=5", "--packets=0"})
    void refusesTrafficThatCannotBe(String option) {
        assertEquals(2, bench("function", "pass", option));
        assertTrue(err.toString().contains(option.substring(0, option.indexOf('='))), err::toString);
    }

    @ParameterizedTest
    @CsvSource({"UDP, 4", "UDP, 6", "TCP, 4", "TCP, 6"})
    void trafficIsWellFormedAndAnswered(Protocol protocol, int ipVersion) {
        Shape shape = new Shape(70_000, 100, protocol, ipVersion);
        Set<String> seen = new HashSet<>();
        try (FlowTraffic traffic = new FlowTraffic(shape)) {
            for (int i = 0; i < shape.flows(); i++) {
                int flow = i;
                byte[] opening = traffic.opening(flow);
                traffic.learnAnswer(flow, opening);
                String key = key(into -> into.put(0, opening, 0, opening.length));
                assertTrue(seen.add(key), key);
                assertEquals(key, key(into -> traffic.request(flow, into)));
                assertEquals(reversed(key), key(into -> traffic.answer(flow, into)));
                byte[] reply = traffic.reply(opening);
                assertEquals(reversed(key), key(into -> into.put(0, reply, 0, reply.length)));
            }
        }
    }

    /** The flow of a packet, whose checksums must be right. */
    private String key(Consumer<Packet> writer) {
        writer.accept(packet);
        FlowKey key = new FlowKey();
        assertTrue(headers.parse(packet), () -> headers.defect().toString());
        assertTrue(Checksum.transportValid(headers));
        assertTrue(headers.isIpv6() || Checksum.of(packet, 14, 20) == 0, "IPv4's checksum");
        assertTrue(key.fill(headers));
        return key.toString();
    }

    /** {@code 17 A > B} becomes {@code 17 B > A}. */
    private static String reversed(String key) {
        String[] words = key.split(" ");
        return words[0] + " " + words[3] + " > " + words[1];
    }

    @Test
    void aFunctionThatAllocatesIsFoundOut() {
        double bytes = report("function allocating --packets=20000")
                .at("/results/0/metrics/2/contenders/allocating/median")
                .asDouble();
        assertTrue(bytes >= 16, () -> "bytes per packet: " + bytes);
    }
}
