// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains between two ports, seen from outside: packets of every length in both directions, idleness and wake-ups. */
class PortChainTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path directory;

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private final FunctionRegistry functions = FunctionRegistry.open();
    private final NetmapPort before = netmap.openPort("netmap:in{1");
    private NetmapPort behind;
    private Engine engine;

    private void start(String middle, String port) throws Exception {
        Path file = Files.writeString(directory.resolve("chain.yaml"), """
                chain: ports
                functions:
                  - {name: left, port: 'netmap:in}1'}
                %s
                  - {name: right, port: '%s'}
                """.formatted(middle, port));
        engine = Engine.builder(netmap)
                .build(ChainDescriptor.read(file).resolve(functions, List.of()), node -> true, functions);
        behind = netmap.openPort("netmap:out}1");
        engine.start();
    }

    @AfterEach
    void close() {
        engine.close();
        functions.close();
        netmap.close();
        host.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "  - {type: pass}",
                "  - {type: pass, worker: 1, link: {slots: 64}}",
                "  - {type: pass, link: {type: pipe, slots: 64}}",
                """
                      - {type: pass, worker: 1}
                      - parallel: [{type: observer, worker: 2}, {name: second, type: observer, worker: 3}]
                      - {name: behind, type: pass, link: {slots: 128}}
                    """,
            })
    void packetsOfEveryLengthPassUnchangedBothWays(String middle) throws Exception {
        start(middle.stripTrailing(), "netmap:out{1");
        Random random = new Random(7);
        int[] lengths = {0, 1, 60, 2047, 2048, 2049, 4096, 9000, 40_000};
        for (int round = 0; round < 200; round++) {
            byte[] there = new byte[lengths[random.nextInt(lengths.length)]];
            byte[] back = new byte[lengths[random.nextInt(lengths.length)]];
            random.nextBytes(there);
            random.nextBytes(back);
            send(before, there);
            send(behind, back);
            assertArrayEquals(there, receive(behind));
            assertArrayEquals(back, receive(before));
        }
        assertEverythingAccounted(400, 400, 0);
    }

    @Test
    void packetsTooLongForTheFarSideAreDroppedAndCounted() throws Exception {
        start("  - {type: pass, worker: 1, link: {slots: 4}}", "netmap:out{1@conf:slots=8");
        send(before, new byte[5 * 2048]);
        send(before, new byte[100]);
        assertEquals(100, receive(behind).length);
        send(behind, new byte[3 * 2048]);
        assertEquals(3 * 2048, receive(before).length);
        assertEverythingAccounted(3, 2, 1);
    }

    @Test
    void packetsTooLongForAnOutsidePortAreNotCountedAsSent() throws Exception {
        start("  - {type: pass}", "netmap:out{1@conf:slots=4");
        send(before, new byte[5 * 2048]);
        send(before, new byte[100]);
        assertEquals(100, receive(behind).length);
        assertEverythingAccounted(2, 1, 1);
        assertEquals(1, engine.hops("same").getLast().drops().get("too-long"));
    }

    @Test
    void anIdleChainUsesNextToNoProcessor() throws Exception {
        start("  - {type: pass, worker: 1}", "netmap:out{1");
        Thread.sleep(200);
        long busy = workersCpuNanos();
        Thread.sleep(1000);
        busy = workersCpuNanos() - busy;
        assertTrue(busy < SECOND / 10, "an idle second took " + busy / 1_000_000 + " ms");
    }

    @Test
    void aPacketAfterSilencePassesAtOnce() throws Exception {
        start("""
                  - {type: pass, worker: 1}
                  - parallel: [{type: observer, worker: 2}, {name: second, type: observer, worker: 3}]
                  - {name: behind, type: pass}
                """.stripTrailing(), "netmap:out{1");
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            Thread.sleep(500);
            long sent = System.nanoTime();
            send(before, new byte[60]);
            receive(behind);
            fastest = Math.min(fastest, System.nanoTime() - sent);
        }
        // Five wake-ups in a row. Without them, each worker would look again at its next tick, 50 ms later.
        assertTrue(fastest < 20_000_000, "took " + fastest / 1000 + " us");
    }

    private static void send(NetmapPort port, byte[] packet) {
        assertTrue(port.txRing(0).inject(MemorySegment.ofArray(packet)), "room to send");
        port.txRing(0).sync();
    }

    private static byte[] receive(NetmapPort port) {
        RxRing rx = port.rxRing(0);
        if (rx.available() == 0) {
            port.poll(Linux.POLLIN, 5 * SECOND);
        }
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        boolean more;
        do {
            assertTrue(rx.available() != 0, "a packet in time");
            int slot = rx.head();
            packet.writeBytes(rx.buffer(slot).asSlice(0, rx.length(slot)).toArray(ValueLayout.JAVA_BYTE));
            more = (rx.flags(slot) & NetmapSlot.NS_MOREFRAG) != 0;
            rx.advance(1);
        } while (more);
        rx.sync();
        return packet.toByteArray();
    }

    private void assertEverythingAccounted(long entered, long left, long dropped) throws InterruptedException {
        Thread.sleep(Duration.ofMillis(20));
        assertEquals(new Conservation(entered, 0, left, dropped, 0, 0), engine.conservation());
        for (Hop hop : engine.hops("same")) {
            assertEquals(0, hop.unaccounted(), hop::toString);
        }
    }

    private static long workersCpuNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("worker-"))
                .mapToLong(thread -> threads.getThreadCpuTime(thread.threadId()))
                .sum();
    }
}
