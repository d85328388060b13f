// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.host.EmbeddedHost;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PipeBenchTest {
    private static final Contender.Task TASK = new Contender.Task(30_001, 32, 8);

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
        assertEquals(30_001, report.get("packets").asInt());
        assertEquals(2, report.get("results").size());
        assertEquals(1, report.get("results").get(0).get("batch").asInt());
        assertEquals(256, report.get("results").get(1).get("batch").asInt());
        for (JsonNode result : report.get("results")) {
            assertRounds(result.get("javaMpps"));
            assertEquals(hasGcc(), result.has("cMpps"));
            if (hasGcc()) {
                assertRounds(result.get("cMpps"));
            }
        }
        assertTrue(out.toString().contains("30001 packets"), out.toString());
    }

    private static void assertRounds(JsonNode series) {
        assertEquals(3, series.get("rounds").size());
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
        List<String> java = PipeBenchmark.javaCommand();
        Path socket = directory.resolve("host.sock");
        try (EmbeddedHost host = EmbeddedHost.create()) {
            host.serve(socket);
            assertTrue(rate("cj", c, java, socket) > 0);
            assertTrue(rate("jc", java, c, socket) > 0);
        }
    }

    private static double rate(String pipe, List<String> sender, List<String> receiver, Path socket) {
        try (Contender contender = new Contender(
                pipe,
                worker(sender, socket, "mixed{" + pipe, "sender"),
                worker(receiver, socket, "mixed}" + pipe, "receiver"))) {
            return contender.run(TASK);
        }
    }

    private static List<String> worker(List<String> program, Path socket, String port, String role) {
        String cpu = Machine.processors().getFirst().toString();
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(socket.toString(), port, "512", role, cpu));
        return command;
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
        try (Contender whole = new Contender("whole", right, right);
                Contender damaged = new Contender("damaged", right, answering(received))) {
            assertEquals(30_001 * 1000.0, whole.run(TASK));
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
        CTwin.MissingException missing = assertThrows(CTwin.MissingException.class, twin::program);
        assertTrue(missing.getMessage().startsWith(compiler), missing.getMessage());
    }

    @Test
    void thereIsNoRatioOfRoundsThatDiffer() {
        Series steady = Series.of(List.of(90.0, 110.0, 100.0));
        Series wild = Series.of(List.of(10.0, 200.0, 100.0));

        assertEquals(new Series(100, 95, 105, List.of(90.0, 110.0, 100.0)), steady);
        assertEquals(0.1, steady.spread(), 1e-9);
        assertEquals(Optional.of(1.0), ratio(steady, steady));
        assertFalse(ratio(steady, wild).isPresent());
        assertFalse(ratio(wild, steady).isPresent());
    }

    private static Optional<Double> ratio(Series java, Series c) {
        return PipeReport.Result.of(1, java, Optional.of(c), 0, 0).ratio();
    }
}
