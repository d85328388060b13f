// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.nfv.cli.PktGenLine;
import io.ptnetmap.nfv.tools.StopSignal;
import io.ptnetmap.nfv.tools.ToolException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Generators at both ends of pipes of this process's own host. */
class PacketGeneratorTest {
    /** Packets per second. */
    private static final double RATE = 200_000;

    private static final double RATE_TOLERANCE = 4_000;

    private final Netmap netmap = Netmap.over(EmbeddedHost.create());
    private final StopSignal stop = new StopSignal();

    @TempDir
    Path directory;

    @AfterEach
    void end() {
        stop.close();
        netmap.close();
    }

    private String run(String... line) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out, true);
        new PacketGenerator(PktGenLine.parse(line), writer, writer).run(netmap, stop);
        return out.toString();
    }

    private String[] both(String receiver, String sender) {
        CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> run(receiver.split(" ")));
        String sent = run(sender.split(" "));
        return new String[] {received.join(), sent};
    }

    private static double number(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertTrue(matcher.find(), text);
        return Double.parseDouble(matcher.group(1));
    }

    @ParameterizedTest
    @CsvSource({"1,''", "1,-l 1500 -l 64", "1,-l 9000", "1,-l 120 -F 3", "1,-H 12", "2,''"})
    void whatIsSentIsReceived(int threads, String options) {
        String rings = threads == 1 ? "" : "@conf:rings=" + threads;
        String[] text = both(
                "-i x}1" + rings + " -f rx -n 300000 -p " + threads,
                "-i x{1" + rings + " -f tx -n 300000 -p " + threads + " " + options);
        Matcher sent = Pattern.compile(
                        "Sent 300000 packets (\\d+) bytes \\d+ events \\d+ bytes each in ([0-9.]+) seconds\\.\n"
                                + "Speed: [0-9.]+ [KM]?pps Bandwidth: [0-9.]+ [KMG]?bps \\(raw [0-9.]+ [KMG]?bps\\)\\. Average batch: [0-9.]+ pkts\n")
                .matcher(text[1]);
        assertTrue(sent.find(), text[1]);
        long header = options.contains("-H") ? 12 * 300_000 : 0;
        assertTrue(
                text[0].contains("Received 300000 packets " + (Long.parseLong(sent.group(1)) + header) + " bytes "),
                text[0]);
    }

    @Test
    void packetsAreDividedIntoFragments() {
        try (NetmapPort port = netmap.openPort("netmap:x}1")) {
            run("-i", "x{1", "-f", "tx", "-n", "1", "-l", "100", "-F", "3");
            RxRing rx = port.rxRing(0);
            rx.sync();
            assertEquals(3, rx.available());
            int[] lengths = {34, 34, 32};
            for (int i = 0; i < 3; i++) {
                assertEquals(lengths[i], rx.length(i));
                assertEquals(i < 2 ? NetmapSlot.NS_MOREFRAG : 0, rx.flags(i) & NetmapSlot.NS_MOREFRAG);
            }
        }
    }

    /** Dissected by a program that is not ours. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-l 60",
                "-l 1514 -l 64 -z -Z -s 10.0.0.1:1024-10.0.3.255:60000 -d 10.1.0.1:1024-10.1.0.9:9000",
                "-l 200 -l 70 -s [fd00::1]:9000-[fd00::ff]:9009",
                "-l 9000"
            })
    void tsharkFindsEveryChecksumRight(String options) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/tshark")), "tshark is not installed");
        Path file = directory.resolve("out.pcap");
        String text = run(("-i pcap:" + file + " -f txseq -n 1000 " + options).split(" "));
        assertTrue(text.contains("Sent 1000 packets"), text);
        Process tshark = new ProcessBuilder(
                        "tshark",
                        "-n",
                        "-r",
                        file.toString(),
                        "-o",
                        "ip.check_checksum:TRUE",
                        "-o",
                        "udp.check_checksum:TRUE",
                        "-T",
                        "fields",
                        "-E",
                        "occurrence=f",
                        "-e",
                        "ip.checksum.status",
                        "-e",
                        "udp.checksum.status",
                        "-e",
                        "ipv6.version")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> lines = tshark.inputReader().lines().toList();
        assertEquals(0, tshark.waitFor());
        assertEquals(1000, lines.size());
        // Status 1 is right, 0 is wrong.
        lines.forEach(line -> assertTrue(line.equals("1\t1\t") || line.equals("\t1\t6"), line));
    }

    /** A thread's allocations are counted by the JVM. */
    @Test
    void packetsAllocateNothing() throws Exception {
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        long[] allocated = new long[2];
        for (int i = 0; i < 2; i++) {
            GeneratorConfig config = PktGenLine.parse(
                    "-i",
                    "null",
                    "-n",
                    i == 0 ? "10000" : "1010000",
                    "-s",
                    "10.0.0.1:1-10.0.0.99:999",
                    "-l",
                    "1000",
                    "-l",
                    "60");
            try (NetmapPort port = netmap.openPort("null")) {
                SendTask task =
                        new SendTask(config, port, stop, config.load().count(), new UdpFrames(config.frames(), 1), 0);
                long before = threads.getCurrentThreadAllocatedBytes();
                task.run();
                allocated[i] = threads.getCurrentThreadAllocatedBytes() - before;
            }
        }
        assertTrue(
                allocated[1] - allocated[0] < 200_000,
                () -> (allocated[1] - allocated[0]) + " bytes for a million packets");
    }

    @Test
    void theRateIsKept() {
        // A thread that a busy machine keeps from running for longer than a Pacer makes up for is late; it is never
        // early.
        List<Double> rates = new ArrayList<>();
        do {
            String[] text = both("-i x}1 -f rx -n 50000", "-i x{1 -f tx -n 50000 -R 200000 -N");
            rates.add(number(text[1], "Speed: (\\d+) pps"));
        } while (rates.getLast() < RATE - RATE_TOLERANCE && rates.size() < 10);
        assertEquals(RATE, rates.getLast(), RATE_TOLERANCE, rates.toString());
        rates.forEach(rate -> assertTrue(rate < RATE + RATE_TOLERANCE, rates.toString()));
    }

    @Test
    void numbersAreChecked() {
        String[] text = both("-i x}1 -f rxseq -n 100000", "-i x{1 -f txseq -n 100000");
        assertTrue(text[0].contains("Sequence: 0 lost, 0 out of order or twice, 0 without a number."), text[0]);
    }

    @Test
    void missingAndLatePacketsAreReported() {
        CompletableFuture<String> received =
                CompletableFuture.supplyAsync(() -> run("-i", "x}1", "-f", "rxseq", "-n", "25"));
        // The second sender begins again at 0: 10 packets late, in terms of the first.
        run("-i", "x{1", "-f", "txseq", "-n", "10");
        run("-i", "x{1", "-f", "txseq", "-n", "10");
        run("-i", "x{1", "-f", "tx", "-n", "5", "-l", "42");
        String text = received.join();
        assertTrue(text.contains("Sequence step back: expected 10, got 0"), text);
        assertTrue(text.contains("10 out of order or twice, 5 without a number"), text);
    }

    @Test
    void pingsComeBack() {
        String[] text = both("-i x}1 -f pong -n 5000", "-i x{1 -f ping -n 5000");
        assertTrue(text[1].contains("Lost 0 of 5000 packets."), text[1]);
        assertTrue(number(text[1], "total count 5000 RTT: min (\\d+) av") > 0, text[1]);
    }

    @Test
    void aReceiverEndsWhenNothingComes() {
        String[] text = both("-i x}1 -f rx -W -T 200", "-i x{1 -f tx -n 77");
        assertTrue(text[0].contains("Received 77 packets 4620 bytes"), text[0]);
        // The second of waiting is not counted.
        assertTrue(number(text[0], "each in ([0-9.]+) seconds") < 0.9, text[0]);
    }

    @Test
    void whatThePortCannotDoIsExplained() {
        assertTrue(assertThrows(ToolException.class, () -> run("-i", "x{1/T", "-f", "rx"))
                .getMessage()
                .contains("has no receive ring, which rx needs"));
        assertTrue(assertThrows(ToolException.class, () -> run("-i", "x{1", "-f", "tx", "-l", "9000", "-M", "100"))
                .getMessage()
                .contains("takes 90 slots"));
        assertTrue(assertThrows(ToolException.class, () -> run("-i", "x{1", "-f", "txseq", "-l", "42"))
                .getMessage()
                .contains("no room for a number"));
    }
}
