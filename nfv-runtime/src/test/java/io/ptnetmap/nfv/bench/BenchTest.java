// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.host.EmbeddedHost;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
                bench("idle", "--rate=100,1000", "--seconds=1", "--rounds=1", "--json", json.toString()),
                err.toString());
        JsonNode report = JsonMapper.shared().readTree(json);
        assertEquals(1000, report.at("/results/1/parameters/rate").asInt());
        for (JsonNode result : report.get("results")) {
            JsonNode cost = result.at("/metrics/3");
            assertEquals("processor", cost.at("/metric/name").asString());
            double share = cost.at("/contenders/Java/median").asDouble();
            assertTrue(share > 0 && share < 100, () -> "it did not sleep: " + share);
        }
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
                PipePairs.command(first, socket, "mixed{" + pipe, 512, firstRole, cpus.getFirst()),
                PipePairs.command(second, socket, "mixed}" + pipe, 512, secondRole, cpus.getLast()))) {
            for (double figure : pair.run(task)) {
                assertTrue(figure > 0, () -> pipe + ": " + figure);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 2 30000 64 450015000 0",
                "1 2 30001 65 450015000 0",
                "1 2 30001 64 450014999 0",
                "1 2 30001 64 450015000 1"
            })
    void packetsThatWereLostOrChangedEndTheBenchmark(String received) {
        List<String> right = answering("1 2 30001 64 450015000 0");
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
