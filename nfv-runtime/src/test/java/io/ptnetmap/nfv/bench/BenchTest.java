// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.host.EmbeddedHost;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchTest {
    private static final StreamTask TASK = new StreamTask(30_001, 32, 8);

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int bench(String... arguments) {
        return new CommandLine(new BenchCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private static boolean hasGcc() {
        return List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(path -> Files.isExecutable(Path.of(path, "gcc")));
    }

    private Path twin() {
        assumeTrue(hasGcc(), "needs gcc");
        return new CTwin(directory.resolve("cache"), "gcc").program();
    }

    @Test
    void measuresEachBatchSizeAndWritesAllRounds() {
        Path json = directory.resolve("pipe.json");

        int exitCode = bench(
                "pipe", "--packets=30001", "--rounds=3", "--batch=1,256", "--payload=8", "--json", json.toString());

        assertEquals(0, exitCode, err.toString());
        JsonNode report = JsonMapper.shared().readTree(json);
        assertEquals(30_001, report.at("/parameters/packets").asInt());
        assertEquals(2, report.get("results").size());
        assertEquals(1, report.at("/results/0/parameters/batch").asInt());
        assertEquals(256, report.at("/results/1/parameters/batch").asInt());
        for (JsonNode result : report.get("results")) {
            assertEquals("Mpps", result.at("/metrics/0/metric/unit").asString());
            assertContenders(result.at("/metrics/0/contenders"));
        }
        assertTrue(out.toString().contains("packets 30001"), out.toString());
    }

    private static void assertContenders(JsonNode contenders) {
        assertRounds(contenders.get("Java"));
        assertEquals(hasGcc(), contenders.has("C"));
        if (hasGcc()) {
            assertRounds(contenders.get("C"));
        }
    }

    @Test
    void measuresAProcessInTheMiddle() {
        Path json = directory.resolve("forward.json");

        int exitCode = bench(
                "forward", "--packets=30001", "--rounds=3", "--batch=1,256", "--payload=8", "--json", json.toString());

        assertEquals(0, exitCode, err.toString());
        for (JsonNode result : JsonMapper.shared().readTree(json).get("results")) {
            assertContenders(result.at("/metrics/0/contenders"));
            assertRounds(result.at("/metrics/0/contenders").get("Java, chain"));
        }
    }

    @Test
    void measuresASwitch() {
        Path json = directory.resolve("vale.json");

        int exitCode = bench(
                "vale",
                "--packets=30000",
                "--rounds=3",
                "--receivers=1,3",
                "--bytes=60,9000",
                "--json",
                json.toString());

        assertEquals(0, exitCode, err.toString());
        JsonNode results = JsonMapper.shared().readTree(json).get("results");
        assertEquals(8, results.size(), "receivers, bytes, cores");
        for (JsonNode result : results) {
            result.get("metrics").forEach(metric -> assertContenders(metric.get("contenders")));
        }
        assertEquals(0, bench("vale", "--packets=5000", "--rounds=1", "--receivers=8", "--flood", "--cores=1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--receivers=0", "--bytes=13", "--bytes=65537", "--cores=3", "--batch=1024", "--packets=0"})
    void refusesWhatASwitchDoesNotDo(String option) {
        assertEquals(2, bench("vale", option));
        assertTrue(err.toString().contains(option.substring(0, option.indexOf('='))), err.toString());
    }

    @Test
    void measuresTheWayThereAndBack() {
        Path json = directory.resolve("latency.json");
        assertEquals(0, bench("latency", "--packets=2000", "--rounds=3", "--json", json.toString()), err.toString());
        JsonNode metrics = JsonMapper.shared().readTree(json).at("/results/0/metrics");
        assertEquals(
                List.of("round trip p50", "round trip p99", "round trip most"),
                metrics.valueStream()
                        .map(metric -> metric.at("/metric/name").asString())
                        .toList());
        metrics.forEach(metric -> assertContenders(metric.get("contenders")));
        assertTrue(out.toString().contains("round trip p99"), out.toString());
    }

    @Test
    void measuresWhatAProcessCostsThatSleeps() {
        Path json = directory.resolve("idle.json");
        assertEquals(
                0,
                bench("idle", "--rate=1000", "--seconds=1", "--rounds=1", "--json", json.toString()),
                err.toString());
        JsonNode report = JsonMapper.shared().readTree(json);
        assertEquals(1000, report.at("/results/0/parameters/rate").asInt());
        for (JsonNode result : report.get("results")) {
            JsonNode cost = result.at("/metrics/3");
            assertEquals("processor", cost.at("/metric/name").asString());
            double share = cost.at("/contenders/Java/median").asDouble();
            assertTrue(share > 0 && share < 100, () -> "it did not sleep: " + share);
        }
    }

    private Path launcher(String script) throws IOException {
        Path launcher = Files.writeString(directory.resolve("nfv"), "#!/bin/sh\n" + script + "\n");
        assertTrue(launcher.toFile().setExecutable(true));
        return directory;
    }

    @Test
    void measuresHowLongAStartTakes() throws IOException {
        Path home = launcher("test \"$1\" = run -a -f \"$2\" && echo '{\"secondsToFirstPacket\": 0.25}'");
        Path json = directory.resolve("start.json");
        assertEquals(
                0, bench("start", "--rounds=3", "--home", home.toString(), "--json", json.toString()), err.toString());
        JsonNode contenders = JsonMapper.shared().readTree(json).at("/results/0/metrics/0/contenders");
        assertEquals(2, contenders.size());
        contenders.forEach(BenchTest::assertRounds);
        assertEquals(0.25, contenders.at("/one process/median").asDouble());
    }

    @ParameterizedTest
    @ValueSource(strings = {"exit 3", "echo '{}'", "echo no summary"})
    void aStartThatFailsIsNoFigure(String script) throws IOException {
        assertEquals(1, bench("start", "--rounds=1", "--home", launcher(script).toString()));
        assertTrue(err.toString().startsWith("nfv: "), err::toString);
    }

    @Test
    void controlTrafficNeedsANode() throws IOException {
        String home = launcher("test \"$1\" = node && echo the port is taken").toString();
        assertEquals(1, bench("control", "--rounds=1", "--home", home));
        assertTrue(err.toString().contains("the node has ended before it served anything"), err::toString);
        assertEquals(2, bench("control", "--polls=0", "--home", home));
        assertTrue(err.toString().contains("--polls 0: give 1 to 10000"), err::toString);
        assertEquals(2, bench("control", "--millis=1", "--home", home));
        assertTrue(err.toString().contains("--millis 1: give 100 to 600000"), err::toString);
    }

    private Path chain(String count) throws IOException {
        return Files.writeString(directory.resolve("chain.yaml"), """
                chain: paused
                functions:
                  - {type: counting-source, config: {count: %s}}
                  - {type: checking-sink}
                """.formatted(count));
    }

    @Test
    void findsWhatStopsAChain() throws Exception {
        Path json = directory.resolve("pauses.json");
        Thread collector = Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    Thread.sleep(100);
                    System.gc();
                }
            } catch (InterruptedException enough) {
                // The test is over.
            }
        });
        int exitCode = bench(
                "pauses",
                "--duration=PT1S",
                "--warm-up=PT0.1S",
                chain("1000000000000").toString(),
                "--json",
                json.toString());
        collector.interrupt();
        assertEquals(0, exitCode, err::toString);
        JsonNode report = JsonMapper.shared().readTree(json);
        assertTrue(report.get("packets").asLong() > 0);
        assertTrue(report.get("stops").size() > 2, report::toString);
        double longest = report.get("stops")
                .valueStream()
                .mapToDouble(stop -> stop.get("millis").asDouble())
                .max()
                .orElseThrow();
        assertTrue(longest > 0 && longest < 1000, report::toString);
        // Whatever stops all threads keeps the worker from its packets.
        assertTrue(report.at("/gaps/longestNanos").asDouble() > longest * 1e6 / 2, report::toString);
        assertTrue(
                Pattern.compile("garbage collections +[1-9]")
                        .matcher(out.toString())
                        .find(),
                out::toString);
    }

    @Test
    void aChainThatEndsCannotBeWatched() throws IOException {
        assertEquals(
                1,
                bench("pauses", "--duration=PT1S", "--warm-up=PT0S", chain("10").toString()));
        assertEquals("nfv: the chain has ended by itself\n", err.toString());
    }

    private static void assertRounds(JsonNode series) {
        assertEquals(3, series.get("rounds").size(), series::toString);
        series.get("rounds").forEach(rate -> assertTrue(rate.asDouble() > 0));
        assertTrue(
                series.get("lowerQuartile").asDouble() <= series.get("median").asDouble());
        assertTrue(
                series.get("median").asDouble() <= series.get("upperQuartile").asDouble());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--payload=4", "--batch=0", "--batch=1024", "--slots=8192", "--rounds=0", "--packets=0"})
    void refusesWhatCannotBeMeasured(String option) {
        assertEquals(2, bench("pipe", option));
        assertTrue(err.toString().contains(option.substring(0, option.indexOf('='))), err.toString());
    }

    @Test
    void eachLanguageUnderstandsTheOther() {
        List<String> c = List.of(twin().toString());
        List<String> java = BenchProcess.java(PipeWorker.class);
        Path socket = directory.resolve("host.sock");
        try (EmbeddedHost host = EmbeddedHost.create()) {
            host.serve(socket);
            run("cj", c, java, socket, TASK, PipeWorker.SENDER, PipeWorker.RECEIVER);
            run("jc", java, c, socket, TASK, PipeWorker.SENDER, PipeWorker.RECEIVER);
            ForwardTask through = new ForwardTask(TASK.packets(), TASK.batch(), TASK.payload());
            run("fcj", c, java, socket, through, PipeWorker.ENDS, PipeWorker.FORWARDER);
            run("fjc", java, c, socket, through, PipeWorker.ENDS, PipeWorker.FORWARDER);
            List<String> echo = BenchProcess.java(EchoWorker.class);
            for (boolean blocking : new boolean[] {false, true}) {
                EchoTask task = new EchoTask(3_000, 0, blocking);
                run("ce" + blocking, c, echo, socket, task, EchoWorker.PING, EchoWorker.PONG);
                run("ec" + blocking, echo, c, socket, task, EchoWorker.PING, EchoWorker.PONG);
            }
        }
    }

    private static void run(
            String pipe,
            List<String> first,
            List<String> second,
            Path socket,
            ProcessPair.Task task,
            String firstRole,
            String secondRole) {
        List<Integer> cpus = Machine.pair();
        try (ProcessPair pair = new ProcessPair(
                pipe,
                PipePairs.command(first, socket, ends('{', pipe, task), 512, firstRole, cpus.getFirst()),
                PipePairs.command(second, socket, ends('}', pipe, task), 512, secondRole, cpus.getLast()))) {
            for (double figure : pair.run(task)) {
                assertTrue(figure > 0, () -> pipe + ": " + figure);
            }
        }
    }

    private static String ends(char mark, String pipe, ProcessPair.Task task) {
        String end = "mixed" + mark + pipe;
        return task instanceof ForwardTask ? end + "," + end + "2" : end;
    }

    @ParameterizedTest
    @ValueSource(strings = {"1 2 30000 0", "1 2 30001 1"})
    void packetsThatWereLostOrChangedEndTheBenchmark(String received) {
        List<String> right = answering("1 2 30001 0");
        try (ProcessPair whole = new ProcessPair("whole", right, right);
                ProcessPair damaged = new ProcessPair("damaged", right, answering(received))) {
            assertEquals(30_001 * 1000.0, whole.run(TASK)[0]);
            BenchException failure = assertThrows(BenchException.class, () -> damaged.run(TASK));
            assertTrue(failure.getMessage().startsWith("damaged: packets were lost or changed"), failure.getMessage());
        }
    }

    private static List<String> answering(String answer) {
        return List.of("sh", "-c", "echo ready; while read command; do echo " + answer + "; done");
    }

    @Test
    void aProcessThatDiesIsNamed() {
        BenchException failure =
                assertThrows(BenchException.class, () -> BenchProcess.start("C sender", List.of("false")));
        assertTrue(failure.getMessage().startsWith("the C sender (process "), failure.getMessage());
    }

    @Test
    void theCProgramIsCompiledOnce() throws Exception {
        Path program = twin();
        FileTime compiled = Files.getLastModifiedTime(program);

        assertEquals(program, twin());
        assertEquals(compiled, Files.getLastModifiedTime(program));
        try (var files = Files.list(program.getParent())) {
            assertEquals(List.of(program), files.toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-compiler", "false"})
    void withoutACompilerThereIsAReason(String compiler) {
        CTwin twin = new CTwin(directory, compiler);
        MissingException missing = assertThrows(MissingException.class, twin::program);
        assertTrue(missing.getMessage().startsWith(compiler), missing.getMessage());
    }

    @Test
    void thereIsNoRatioOfRoundsThatDiffer() {
        Series steady = Series.of(List.of(90.0, 110.0, 100.0));
        Series wild = Series.of(List.of(10.0, 200.0, 100.0));

        assertEquals(new Series(100, 95, 105, List.of(90.0, 110.0, 100.0)), steady);
        assertEquals(0.1, steady.spread(), 1e-9);
        assertEquals(Map.of("C", 1.0), ratios(steady, steady));
        assertEquals(Map.of(), ratios(steady, wild));
        assertEquals(Map.of(), ratios(wild, steady));
    }

    private static Map<String, Double> ratios(Series java, Series c) {
        Map<String, Series> contenders = new LinkedHashMap<>();
        contenders.put("Java", java);
        contenders.put("C", c);
        return Report.Measured.of(StreamTask.RATE, contenders).ratios();
    }
}
