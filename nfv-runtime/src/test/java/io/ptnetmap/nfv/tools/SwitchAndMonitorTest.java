// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.nfv.cli.PktGenLine;
import io.ptnetmap.nfv.tools.pktgen.PacketGenerator;
import io.ptnetmap.nfv.tools.replay.Bandwidth;
import io.ptnetmap.nfv.tools.replay.Delay;
import io.ptnetmap.nfv.tools.replay.Loss;
import io.ptnetmap.nfv.tools.replay.Replayer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tools with ports of a switch, and with monitors. */
@Timeout(60)
class SwitchAndMonitorTest {
    /** Fewer than a ring has slots: nothing is lost however slow the machine is. */
    private static final int PACKETS = 1000;

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private final StopSignal stop = new StopSignal();
    private final ExecutorService threads =
            Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());

    @TempDir
    Path directory;

    @AfterEach
    void end() {
        threads.shutdownNow();
        stop.close();
        assertTrue(host.audit(1).clean(), () -> host.audit(1).toString());
        assertEquals(host.audit(1).total() - 2, host.audit(1).free());
        netmap.close();
    }

    private String generate(String line) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out, true);
        new PacketGenerator(PktGenLine.parse(line.split(" ")), writer, writer).run(netmap, stop);
        return out.toString();
    }

    private CompletableFuture<String> generating(String line) {
        return aside(() -> generate(line));
    }

    private <T> CompletableFuture<T> aside(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, threads);
    }

    private long[] bridge(String first, String second) {
        return new Bridge(
                        new Bridge.Settings(first, second, 1024, 0, false, false), new PrintWriter(new StringWriter()))
                .run(netmap, stop);
    }

    private void replay(Path file, String port) {
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        new Replayer(
                        new Replayer.Settings(
                                file, port, 128, 0, -1, Bandwidth.parse("100M"), Delay.parse("0"), Loss.parse("0")),
                        nowhere,
                        nowhere)
                .run(netmap, stop);
    }

    private static void awaitPort(EmbeddedHost host, String name) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (host.valeList().stream().noneMatch(port -> port.name().equals(name))) {
            assertTrue(System.nanoTime() < deadline);
            Thread.onSpinWait();
        }
    }

    /** Waits until somebody has opened a port more than when so many buffers were free. */
    private void awaitBuffersInUse(int free) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (host.audit(1).free() == free) {
            assertTrue(System.nanoTime() < deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void generatorsTalkOverASwitch() {
        CompletableFuture<String> received = generating("-i vale0:b -f rx -n " + PACKETS + " -W");
        awaitPort(host, "vale0:b");
        String sent = generate("-i vale0:a -f tx -n " + PACKETS);
        assertTrue(sent.contains("Sent " + PACKETS + " packets"), sent);
        assertTrue(received.join().contains("Received " + PACKETS + " packets"), received.join());
    }

    @Test
    void pingsCrossASwitch() {
        CompletableFuture<String> pong = generating("-i vale0:b -f pong -n 500 -W");
        awaitPort(host, "vale0:b");
        String ping = generate("-i vale0:a -f ping -n 500");
        assertTrue(ping.contains("Lost 0 of 500 packets"), ping);
        pong.join();
    }

    @Test
    void aBridgeJoinsASwitchToAPipe() {
        CompletableFuture<long[]> moved = aside(() -> bridge("vale0:b", "netmap:x{1"));
        awaitPort(host, "vale0:b");
        CompletableFuture<String> received = generating("-i x}1 -f rx -n " + PACKETS + " -W");
        generate("-i vale0:a -f tx -n " + PACKETS);
        assertTrue(received.join().contains("Received " + PACKETS + " packets"), received.join());
        stop.stop();
        assertEquals(PACKETS, moved.join()[0]);
    }

    @Test
    void aGeneratorCountsWhatAMonitorSees() {
        try (NetmapPort keeper = netmap.openPort("netmap:x}1")) {
            try (NetmapPort sender = netmap.openPort("netmap:x{1/R")) {
                int before = host.audit(1).free();
                CompletableFuture<String> seen = generating("-i x{1/t -f rx -n " + PACKETS + " -W");
                CompletableFuture<String> received = aside(() -> {
                    int count = 0;
                    while (count < PACKETS) {
                        keeper.poll(Linux.POLLIN, 1_000_000);
                        count += keeper.rxRing(0).available();
                        keeper.rxRing(0).advance(keeper.rxRing(0).available());
                    }
                    return "";
                });
                awaitBuffersInUse(before);
                generate("-i x{1/T -f tx -n " + PACKETS);
                received.join();
                assertTrue(seen.join().contains("Received " + PACKETS + " packets"), seen.join());
                assertTrue(sender.rxRing(0).available() == 0);
            }
        }
    }

    /** A replayed file goes through a switch; what a monitor at the other side sees becomes a file, which tshark reads. */
    @Test
    void tsharkReadsWhatAMonitorHasSeen() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/tshark")), "tshark is not installed");
        Path in = directory.resolve("in.pcap");
        Path out = directory.resolve("out.pcap");
        generate("-i pcap:" + in + " -f txseq -n 500 -l 200 -l 64");
        NetmapPort receiver = netmap.openPort("vale0:b@1");
        int before = host.audit(1).free();
        CompletableFuture<long[]> written = aside(() -> bridge("vale0:b/r", "pcap:" + out + "/T"));
        awaitBuffersInUse(before);
        CompletableFuture<Integer> counted = aside(() -> {
            int count = 0;
            while (count < 500) {
                receiver.poll(Linux.POLLIN, 1_000_000);
                count += receiver.rxRing(0).available();
                receiver.rxRing(0).advance(receiver.rxRing(0).available());
            }
            return count;
        });
        replay(in, "vale0:a");
        assertEquals(500, counted.join());
        receiver.close();
        assertArrayEquals(new long[] {500, 0}, written.join(), "the bridge ends with the port that is watched");
        assertEquals(dissected(in, "frame.len"), dissected(out, "frame.len"));
        assertEquals(dissected(in, "data.data"), dissected(out, "data.data"));
        List<String> times = dissected(out, "frame.time_epoch");
        assertTrue(times.equals(times.stream().sorted().toList())
                && times.getFirst().compareTo("1") > 0);
        assertTrue(dissected(out, "udp.checksum.status").stream().allMatch("1"::equals));
    }

    private static List<String> dissected(Path file, String field) throws Exception {
        Process tshark = new ProcessBuilder(
                        "tshark",
                        "-n",
                        "-r",
                        file.toString(),
                        "-o",
                        "udp.check_checksum:TRUE",
                        "-T",
                        "fields",
                        "-e",
                        field)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> lines = tshark.inputReader().lines().toList();
        assertEquals(0, tshark.waitFor());
        assertEquals(500, lines.size());
        return lines;
    }
}
