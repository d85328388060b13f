// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Generators at both ends of pipes of this process's own host. */
class PacketGeneratorTest {
    private final Netmap netmap = Netmap.over(EmbeddedHost.create());
    private final StopSignal stop = new StopSignal();

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

    @Test
    void theRateIsKept() {
        String[] text = both("-i x}1 -f rx -n 200000", "-i x{1 -f tx -n 200000 -R 200000 -N");
        assertEquals(200_000, number(text[1], "Speed: (\\d+) pps"), 4_000, text[1]);
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
