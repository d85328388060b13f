// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.ChildJvm;
import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import java.io.BufferedReader;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A namespace whose interface is bridged to its own stack by a Java program there, and another namespace at the other end. */
class HostStackTest {
    private TestNetwork network;
    private String near;
    private String far;

    @BeforeEach
    void begin() {
        TestNetwork.assumePossible();
        network = new TestNetwork();
        near = network.namespace("near");
        far = network.namespace("far");
        String link = network.cable(far, "10.8.0.2/24");
        TestNetwork.must("ip", "link", "set", link, "netns", near, "name", "eth0");
        TestNetwork.in(near, "ip", "address", "add", "10.8.0.1/24", "dev", "eth0");
        TestNetwork.in(near, "ip", "link", "set", "eth0", "up");
        TestNetwork.awaitCarrier(TestNetwork.inNamespace(near, "ip", "link", "show", "eth0"));
    }

    @AfterEach
    void end() {
        network.close();
    }

    private Process bridge() throws Exception {
        Process bridge = network.start(new ProcessBuilder(TestNetwork.inNamespace(
                        near,
                        ChildJvm.command(List.of(), HostStackBridge.class, "eth0")
                                .toArray(String[]::new)))
                .redirectErrorStream(true));
        BufferedReader output = bridge.inputReader();
        String line = output.readLine();
        while (line != null && !line.equals("ready")) {
            line = output.readLine();
        }
        assertEquals("ready", line);
        return bridge;
    }

    private String ping(int count) {
        return TestNetwork.run(
                        TestNetwork.inNamespace(near, "ping", "-c", "" + count, "-i", "0.01", "-W", "1", "10.8.0.2"))
                .output();
    }

    @Test
    void theStackTalksThroughTheBridgeOnly() throws Exception {
        TestNetwork.assumeTool("iperf3");
        Process bridge = bridge();
        String pings = ping(20);
        assertTrue(pings.contains("20 received, 0% packet loss"), pings);
        assertFalse(pings.contains("duplicates"), pings);
        network.start(new ProcessBuilder(TestNetwork.inNamespace(far, "iperf3", "-s", "-1")));
        Linux.poll(-1, 0, 500_000_000);
        String sent = TestNetwork.in(near, "iperf3", "-c", "10.8.0.2", "-n", "20M");
        assertTrue(sent.contains("receiver"), sent);
        bridge.getOutputStream().write('\n');
        bridge.getOutputStream().flush();
        Matcher counters = Pattern.compile("received=(\\d+), receiveDropped=0, sent=(\\d+), sendDropped=0")
                .matcher(bridge.inputReader().readLine());
        assertTrue(counters.find());
        assertTrue(Long.parseLong(counters.group(1)) > 15_000_000 / 1500, counters::group);
        assertEquals(0, bridge.waitFor());
        assertTrue(ping(3).contains("3 received"), "the interface is not as it was");
    }

    @Test
    void aProcessThatIsKilledLeavesNothingBehind() throws Exception {
        Process first = bridge();
        first.descendants().forEach(ProcessHandle::destroyForcibly);
        first.destroyForcibly().waitFor();
        assertTrue(ping(3).contains("3 received"), "the interface is not as it was");
        bridge();
        assertTrue(ping(5).contains("5 received"));
    }

    @Test
    void anInterfaceThatIsNotThereIsRefused() {
        try (Netmap netmap = Netmap.over(EmbeddedHost.create())) {
            NetmapException refused = assertThrows(NetmapException.class, () -> netmap.openPort("netmap:none0^"));
            assertEquals(Errno.ENXIO, refused.errno());
            assertTrue(refused.getMessage().contains("there is no interface none0"), refused::getMessage);
        }
    }
}
