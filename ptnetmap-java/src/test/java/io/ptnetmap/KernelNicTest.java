// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.kernel.KernelDriver;
import io.ptnetmap.linux.Linux;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two ports of {@code /dev/netmap} whose other ends are joined outside, such as two passed-through interfaces of a virtual
 * machine that are the two ends of one pipe of the host. Nothing is assumed of when a sync at one end shows at the other.
 */
@Timeout(120)
class KernelNicTest {
    /** System properties that name the ports, as for {@link Netmap#open}. */
    static final String LEFT = "tck.left";

    static final String RIGHT = "tck.right";

    private Netmap netmap;
    private NetmapPort left;
    private NetmapPort right;

    @BeforeAll
    static void requirePorts() {
        assumeTrue(KernelDriver.available(), "there is no /dev/netmap here");
        assumeTrue(
                System.getProperty(LEFT) != null && System.getProperty(RIGHT) != null,
                LEFT + " and " + RIGHT + " name no ports that are joined");
    }

    @BeforeEach
    void open() {
        netmap = Netmap.over(new KernelDriver());
        left = netmap.openPort(System.getProperty(LEFT));
        right = netmap.openPort(System.getProperty(RIGHT));
        drain(left);
        drain(right);
    }

    @AfterEach
    void close() {
        netmap.close();
    }

    /** Takes what earlier users have left. */
    private static void drain(NetmapPort port) {
        while (port.poll(Linux.POLLIN, 10_000_000) != 0) {
            port.rxRing(0).advance(port.rxRing(0).available());
            port.rxRing(0).sync();
        }
    }

    /** Sends numbered packets of several sizes and checks that they arrive, all and in order. */
    private static void stream(NetmapPort from, NetmapPort to, int packets) {
        CompletableFuture<Void> sender = CompletableFuture.runAsync(() -> {
            TxRing tx = from.txRing(0);
            for (int number = 0; number < packets; number++) {
                while (!tx.inject(Packets.numbered(number, 60 + number % 200))) {
                    Packets.await(from, Linux.POLLOUT);
                }
                if (number % 16 == 0) {
                    tx.sync();
                }
            }
            tx.sync();
        });
        long expected = 0;
        while (expected < packets) {
            Packets.await(to, Linux.POLLIN);
            for (long number : Packets.receive(to.rxRing(0))) {
                assertEquals(expected++, number);
            }
        }
        sender.join();
    }

    @Test
    void packetsArriveInOrderBothWays() {
        stream(left, right, 20_000);
        stream(right, left, 20_000);
    }

    @Test
    void bothPortsLieInOneRegion() {
        assertEquals(left.memId(), right.memId());
        assertTrue(left.sharesMemoryWith(right));
        assertTrue(left.rxRing(0).sharesMemoryWith(right.txRing(0)));
        Set<Integer> buffers = new HashSet<>();
        for (Ring ring : List.of(left.txRing(0), right.txRing(0))) {
            for (int slot = ring.head(), i = 0; i < ring.available(); i++, slot = ring.next(slot)) {
                assertTrue(buffers.add(ring.bufferIndex(slot)), "each buffer is in one slot");
            }
        }
    }

    @Test
    void forwardingMovesBuffers() {
        Packets.send(left.txRing(0), 7, 60);
        Packets.await(right, Linux.POLLIN);
        RxRing rx = right.rxRing(0);
        int buffer = rx.bufferIndex(rx.head());
        int sent = right.txRing(0).head();
        assertEquals(1, rx.forward(right.txRing(0), 1));
        assertEquals(buffer, right.txRing(0).bufferIndex(sent));
        right.txRing(0).sync();
        rx.sync();
        Packets.await(left, Linux.POLLIN);
        assertEquals(buffer, left.rxRing(0).bufferIndex(left.rxRing(0).head()));
        assertEquals(List.of(7L), Packets.receive(left.rxRing(0)));
    }

    /** Each sleeps until the other has sent, with pauses in which whoever serves the ports may fall asleep. */
    @Test
    void noWakeUpIsLost() throws InterruptedException {
        Random random = new Random(3);
        for (int number = 0; number < 2_000; number++) {
            NetmapPort from = number % 2 == 0 ? left : right;
            NetmapPort to = number % 2 == 0 ? right : left;
            Thread.sleep(0, random.nextInt(1_000_000));
            Packets.send(from.txRing(0), number, 60);
            Packets.await(to, Linux.POLLIN);
            assertEquals(List.of((long) number), Packets.receive(to.rxRing(0)));
        }
    }

    @Test
    void closingWakesWhoPolls() throws InterruptedException {
        CompletableFuture<Integer> polling = CompletableFuture.supplyAsync(() -> left.poll(Linux.POLLIN, -1));
        Thread.sleep(100);
        left.close();
        CompletionException failure = assertThrows(CompletionException.class, polling::join);
        assertTrue(failure.getCause() instanceof NetmapException, failure::toString);
    }

    @Test
    void portsCanBeOpenedAgainAndAgain() {
        for (int i = 0; i < 50; i++) {
            close();
            open();
            stream(left, right, 100);
        }
    }
}
