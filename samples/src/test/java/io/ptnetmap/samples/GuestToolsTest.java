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
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * netmap's tools on {@code /dev/netmap}: in a guest, on passed-through NICs, with the same tools at the other ends on the host, and on
 * pipes within the guest. Packets are counted to the last one.
 */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GuestToolsTest {
    private static final int PACKETS = 20_000;
    private static final Path TRAFFIC = Capture.TRAFFIC.resolve("inside.pcap");
    private static final String IN_GUEST = Guest.PROGRAMS + TRAFFIC.getFileName();
    private static final int HOST_SECONDS = 180;

    private final List<Process> tools = new ArrayList<>();
    private Process host;
    private Path directory;
    private Path socket;
    private Guest guest;

    @BeforeAll
    void boot(@TempDir Path temporary) throws Exception {
        Guest.hypervisor();
        directory = temporary;
        socket = directory.resolve("host.sock");
        host = Nfv.startHost(socket);
        guest = Guest.boot(directory, socket, List.of("netmap:a}1", "netmap:b{1"), List.of(TRAFFIC));
    }

    @AfterAll
    void end() throws InterruptedException {
        if (guest != null) {
            guest.close();
        }
        if (host != null) {
            host.destroyForcibly().waitFor();
        }
    }

    /** What a test that failed has left is not the next one's business. */
    @AfterEach
    void noToolIsLeft() throws InterruptedException {
        for (Process tool : tools) {
            tool.destroyForcibly().waitFor();
        }
        tools.clear();
        GuestTool.endAll(guest);
    }

    @AfterEach
    void theKernelHasFoundNothingWrong() {
        assertEquals("", guest.run("dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace|blocked for more' || true"));
    }

    /** A tool on the host, which {@code PTNETMAP_HOST} leads to the same host as the guest. */
    private final class HostTool {
        private final Process process;
        private final Path out = Files.createTempFile(directory, "host", ".out");
        private final Path err = Files.createTempFile(directory, "host", ".err");

        HostTool(String... line) throws IOException {
            ProcessBuilder builder = Nfv.command(List.of(), line);
            builder.environment().put("PTNETMAP_HOST", socket.toString());
            process = builder.redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            tools.add(process);
        }

        /** Waits for its end, which must be a success; what it has said on its standard output. */
        String await() throws IOException, InterruptedException {
            boolean ended = process.waitFor(HOST_SECONDS, TimeUnit.SECONDS);
            String said = Files.readString(out);
            assertTrue(ended && process.exitValue() == 0, said + Files.readString(err));
            return said;
        }

        String interrupt() throws IOException, InterruptedException {
            process.destroy();
            process.waitFor();
            return Files.readString(out);
        }
    }

    private static void assertAllSent(String said) {
        assertTrue(said.contains("Sent " + PACKETS + " packets"), said);
    }

    private static void assertAllReceivedInOrder(String said) {
        assertTrue(said.contains("Received " + PACKETS + " packets"), said);
        assertTrue(said.contains("Sequence: 0 lost, 0 out of order or twice, 0 without a number."), said);
    }

    private static long number(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertTrue(matcher.find(), text);
        return Long.parseLong(matcher.group(1));
    }

    @Test
    void pktGenSendsFromTheGuestToTheHost() throws Exception {
        HostTool receiver = new HostTool("pkt-gen", "-i", "netmap:a{1", "-f", "rxseq", "-n", "" + PACKETS);
        assertAllSent(GuestTool.run(guest, "pkt-gen -i netmap:eth0 -f txseq -w 0 -n " + PACKETS));
        assertAllReceivedInOrder(receiver.await());
    }

    @Test
    void pktGenReceivesInTheGuestFromTheHost() throws Exception {
        GuestTool receiver =
                GuestTool.start(guest, "rx", "pkt-gen -i netmap:eth1 -f rxseq -w 0 -n " + PACKETS, "Receiving from");
        HostTool sender = new HostTool("pkt-gen", "-i", "netmap:b}1", "-f", "txseq", "-n", "" + PACKETS);
        assertAllReceivedInOrder(receiver.await());
        assertAllSent(sender.await());
    }

    @Test
    void pingsFromTheHostAreAnsweredInTheGuest() throws Exception {
        // It says so when it has been at work for a second: a ping is not lost because nobody is there yet.
        GuestTool pong = GuestTool.start(guest, "pong", "pkt-gen -i netmap:eth0 -f pong -w 0", "waiting for initial");
        HostTool ping = new HostTool("pkt-gen", "-i", "netmap:a{1", "-f", "ping", "-n", "100");
        String said = ping.await();
        assertTrue(said.contains("Lost 0 of 100 packets."), said);
        pong.interrupt();
    }

    @Test
    void aBridgeJoinsTwoPortsWithoutCopying() throws Exception {
        GuestTool bridge = GuestTool.start(guest, "bridge", "bridge -w 0 netmap:eth0 netmap:eth1", "Ready to go");
        assertTrue(bridge.remarks().startsWith("zero-copy between netmap:eth0"), bridge::remarks);
        HostTool receiver = new HostTool("pkt-gen", "-i", "netmap:b}1", "-f", "rxseq", "-n", "" + PACKETS);
        HostTool sender = new HostTool("pkt-gen", "-i", "netmap:a{1", "-f", "txseq", "-n", "" + PACKETS);
        assertAllReceivedInOrder(receiver.await());
        assertAllSent(sender.await());
        HostTool back = new HostTool("pkt-gen", "-i", "netmap:a{1", "-f", "rxseq", "-n", "" + PACKETS);
        assertAllSent(
                new HostTool("pkt-gen", "-i", "netmap:b}1", "-f", "txseq", "-n", "" + PACKETS, "-l", "1000").await());
        assertAllReceivedInOrder(back.await());
        String moved = bridge.interrupt();
        assertTrue(moved.contains("Moved " + PACKETS + " slots there, " + PACKETS + " back."), moved);
    }

    @Test
    void aPipeAndABridgeJoinProcessesOfTheGuest() {
        GuestTool receiver =
                GuestTool.start(guest, "rx", "pkt-gen -i netmap:y}1 -f rxseq -n " + PACKETS, "Receiving from");
        GuestTool bridge = GuestTool.start(guest, "bridge", "bridge netmap:x}1 netmap:y{1", "Ready to go");
        // Pipes of two names are in two regions, as in netmap.
        assertTrue(bridge.remarks().startsWith("copy between netmap:x}1"), bridge::remarks);
        assertAllSent(GuestTool.run(guest, "pkt-gen -i netmap:x{1 -f txseq -n " + PACKETS));
        assertAllReceivedInOrder(receiver.await());
        String moved = bridge.interrupt();
        assertTrue(moved.contains("Moved " + PACKETS + " slots there, 0 back."), moved);
    }

    /** One consumer after the other: what is for them waits in their pipes. */
    @Test
    void aLoadBalancerDealsOutToPipes() {
        int packets = 1500;
        GuestTool balancer = GuestTool.start(guest, "lb", "lb -i netmap:c}1 -p g:2 -B 1000", "opened netmap:g{1");
        String sent =
                GuestTool.run(guest, "pkt-gen -i netmap:c{1 -f tx -n " + packets + " -s 10.0.0.1:1000-10.0.0.9:1100");
        assertTrue(sent.contains("Sent " + packets + " packets"), sent);
        long[] received = new long[2];
        for (int i = 0; i < received.length; i++) {
            String said = GuestTool.run(guest, "pkt-gen -i netmap:g}" + i + " -f rx -W");
            received[i] = number(said, "Received ([0-9]+) packets");
        }
        String sum = balancer.interrupt().lines().toList().getLast();
        assertEquals(packets, number(sum, "\"packets_received\":([0-9]+)"), sum);
        assertEquals(packets, number(sum, "\"packets_forwarded\":([0-9]+)"), sum);
        assertEquals(0, number(sum, "\"packets_dropped\":([0-9]+)"), sum);
        assertEquals(packets, received[0] + received[1]);
        assertTrue(received[0] > 0 && received[1] > 0, sum);
    }

    @Test
    void aCaptureFileIsReplayedThroughAPassedThroughPort() throws Exception {
        List<Capture.Frame> frames = Capture.read(TRAFFIC);
        Path copy = directory.resolve("copy.pcap");
        HostTool recorder = new HostTool("bridge", "netmap:b}1", "pcap:" + copy + "/T");
        String said = GuestTool.run(guest, "nmreplay -f " + IN_GUEST + " -i netmap:eth1 -B 20M -w 0");
        assertEquals(frames.size(), number(said, "sent ([0-9]+) packets"), said);
        String moved = recorder.interrupt();
        assertEquals(frames.size(), number(moved, "Moved ([0-9]+) slots"), moved);
        List<Capture.Frame> copies = Capture.read(copy);
        assertEquals(frames.size(), copies.size());
        for (int i = 0; i < frames.size(); i++) {
            assertArrayEquals(frames.get(i).bytes(), copies.get(i).bytes());
        }
    }

    @Test
    void whatTheModuleDoesNotHaveIsRefusedWithAReason() {
        GuestTool open = GuestTool.start(guest, "rx", "pkt-gen -i netmap:m}1 -f rx", "Receiving from");
        assertRefused("pkt-gen -i netmap:m}1/r -f rx", "EOPNOTSUPP", "this netmap has no monitors");
        open.interrupt();
        assertRefused("pkt-gen -i vale0:a -f rx", "EOPNOTSUPP", "this netmap has no VALE switches");
        assertRefused("pkt-gen -i netmap:lo -f rx", "EOPNOTSUPP", "e1000-paravirt");
        assertRefused("bridge -i eth0", "EINVAL", "no host rings");
        // Nothing can be made in the host's region.
        assertRefused("lb -i netmap:eth0 -p g:2 -w 0", "ENOMEM", "netmap:g{0");
        assertRefused("vale attach vale0:eth0", "EOPNOTSUPP", "this netmap has no VALE switches");
        assertEquals("no switch has a port\n", GuestTool.run(guest, "vale list"));
    }

    private void assertRefused(String line, String errno, String reason) {
        String said = GuestTool.refused(guest, 4, line);
        assertTrue(said.contains(errno) && said.contains(reason), said);
    }
}
