// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.samples.Capture.Frame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the comments in the chain files promise; {@link TwoPortsTest} has the one that needs interfaces. */
class ChainFilesTest {
    private static final int TTL_OFFSET = 22;

    @BeforeAll
    static void makeTheDirectoryOfTheResults() throws IOException {
        Files.createDirectories(Path.of("target"));
    }

    static List<Path> chainFiles() throws IOException {
        try (Stream<Path> files = Files.list(Chains.DIRECTORY)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("chainFiles")
    void eachFileSaysWhatItShowsAndHowToRunIt(Path file) throws Exception {
        List<String> lines = Files.readAllLines(file);
        assertTrue(lines.getFirst().matches("# [A-Z].*"), lines.getFirst());
        assertTrue(lines.contains("#   ./nfv run samples/chains/" + file.getFileName()), "names no command");
        String name = file.getFileName().toString().replace(".yaml", "");
        assertTrue(lines.contains("chain: " + name), "is not named as its file");
        assertTrue(
                Files.readString(Path.of("README.md")).contains("chains/" + file.getFileName()),
                "samples/README.md does not name it");
    }

    @Test
    void firstRoutesPacketsToOneNeighbour() throws Exception {
        Chains.End end = Chains.run(Chains.DIRECTORY.resolve("first.yaml"));
        List<Frame> recorded = Capture.read(Capture.TRAFFIC.resolve("inside.pcap"));
        List<Frame> routed = Capture.read(Path.of("target/first.pcap"));
        List<Frame> expected = recorded.stream()
                .filter(frame -> isIpv4(frame) && frame.bytes()[TTL_OFFSET] != 1)
                .toList();
        assertEquals(expected.size(), routed.size());
        for (int i = 0; i < routed.size(); i++) {
            byte[] before = expected.get(i).bytes();
            byte[] after = routed.get(i).bytes();
            assertEquals("020000000280" + "020000000001", hex(after, 0, 12));
            assertEquals(before[TTL_OFFSET] - 1, after[TTL_OFFSET]);
            assertEquals(hex(before, 26, before.length), hex(after, 26, after.length), "addresses and payload");
        }
        long expired = recorded.stream()
                .filter(frame -> isIpv4(frame) && frame.bytes()[TTL_OFFSET] == 1)
                .count();
        assertEquals(
                Map.of("ttl-expired", expired, "not-ipv4", recorded.size() - expired - routed.size()),
                end.hop("next-hop").drops());
        assertNotEquals(0, expired);
    }

    private static boolean isIpv4(Frame frame) {
        return hex(frame.bytes(), 12, 14).equals("0800");
    }

    private static String hex(byte[] bytes, int from, int to) {
        return HexFormat.of().formatHex(bytes, from, to);
    }

    @Test
    void processesRunsFirewallAndMonitorInProcessesOfTheirOwn() throws Exception {
        Chains.End end = Chains.run(Chains.DIRECTORY.resolve("processes.yaml"));
        assertEquals("same", end.hop("generator").process());
        assertTrue(end.hop("firewall").process().matches("pid [0-9]+"));
        assertTrue(end.hop("monitor").process().matches("pid [0-9]+"));
        assertNotEquals(end.hop("firewall").process(), end.hop("monitor").process());
        assertEquals(2_000_000, end.hop("firewall").received());
        assertTrue(end.hop("firewall").dropped() > 0, "the firewall drops nothing");
        assertTrue(end.hop("sink").consumed() > 0, "nothing passes the firewall");
        assertEquals(2_000_000 - end.hop("firewall").dropped(), end.hop("sink").consumed());
    }

    @Test
    void parallelShowsAllPacketsToBothFunctions() throws Exception {
        Chains.End end = Chains.run(Chains.DIRECTORY.resolve("parallel.yaml"));
        for (String name : List.of("monitor", "mirror", "sink")) {
            assertEquals(1_000_000, end.hop(name).received(), name);
        }
        assertNotEquals(end.hop("monitor").worker(), end.hop("mirror").worker());
        assertEquals(1000, Capture.read(Path.of("target/parallel.pcap")).size());
    }

    @Test
    void dropPolicyDropsWhatTheLinkCannotTake() throws Exception {
        Chains.End end = Chains.run(Chains.DIRECTORY.resolve("drop-policy.yaml"));
        long dropped = end.hop("generator").drops().getOrDefault("link-full", 0L);
        assertTrue(dropped > 0, "nothing was dropped");
        assertEquals(3_000_000 - dropped, end.hop("sink").consumed());
    }

    @Test
    void valeKeepsMemoryApartAndCopiesOnce() throws Exception {
        Chains.End end = Chains.run(Chains.DIRECTORY.resolve("vale.yaml"));
        assertEquals("vale", end.hop("firewall").link().kind());
        assertEquals("call", end.hop("sink").link().kind());
        long dropped = end.accounts().hops().stream().mapToLong(Hop::dropped).sum();
        assertEquals(200_000, end.hop("sink").consumed() + dropped);
        assertTrue(end.hop("sink").consumed() > 20_000, end::toString);
        String report = end.reports().get("sink").toString();
        assertTrue(report.contains("duplicated=0") && report.contains("damaged=0"), report);
    }

    @Test
    void captureWritesTheBeginningOfEachPacketWithItsTime() throws Exception {
        Chains.run(Chains.DIRECTORY.resolve("capture.yaml"));
        List<Frame> recorded = Capture.read(Capture.TRAFFIC.resolve("gateway-in.pcapng"));
        List<Frame> captured = Capture.read(Path.of("target/capture.pcapng"));
        assertEquals(recorded.size(), captured.size());
        for (int i = 0; i < recorded.size(); i++) {
            assertEquals(recorded.get(i).timestampNanos(), captured.get(i).timestampNanos());
            byte[] whole = recorded.get(i).bytes();
            byte[] beginning = Arrays.copyOf(whole, Math.min(96, whole.length));
            assertTrue(Arrays.equals(beginning, captured.get(i).bytes()), "packet " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "demo-two-processes"})
    void theDemosTranslateTheRecordedTraffic(String name) throws Exception {
        Chains.End end = Chains.run(Chains.DIRECTORY.resolve(name + ".yaml"));
        List<Frame> recorded = Capture.read(Capture.TRAFFIC.resolve("gateway-in.pcapng"));
        List<Frame> written = Capture.read(Path.of("target", name + ".pcap"));
        assertEquals(recorded.size(), end.hop("pcap-source").created());
        assertEquals(end.hop("pcap-sink").consumed(), written.size());
        assertFalse(written.isEmpty());
        assertTrue(
                written.stream()
                        .noneMatch(frame -> isIpv4(frame)
                                && hex(frame.bytes(), 26, 29).equals("0a0100")
                                && !hex(frame.bytes(), 30, 33).equals("0a0100")),
                "an inside address has left");
    }
}
