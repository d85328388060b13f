// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Interfaces as ports by XDP sockets. */
class XdpPortTest extends InterfacePortTck {
    XdpPortTest() {
        super(InterfaceMode.XDP);
    }

    private static void with(String property, String value, Runnable test) {
        String before = System.getProperty(property);
        System.setProperty(property, value);
        try {
            test.run();
        } finally {
            if (before == null) {
                System.clearProperty(property);
            } else {
                System.setProperty(property, before);
            }
        }
    }

    private static boolean hasProgram(String link) {
        return TestNetwork.must("ip", "-d", "link", "show", link).contains("prog/xdp");
    }

    @Test
    void whatIsInUseIsSaid() {
        with(InterfaceMode.VARIABLE, "auto", () -> {
            try (NetmapPort a = open(left)) {
                assertTrue(a.path().orElseThrow().copied());
                String said = a.description().orElseThrow();
                assertTrue(
                        said.startsWith("AF_XDP, native, the kernel copies: the driver veth has no zero-copy"), said);
                assertTrue(hasProgram(left));
            }
            assertFalse(hasProgram(left));
        });
        with(InterfaceMode.VARIABLE, "packet," + left + "=xdp-generic", () -> {
            try (NetmapPort a = open(left);
                    NetmapPort b = open(right)) {
                assertTrue(a.description().orElseThrow().startsWith("AF_XDP, generic"));
                assertTrue(b.description().orElseThrow().startsWith("AF_PACKET"));
            }
        });
    }

    @Test
    void whatTheDriverCannotDoIsRefusedWithTheReason() {
        with(InterfaceMode.VARIABLE, "xdp-zerocopy", () -> {
            NetmapException refused = assertThrows(NetmapException.class, () -> open(left));
            assertEquals(Errno.EOPNOTSUPP, refused.errno());
            assertTrue(refused.getMessage().contains("driver"), refused::getMessage);
        });
        with(InterfaceMode.VARIABLE, "best", () -> {
            NetmapException refused = assertThrows(NetmapException.class, () -> open(left));
            assertTrue(refused.getMessage().contains("'best' is none of auto, xdp, "), refused::getMessage);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"net_admin,-sys_admin", "bpf,-sys_admin"})
    void withoutTheRightToProgramsAPacketSocketServes(String capability) {
        TestNetwork.assumeTool("setpriv");
        with(InterfaceMode.VARIABLE, "auto", () -> {
            TestNetwork.Result child = TestNetwork.run(InterfaceChild.command(
                    List.of("setpriv", "--bounding-set=-" + capability, "--inh-caps=-" + capability), "open", left));
            assertTrue(child.output().contains("opened"), child::output);
            assertTrue(child.output().contains("AF_PACKET"), child::output);
            assertTrue(child.output().contains("EPERM"), child::output);
            assertTrue(child.output().contains("CAP_BPF"), child::output);
        });
    }

    @Test
    void withoutAnyRightBothReasonsAreSaid() {
        TestNetwork.assumeTool("setpriv");
        with(InterfaceMode.VARIABLE, "auto", () -> {
            TestNetwork.Result child = TestNetwork.run(InterfaceChild.command(
                    List.of("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"), "open", left));
            assertTrue(child.output().contains("by a packet socket: open interface " + left), child::output);
            assertTrue(child.output().contains("by an XDP socket: socket: EPERM"), child::output);
            assertFalse(child.output().contains("opened"), child::output);
        });
    }

    @ParameterizedTest
    @CsvSource({"2048, 0", "2048, 256", "4096, 256", "4096, 0", "2112, 0", "3008, 256", "9216, 0"})
    void buffersOfAllSizesServeWhereTheyLie(int size, int headroom) {
        List.of(left, right).forEach(link -> TestNetwork.must("ip", "link", "set", link, "mtu", "9000"));
        try (EmbeddedHost other = EmbeddedHost.create(new RegionConfig(16, 1024, 16, 36864, 16384, size, headroom));
                Netmap its = Netmap.over(other)) {
            try (NetmapPort a = its.openPort("netmap:" + left);
                    NetmapPort b = its.openPort("netmap:" + right)) {
                for (int length : new int[] {60, 1514, 1792, 1793, 2048, 2049, 4096, 4097, 9014}) {
                    byte[] frame = frame(length, length);
                    assertTrue(a.txRing(0).inject(MemorySegment.ofArray(frame)));
                    a.txRing(0).sync();
                    assertArrayEquals(frame, receive(b));
                }
                for (int i = 0; i < 5000; i++) {
                    send(a, frame(60 + i % 1400, i));
                    assertArrayEquals(frame(60 + i % 1400, i), receive(b));
                }
                assertEquals(5009, b.counters().orElseThrow().received());
            }
            assertTrue(other.audit(1).clean());
            assertEquals(
                    other.audit(1).total() - Region.FIRST_BUFFER, other.audit(1).free());
        }
    }

    @Test
    void buffersThatAreTooSmallArePassedBy() {
        try (EmbeddedHost other = EmbeddedHost.create(new RegionConfig(16, 1024, 16, 36864, 16384, 1024));
                Netmap its = Netmap.over(other)) {
            NetmapException refused = assertThrows(NetmapException.class, () -> its.openPort("netmap:" + left));
            assertTrue(refused.getMessage().contains("at least 2048"), refused::getMessage);
            with(InterfaceMode.VARIABLE, "auto", () -> {
                try (NetmapPort a = its.openPort("netmap:" + left)) {
                    assertTrue(a.description().orElseThrow().contains("at least 2048"));
                }
            });
        }
    }

    /** Each frame comes in a buffer that was the reserve's, and the slot's goes there. */
    @Test
    void buffersOfFramesAreExchangedNotCopied() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            Set<Integer> seen = new HashSet<>();
            for (int i = 0; i < 3000; i++) {
                int before = b.rxRing(0).bufferIndex(b.rxRing(0).head());
                send(a, frame(60, i));
                b.poll(Linux.POLLIN, SECOND);
                int after = b.rxRing(0).bufferIndex(b.rxRing(0).head());
                assertTrue(before != after);
                seen.add(after);
                b.rxRing(0).advance(1);
            }
            assertTrue(seen.size() > 2000, seen.size() + " buffers have been used");
            BufferAudit audit = host.audit(1);
            assertTrue(audit.clean(), audit::toString);
        }
    }

    @Test
    void theStackGetsNothing() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            // Received by nobody but the port: the interface's own counters of its stack stay.
            with(InterfaceMode.VARIABLE, "packet", () -> {
                try (NetmapPort tap = open(right)) {
                    send(a, frame(60, 1));
                    assertArrayEquals(frame(60, 1), receive(b));
                    assertEquals(0, tap.poll(Linux.POLLIN, SECOND / 20));
                }
            });
        }
    }

    @Test
    void aSecondPortOfTheSameInterfaceIsRefusedWithTheReason() {
        with(InterfaceMode.VARIABLE, "auto", () -> {
            try (NetmapPort a = open(left)) {
                NetmapException refused = assertThrows(NetmapException.class, () -> open(left));
                assertEquals(Errno.EBUSY, refused.errno());
                assertTrue(refused.getMessage().contains("another program"), refused::getMessage);
                assertTrue(a.poll(Linux.POLLOUT, SECOND) != 0);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void framesOfAllQueuesCome(int rings) {
        List<String> pair = network.pair(2);
        try (NetmapPort a = netmap.openPort("netmap:" + pair.get(0) + "@conf:rings=2");
                NetmapPort b = netmap.openPort("netmap:" + pair.get(1) + "@conf:rings=" + rings)) {
            assertTrue(b.description().orElseThrow().endsWith("2 queues"));
            int perQueue = 3000;
            int[] got = new int[2];
            int sent = 0;
            long deadline = System.nanoTime() + 20 * SECOND;
            while (got[0] + got[1] < 2 * perQueue && System.nanoTime() < deadline) {
                // What is sent by queue q of a veth comes by queue q of the other end.
                for (int i = 0; i < 100 && sent < perQueue; i++, sent++) {
                    assertTrue(a.txRing(0).inject(MemorySegment.ofArray(frame(60, 0))));
                    assertTrue(a.txRing(1).inject(MemorySegment.ofArray(frame(61, 0))));
                }
                a.sync();
                b.poll(Linux.POLLIN, SECOND / 10);
                for (int ring = 0; ring < rings; ring++) {
                    for (; b.rxRing(ring).available() > 0; b.rxRing(ring).advance(1)) {
                        int queue = b.rxRing(ring).length(b.rxRing(ring).head()) - 60;
                        assertTrue(rings == 1 || queue == ring, "queue " + queue + " at ring " + ring);
                        got[queue]++;
                    }
                }
            }
            assertEquals(perQueue, got[0]);
            assertEquals(perQueue, got[1]);
        }
        NetmapException refused =
                assertThrows(NetmapException.class, () -> netmap.openPort("netmap:" + left + "@conf:rings=2"));
        assertTrue(refused.getMessage().contains("1 queues"), refused::getMessage);
    }

    @Test
    void oneRingOfSeveralLeavesTheOtherQueuesToTheStack() {
        List<String> pair = network.pair(2);
        try (NetmapPort a = netmap.openPort("netmap:" + pair.get(0) + "@conf:rings=2");
                NetmapPort b = netmap.openPort("netmap:" + pair.get(1) + "-1@conf:rings=2")) {
            assertEquals(1, b.rxRings().size());
            a.txRing(0).inject(MemorySegment.ofArray(frame(60, 0)));
            a.txRing(1).inject(MemorySegment.ofArray(frame(61, 1)));
            a.sync();
            assertArrayEquals(frame(61, 1), receive(b));
            assertEquals(0, b.poll(Linux.POLLIN, SECOND / 20));
        }
    }

    @Test
    void thePollingOfTheDriverWorksToo() {
        with(XdpAdapter.BUSY_POLL, "20", () -> {
            try (NetmapPort a = open(left);
                    NetmapPort b = open(right)) {
                for (int i = 0; i < 1000; i++) {
                    send(a, frame(60, i));
                    assertArrayEquals(frame(60, i), receive(b));
                }
            }
        });
        with(XdpAdapter.BUSY_POLL, "often", () -> {
            NetmapException refused = assertThrows(NetmapException.class, () -> open(left));
            assertTrue(refused.getMessage().contains("microseconds"), refused::getMessage);
        });
    }

    @Test
    void aLongerMtuIsTakenUp() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            send(a, frame(3000, 1));
            assertEquals(1, a.counters().orElseThrow().sendDropped());
            List.of(left, right).forEach(link -> TestNetwork.must("ip", "link", "set", link, "mtu", "9000"));
            a.poll(Linux.POLLIN, SECOND / 20);
            send(a, frame(9014, 2));
            assertArrayEquals(frame(9014, 2), receive(b));
        }
    }

    /** Killed while buffers are in all four rings. */
    @Test
    void aProcessThatDiesLeavesNeitherBuffersNorProgram(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("host.sock");
        host.serve(socket);
        int free = host.audit(1).free();
        for (int round = 0; round < 3; round++) {
            try (NetmapPort b = open(right)) {
                Process child = network.start(
                        new ProcessBuilder(InterfaceChild.command(List.of(), "hold", left, socket.toString()))
                                .redirectErrorStream(true));
                assertTrue(readUntil(child, "holding"));
                for (int i = 0; i < 2000; i++) {
                    b.txRing(0).inject(MemorySegment.ofArray(frame(60, i)));
                    b.sync();
                    b.rxRing(0).advance(b.rxRing(0).available());
                }
                assertTrue(hasProgram(left));
                child.destroyForcibly();
                assertTrue(child.waitFor(10, TimeUnit.SECONDS));
            }
            for (int i = 0; i < 100 && host.audit(1).free() != free; i++) {
                Linux.poll(-1, 0, SECOND / 100);
            }
            BufferAudit audit = host.audit(1);
            assertTrue(audit.clean(), audit::toString);
            assertEquals(free, audit.free());
            assertFalse(hasProgram(left));
        }
    }

    @Test
    void fragmentsOfManySlotsAreSentInOneFrame() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            byte[] frame = frame(640, 1);
            for (int i = 0; i < 64; i++) {
                put(a.txRing(0), frame, 10 * i, 10, i < 63 ? NetmapSlot.NS_MOREFRAG : 0);
            }
            a.txRing(0).sync();
            assertArrayEquals(frame, receive(b));
            for (int i = 0; i < 12; i++) {
                put(a.txRing(0), frame, 50 * i, i % 3 == 2 ? 0 : 50, i < 11 ? NetmapSlot.NS_MOREFRAG : 0);
            }
            a.txRing(0).sync();
            assertEquals(400, receive(b).length);
            for (int i = 0; i < 3000; i++) {
                send(a, frame(100, i));
                receive(b);
            }
        }
    }
}
