// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPoller;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.linux.Linux;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two network stacks that talk through a forwarder in Java, over interfaces with all their offloads on. */
@Timeout(120)
abstract class InterfaceForwarderTck {
    private final InterfaceMode mode;
    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private TestNetwork network;
    private String client;
    private String server;
    private NetmapPort left;
    private NetmapPort right;
    private Thread forwarder;
    private volatile boolean stopped;
    private volatile Throwable failure;

    InterfaceForwarderTck(InterfaceMode mode) {
        this.mode = mode;
    }

    @BeforeAll
    static void canMakeInterfaces() {
        TestNetwork.assumePossible();
    }

    @BeforeEach
    void connect() {
        network = new TestNetwork(mode);
        client = network.namespace("c");
        server = network.namespace("s");
        left = netmap.openPort("netmap:" + network.cable(client, "10.9.0.1/24", "fd00:9::1/64"));
        right = netmap.openPort("netmap:" + network.cable(server, "10.9.0.2/24", "fd00:9::2/64"));
        forwarder = Thread.ofPlatform().name("forwarder").start(this::forward);
    }

    private void forward() {
        try (NetmapPoller poller = new NetmapPoller()) {
            while (!stopped) {
                // With packets left over for lack of room, wait for room instead of more packets.
                poller.add(left, wish(left, right));
                poller.add(right, wish(right, left));
                poller.await(50_000_000);
                forward(left.rxRing(0), right.txRing(0));
                forward(right.rxRing(0), left.txRing(0));
            }
        } catch (RuntimeException | AssertionError thrown) {
            failure = thrown;
        }
    }

    private static int wish(NetmapPort port, NetmapPort other) {
        return (port.rxRing(0).available() == 0 ? Linux.POLLIN : 0)
                | (other.rxRing(0).available() > 0 ? Linux.POLLOUT : 0);
    }

    private static void forward(RxRing from, TxRing to) {
        from.forward(to, Integer.MAX_VALUE);
        to.sync();
        from.sync();
    }

    @AfterEach
    void disconnect() throws Exception {
        stopped = true;
        forwarder.join();
        try {
            assertEquals(null, failure);
            left.close();
            right.close();
            assertTrue(host.audit(1).clean(), () -> host.audit(1).toString());
        } finally {
            netmap.close();
            network.close();
        }
    }

    @Test
    void pingsLoseNothing() {
        TestNetwork.assumeTool("ping");
        for (String address : new String[] {"10.9.0.2", "fd00:9::2"}) {
            for (String size : new String[] {"56", "1400", "9000"}) {
                String said = TestNetwork.in(client, "ping", "-c", "50", "-i", "0.01", "-s", size, "-W", "5", address);
                assertTrue(said.contains("50 received"), said);
            }
        }
    }

    @Test
    void aTcpTransferArrivesIntactWithRightChecksumsEverywhere(@TempDir Path directory) throws Exception {
        TestNetwork.assumeTool("curl");
        TestNetwork.assumeTool("python3");
        TestNetwork.assumeTool("tcpdump");
        TestNetwork.assumeTool("tshark");
        byte[] content = new byte[30 << 20];
        new Random(7).nextBytes(content);
        Path file = Files.write(directory.resolve("file"), content);
        Path capture = directory.resolve("capture.pcap");
        // Behind the forwarder, before the stack: what the Java side has sent.
        Process tcpdump = network.start(new ProcessBuilder(TestNetwork.inNamespace(
                        client,
                        "tcpdump",
                        "-i",
                        "eth0",
                        "-Q",
                        "in",
                        "-c",
                        "5000",
                        "-w",
                        capture.toString(),
                        "port 8000"))
                .redirectErrorStream(true));
        network.start(new ProcessBuilder(TestNetwork.inNamespace(
                        server, "/usr/bin/python3", "-m", "http.server", "--bind", "::", "-d", directory.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD));
        for (String address : new String[] {"10.9.0.2", "[fd00:9::2]"}) {
            Path copy = directory.resolve("copy");
            TestNetwork.in(
                    client,
                    "curl",
                    "-sS",
                    "--retry",
                    "20",
                    "--retry-connrefused",
                    "--retry-delay",
                    "1",
                    "-o",
                    copy.toString(),
                    "http://" + address + ":8000/file");
            assertEquals(-1, Files.mismatch(file, copy));
        }
        assertTrue(tcpdump.waitFor(30, TimeUnit.SECONDS));
        String bad = TestNetwork.must(
                "tshark",
                "-r",
                capture.toString(),
                "-o",
                "tcp.check_checksum:TRUE",
                "-o",
                "ip.check_checksum:TRUE",
                "-Y",
                "tcp.checksum.status == Bad || ip.checksum.status == Bad || frame.len > 1514",
                "-T",
                "fields",
                "-e",
                "frame.number",
                "-e",
                "frame.len",
                "-e",
                "tcp.checksum.status",
                "-e",
                "ip.checksum.status",
                "-e",
                "_ws.col.Info");
        // Beside these lines, tshark may complain of being root.
        assertEquals(
                List.of(), bad.lines().filter(line -> line.matches("\\d+\t.*")).toList());
        assertEquals(0, left.counters().orElseThrow().sendDropped());
        assertEquals(0, right.counters().orElseThrow().receiveDropped());
    }

    @Test
    void udpChecksumsAreRight() throws Exception {
        TestNetwork.assumeTool("iperf3");
        network.start(new ProcessBuilder(TestNetwork.inNamespace(server, "iperf3", "-s", "-1"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD));
        TestNetwork.Result result = new TestNetwork.Result(1, "");
        for (int attempt = 0; attempt < 20 && result.status() != 0; attempt++) {
            Linux.poll(-1, 0, 200_000_000);
            result = TestNetwork.run(TestNetwork.inNamespace(
                    client, "iperf3", "-u", "-b", "20M", "-l", "1200", "-t", "1", "-c", "10.9.0.2"));
        }
        String said = result.output();
        assertEquals(0, result.status(), said);
        String errors = TestNetwork.in(server, "nstat", "-az", "UdpInCsumErrors", "TcpInCsumErrors");
        assertTrue(errors.matches("(?s).*UdpInCsumErrors +0 .*"), errors);
        // What is lost behind the forwarder is not its fault: for want of room in the receiver's socket, or as the
        // receiver is gone.
        String datagrams = TestNetwork.in(server, "nstat", "-az", "UdpInDatagrams", "UdpNoPorts", "UdpRcvbufErrors");
        long arrived = Pattern.compile("(?m)^Udp\\w+ +(\\d+)")
                .matcher(datagrams)
                .results()
                .mapToLong(number -> Long.parseLong(number.group(1)))
                .sum();
        Matcher sent = Pattern.compile("/(\\d+) \\(0%\\) +sender").matcher(said);
        assertTrue(sent.find(), said);
        assertTrue(arrived >= Long.parseLong(sent.group(1)), datagrams + said);
    }
}
