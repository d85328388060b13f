// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPoller;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tap devices that are given to namespaces, so that the stacks there talk to each other through Java. */
class TapPortTest {
    private static final String LEFT = "ptj" + ProcessHandle.current().pid() % 100_000 + "l";
    private static final String RIGHT = "ptj" + ProcessHandle.current().pid() % 100_000 + "r";

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private TestNetwork network;

    @BeforeEach
    void begin() {
        TestNetwork.assumePossible();
        network = new TestNetwork();
    }

    @AfterEach
    void end() {
        assertTrue(host.audit(1).clean(), () -> host.audit(1).toString());
        network.close();
        netmap.close();
    }

    private String stack(String tap, String name, String address, int mtu) {
        String namespace = network.namespace(name);
        TestNetwork.must("ip", "link", "set", tap, "netns", namespace);
        TestNetwork.in(namespace, "ip", "address", "add", address, "dev", tap);
        TestNetwork.in(namespace, "ip", "link", "set", tap, "mtu", "" + mtu, "up");
        return namespace;
    }

    private static void bridge(NetmapPort left, NetmapPort right, AtomicBoolean stop) {
        try (NetmapPoller poller = new NetmapPoller()) {
            while (!stop.get()) {
                poller.add(left, left.rxRing(0).available() > 0 ? 0 : Linux.POLLIN);
                poller.add(right, right.rxRing(0).available() > 0 ? 0 : Linux.POLLIN);
                poller.await(10_000_000);
                left.rxRing(0).forward(right.txRing(0), 1024);
                right.rxRing(0).forward(left.txRing(0), 1024);
                left.sync();
                right.sync();
            }
        }
    }

    @Test
    void stacksTalkThroughTwoTapsAndNothingIsLost() throws Exception {
        TestNetwork.assumeTool("iperf3");
        try (NetmapPort left = netmap.openPort("tap:" + LEFT);
                NetmapPort right = netmap.openPort("tap:" + RIGHT)) {
            String near = stack(LEFT, "a", "10.9.0.1/24", 1500);
            String far = stack(RIGHT, "b", "10.9.0.2/24", 1500);
            AtomicBoolean stop = new AtomicBoolean();
            Thread thread = new Thread(() -> bridge(left, right, stop), "bridge");
            thread.start();
            try {
                String pings = TestNetwork.in(near, "ping", "-c", "20", "-i", "0.01", "-s", "1400", "10.9.0.2");
                assertTrue(pings.contains("20 received, 0% packet loss"), pings);
                network.start(new ProcessBuilder(TestNetwork.inNamespace(far, "iperf3", "-s", "-1")));
                Linux.poll(-1, 0, 500_000_000);
                String sent = TestNetwork.in(near, "iperf3", "-c", "10.9.0.2", "-n", "30M");
                assertTrue(sent.contains("receiver"), sent);
            } finally {
                stop.set(true);
                thread.join();
            }
            PortCounters counters = left.counters().orElseThrow();
            assertEquals(0, counters.sendDropped());
            assertTrue(counters.received() > 25_000_000 / 1500, counters::toString);
        }
        assertThrows(AssertionError.class, () -> TestNetwork.must("ip", "link", "show", LEFT));
    }

    @Test
    void anInterfaceThatIsRemovedIsReported() {
        try (NetmapPort port = netmap.openPort("tap:" + LEFT)) {
            TestNetwork.must("ip", "link", "del", LEFT);
            NetmapException gone = assertThrows(NetmapException.class, () -> port.poll(Linux.POLLIN, -1));
            assertEquals(Errno.ENXIO, gone.errno());
            assertTrue(gone.getMessage().contains("has been removed"), gone::getMessage);
        }
    }

    @Test
    void whatIsNoTapIsRefused() {
        String link = network.pair().getFirst();
        NetmapException refused = assertThrows(NetmapException.class, () -> netmap.openPort("tap:" + link));
        assertTrue(refused.getMessage().contains("no tap device"), refused::getMessage);
        try (NetmapPort _ = netmap.openPort("tap:" + LEFT)) {
            assertEquals(
                    Errno.EBUSY,
                    assertThrows(NetmapException.class, () -> netmap.openPort("tap:" + LEFT))
                            .errno());
        }
    }
}
