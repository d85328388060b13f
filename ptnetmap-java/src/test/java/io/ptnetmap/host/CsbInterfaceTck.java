// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Packets;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An interface that the host serves through a CSB: one end of a veth pair, the other is an ordinary port. */
@Timeout(60)
abstract class CsbInterfaceTck {
    private static final long PATIENCE = 10_000_000_000L;

    private final InterfaceMode mode;

    @TempDir
    Path directory;

    private TestNetwork network;
    private String left;
    private EmbeddedHost host;
    private Netmap netmap;
    private NetmapPort right;
    private CsbClient client;
    private CsbClient.Port port;
    private CsbUser tx;
    private CsbUser rx;

    CsbInterfaceTck(InterfaceMode mode) {
        this.mode = mode;
    }

    @BeforeAll
    static void canMakeInterfaces() {
        TestNetwork.assumePossible();
    }

    @BeforeEach
    void begin() {
        network = new TestNetwork(mode);
        List<String> pair = network.pair();
        left = pair.get(0);
        host = EmbeddedHost.create();
        netmap = Netmap.over(host);
        client = CsbClient.connect(host.serve(directory.resolve("host.sock")).path());
        port = client.open(left, 16);
        port.start();
        tx = CsbUser.tx(port);
        rx = CsbUser.rx(port);
        tx.begin();
        rx.begin();
        right = netmap.openPort("netmap:" + pair.get(1));
    }

    @AfterEach
    void end() {
        client.close();
        port.close();
        host.close();
        network.close();
    }

    private void roundTrip(int number) {
        Packets.send(right.txRing(0), number, 60 + number);
        long start = System.nanoTime();
        assertTrue(rx.available() > 0 || rx.await(PATIENCE));
        assertTrue(System.nanoTime() - start < PATIENCE, "a wake-up is lost");
        assertEquals(60 + number, NetmapSlot.len(NetmapSlot.read(rx.slot(rx.head))));
        rx.advance(1);
        long slot = tx.slot(tx.head);
        NetmapSlot.write(slot, NetmapSlot.descriptor(NetmapSlot.bufIdx(NetmapSlot.read(slot)), 100 + number, 0));
        tx.advance(1);
        Packets.await(right, Linux.POLLIN);
        assertEquals(100 + number, right.rxRing(0).length(right.rxRing(0).head()));
        right.rxRing(0).advance(1);
        right.rxRing(0).sync();
        tx.refresh();
    }

    @Test
    void framesGoBothWays() {
        for (int number = 0; number < 200; number++) {
            roundTrip(number);
        }
    }

    @Test
    void aUserWhoDoesNotReceiveCostsTheHostNothing() throws InterruptedException {
        for (int i = 0; i < 30; i++) {
            Packets.send(right.txRing(0), i, 60);
        }
        while (rx.available() < rx.slots - 1) {
            assertTrue(rx.await(PATIENCE));
        }
        Thread loop = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("kloop"))
                .findFirst()
                .orElseThrow();
        long before = ManagementFactory.getThreadMXBean().getThreadCpuTime(loop.threadId());
        for (int i = 0; i < 500; i++) {
            Packets.send(right.txRing(0), i, 60);
            Thread.sleep(1);
        }
        long used = ManagementFactory.getThreadMXBean().getThreadCpuTime(loop.threadId()) - before;
        assertTrue(used < 10_000_000, used + " ns while 500 frames could not be received");
        for (int i = 0; i < 30; i++) {
            assertTrue(rx.available() > 0 || rx.await(PATIENCE), "what the socket has kept comes when there is room");
            rx.advance(1);
        }
    }

    @Test
    void anInterfaceThatComesBackGoesOn() {
        roundTrip(1);
        TestNetwork.must("ip", "link", "set", left, "down");
        tx.advance(1);
        TestNetwork.must("ip", "link", "set", left, "up");
        TestNetwork.awaitCarrier("ip", "link", "show", left);
        right.poll(Linux.POLLIN, 0);
        right.rxRing(0).advance(right.rxRing(0).available());
        right.rxRing(0).sync();
        roundTrip(2);
    }

    @Test
    void anInterfaceThatIsMissingIsRefused() {
        LinuxException refusal = assertThrows(LinuxException.class, () -> client.open("nosuchinterface", 0));
        assertEquals(Errno.ENXIO, refusal.errno());
        assertTrue(refusal.getMessage().contains("no such interface"), refusal.getMessage());
    }
}
