// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.ptnetmap.nfv.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PeersTest {
    private static final StreamTask STREAM = new StreamTask(100_001, 32, 8);
    private static final EchoTask ECHO = new EchoTask(2_000, 0, false);

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int peers(String... arguments) {
        return new CommandLine(new PeersCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    static Stream<Candidate> candidates() {
        return Stream.of(
                NetmapPipe.streaming(STREAM),
                NetmapPipe.echoing(ECHO),
                AeronIpc.streaming(STREAM),
                AeronIpc.echoing(ECHO),
                new Memif(STREAM),
                new RteRing(STREAM),
                new RingPerf(),
                new Hop("link", HopWorker.LINK, STREAM),
                new Hop("Disruptor", HopWorker.DISRUPTOR, STREAM),
                new PacketSockets(STREAM),
                new Testpmd("macswap", 32, 50),
                new Testpmd("5tswap", 256, 50));
    }

    @ParameterizedTest
    @MethodSource("candidates")
    void whoIsHereDoesARoundWithoutLosingPackets(Candidate candidate) throws Exception {
        try {
            assertFalse(candidate.find().isEmpty());
        } catch (MissingException missing) {
            abort(missing.getMessage());
        }
        try (Cleanup cleanup = new Cleanup()) {
            Contender contender = candidate.start(cleanup);
            for (int round = 0; round < 2; round++) {
                for (double figure : contender.round().get()) {
                    assertTrue(figure > 0, () -> contender.name() + ": " + figure);
                }
            }
        }
    }

    @Test
    void eachComparisonHasFiguresOfWhoIsHere() {
        Path json = directory.resolve("peers.json");
        int status = peers("--only=aeron-latency,aeron", "--packets=20000", "--rounds=1", "--json", json.toString());
        assertEquals(0, status, err.toString());
        JsonNode results = JsonMapper.shared().readTree(json).get("results");
        assertEquals(List.of("aeron", "aeron-latency"), names(results));
        for (JsonNode result : results) {
            JsonNode contenders = result.at("/metrics/0/contenders");
            assertTrue(contenders.has("netmap pipe") && contenders.has("Aeron IPC"), contenders::toString);
        }
    }

    private static List<String> names(JsonNode results) {
        return results.valueStream()
                .map(result -> result.at("/parameters/compare").asString())
                .toList();
    }

    @Test
    void whoIsMissingIsNamedWithTheRemedyAndOursIsMeasuredAlone() throws Exception {
        List<String> command = new ArrayList<>(BenchProcess.java(Main.class));
        command.addAll(
                List.of("bench", "peers", "--only", "memif,ring,sockets", "--packets", "20000", "--rounds", "1"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PATH", directory.toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.contains("DPDK memif: not measured: no pkg-config here; 'apt-get install pkg-config'"), said);
        assertTrue(said.contains("dpdk-test: not measured: no dpdk-test here; 'apt-get install dpdk-dev'"), said);
        assertTrue(said.contains("packet sockets: not measured: no unshare here"), said);
        assertTrue(said.contains("\n  netmap pipe ") && said.contains("\n  Disruptor "), said);
        assertFalse(said.contains("\n  DPDK memif ") || said.contains("\n  rte_ring "), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--only=memif,nobody", "--packets=0", "--rounds=0"})
    void refusesWhatCannotBeMeasured(String option) {
        assertEquals(2, peers(option));
        assertTrue(err.toString().contains(option.substring(0, option.indexOf('='))), err.toString());
    }

    @Test
    void aWrongNameIsAnsweredWithTheRightOnes() {
        peers("--only=nobody");
        assertTrue(
                err.toString().contains("--only nobody: there is aeron, aeron-latency, memif, swap, ring, sockets"),
                err.toString());
    }

    @Test
    void whatFailsSaysWhy() {
        MissingException failure = assertThrows(
                MissingException.class, () -> Tool.output(List.of("sh", "-c", "echo no luck; echo today; exit 3")));
        assertEquals("sh fails: no luck", failure.getMessage());
        assertThrows(MissingException.class, () -> Tool.output(List.of("no-such-program")));
        assertEquals("word", Tool.output(List.of("cat"), " word\n".getBytes()));
    }

    private static final String SHOWN = """
            show port stats all\r

              ######################## NIC statistics for port 0  ########################
              RX-packets: 21758240   RX-missed: 0          RX-bytes:  0
              RX-errors: 0
              RX-nombuf:  0        \s
              TX-packets: 21758240   TX-errors: 0          TX-bytes:  0

              Throughput (since last show)
              Rx-pps:     45092133          Rx-bps:            0
              Tx-pps:     45092133          Tx-bps:            0
              ############################################################################
            testpmd>\s""";

    private static final String STOPPED = """
            stop\r
            Telling cores to stop...
            Waiting for lcores to finish...

              ---------------------- Forward statistics for port 0  ----------------------
              RX-packets: 37215360       RX-dropped: 0             RX-total: 37215360
              TX-packets: 37215392       TX-dropped: 0             TX-total: 37215392
              ----------------------------------------------------------------------------
            Done.
            testpmd>\s""";

    @Test
    void readsWhatTestpmdSays() {
        assertEquals(45.092133, Testpmd.rate(SHOWN), 1e-9);
        assertDoesNotThrow(() -> Testpmd.requireWhole(STOPPED, 32));
        assertThrows(BenchException.class, () -> Testpmd.requireWhole(STOPPED, 31));
        String dropping = STOPPED.replace("TX-dropped: 0 ", "TX-dropped: 5 ");
        assertThrows(BenchException.class, () -> Testpmd.requireWhole(dropping, 32));
        BenchException failure = assertThrows(BenchException.class, () -> Testpmd.rate("Bad arguments\n"));
        assertEquals("testpmd says 'Bad arguments'", failure.getMessage());
    }

    @Test
    void readsWhatDpdkSaysOfItsRing() {
        RingPerf.Parser parser = new RingPerf.Parser();
        List<String> before = List.of(
                "EAL: TSC frequency is ~2450000 KHz",
                "### Testing bulk enq/deq ###",
                "legacy APIs: SP/SC: bulk (size: 32): 202.48",
                "### Testing using two physical cores ###",
                "legacy APIs: SP/SC: bulk (size: 8): 21.75",
                "legacy APIs: MP/MC: bulk (size: 32): 39.21");
        for (String line : before) {
            assertEquals(OptionalDouble.empty(), parser.take(line), line);
        }
        assertEquals(
                1.7878, parser.take("legacy APIs: SP/SC: bulk (size: 32): 8.76").orElseThrow(), 1e-4);
    }

    @Test
    void packetsThatWereLostOrChangedEndTheComparison() {
        assertEquals(50, SwapLoop.rate("50000000 1000000000 0"));
        assertThrows(BenchException.class, () -> SwapLoop.rate("50000000 1000000000 1"));
        try (Cleanup cleanup = new Cleanup()) {
            Contender loses = Hop.contender("loses", answering("1 2 100000 0"), STREAM, cleanup);
            Contender keeps = Hop.contender("keeps", answering("1 100002 100001 0"), STREAM, cleanup);
            assertThrows(BenchException.class, () -> loses.round().get());
            assertEquals(1, keeps.round().get()[0], 1e-9);
        }
    }

    private static List<String> answering(String answer) {
        return List.of("sh", "-c", "echo ready; while read command; do echo " + answer + "; done");
    }

    @Test
    void aeronLeavesNothingBehind() throws Exception {
        Path memory = directory.resolve("aeron");
        List<String> driver = BenchProcess.java(
                AeronDriver.class, List.of("--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED"), List.of());
        driver.add(memory.toString());
        try (BenchProcess process = BenchProcess.start("driver", driver)) {
            assertTrue(process.pid() > 0 && Files.isDirectory(memory));
        }
        assertFalse(Files.exists(memory));
    }

    @Test
    void whatWasBegunLastEndsFirst() {
        List<String> ended = new ArrayList<>();
        try (Cleanup cleanup = new Cleanup()) {
            cleanup.add(() -> ended.add("first"));
            cleanup.add(() -> ended.add("second"));
        }
        assertEquals(List.of("second", "first"), ended);
    }
}
