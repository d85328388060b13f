// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.ChildJvm;
import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Packets;
import io.ptnetmap.TxRing;
import io.ptnetmap.linux.Linux;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ports of every kind are opened, used once and closed, of a host of this process and of one of another's, by turns. Afterwards
 * neither process has more descriptors or mappings than before, and every buffer is free.
 */
class OpenCloseTest {
    /** Mappings that a JVM makes and gives back by itself. */
    private static final int OWN_MAPPINGS = 40;

    private static final int WARM_UP = 10;
    private static final int MANY_BUFFERS = 200_000;

    @TempDir
    Path directory;

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap here = Netmap.over(host);
    private final Map<String, Runnable> kinds = new LinkedHashMap<>();
    private TestNetwork network;
    private ChildJvm child;
    private Netmap there;

    @BeforeEach
    void begin() throws IOException {
        TestNetwork.assumePossible();
        network = new TestNetwork();
        Path socket = directory.resolve("host.sock");
        child = ChildJvm.start(directory, StandaloneHost.class, socket.toString());
        there = connect(socket);
        List<String> pair = network.pair();
        System.setProperty(InterfaceMode.VARIABLE, "packet," + pair.get(0) + "=xdp");
        Path capture = directory.resolve("out.pcap");
        kinds.put("pipe", () -> pipe(here));
        kinds.put("pipe of the other host", () -> pipe(there));
        kinds.put("switch", () -> vale(here));
        kinds.put("switch of the other host, by CSB", () -> vale(there));
        kinds.put("interface, AF_XDP", () -> use(here, "netmap:" + pair.get(0)));
        kinds.put("interface, AF_PACKET", () -> use(here, "netmap:" + pair.get(1)));
        kinds.put("interface, rings of the other host", () -> use(there, "netmap:" + pair.get(1)));
        kinds.put("host stack", () -> use(here, "netmap:" + pair.get(1) + "^"));
        kinds.put("tap", () -> use(here, "tap:popenclose"));
        kinds.put("capture written", () -> use(here, "pcap:" + capture + "/T"));
        kinds.put("capture read", () -> use(here, "pcap:" + capture));
        kinds.put("null", () -> use(there, "null"));
        kinds.put("monitor", () -> monitor(here, "t"));
        kinds.put("monitor without copying", () -> monitor(here, "z"));
        kinds.put("monitor of the other host", () -> monitor(there, "rt"));
    }

    private Netmap connect(Path socket) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (true) {
            child.requireAlive();
            try {
                return Netmap.over(AttachClient.connect(socket));
            } catch (RuntimeException notYet) {
                if (System.nanoTime() > deadline) {
                    throw notYet;
                }
                Linux.poll(-1, 0, 10_000_000);
            }
        }
    }

    @AfterEach
    void end() {
        System.clearProperty(InterfaceMode.VARIABLE);
        if (network != null) {
            there.close();
            child.close();
            here.close();
            network.close();
        }
    }

    private static void use(Netmap netmap, String name) {
        try (NetmapPort port = netmap.openPort(name)) {
            for (TxRing tx : port.txRings()) {
                tx.inject(MemorySegment.ofArray(Frames.frame(Frames.BROADCAST, 2L << 40, 1, 60)));
            }
            port.sync();
        }
    }

    private static void pipe(Netmap netmap) {
        try (NetmapPort left = netmap.openPort("netmap:x{1", 8);
                NetmapPort right = netmap.openPort("netmap:x}1")) {
            Packets.send(left.txRing(0), 1, 60);
            assertEquals(List.of(1L), Packets.receive(right.rxRing(0)));
        }
    }

    private static void vale(Netmap netmap) {
        try (NetmapPort left = netmap.openPort("vale0:a");
                NetmapPort right = netmap.openPort("vale0:b")) {
            Packets.send(left.txRing(0), 1, 60);
            Packets.await(right, Linux.POLLIN);
            assertEquals(List.of(1L), Packets.receive(right.rxRing(0)));
        }
    }

    private static void monitor(Netmap netmap, String flags) {
        try (NetmapPort left = netmap.openPort("netmap:x{1");
                NetmapPort right = netmap.openPort("netmap:x}1");
                NetmapPort monitor = netmap.openPort("netmap:x{1/" + flags)) {
            Packets.send(left.txRing(0), 1, 60);
            assertEquals(List.of(1L), Packets.receive(right.rxRing(0)));
            left.sync();
            assertEquals(List.of(1L), Packets.receive(monitor.rxRing(0)));
        }
    }

    /** How many buffers the other host can give out. */
    private int freeThere() {
        try (NetmapPort port = there.openPort("netmap:count{1@conf:slots=8", MANY_BUFFERS)) {
            return port.extraBufferCount();
        }
    }

    private record Holdings(long descriptors, long mappings) {
        static Holdings of(long pid) throws IOException {
            Path process = Path.of("/proc", Long.toString(pid));
            try (Stream<Path> open = Files.list(process.resolve("fd"));
                    Stream<String> lines = Files.lines(process.resolve("maps"), StandardCharsets.ISO_8859_1)) {
                return new Holdings(open.count(), lines.count());
            }
        }
    }

    private void cycles(int count) throws IOException {
        List<Runnable> all = new ArrayList<>(kinds.values());
        for (int i = 0; i < WARM_UP * all.size(); i++) {
            all.get(i % all.size()).run();
        }
        long me = ProcessHandle.current().pid();
        int free = freeThere();
        System.gc();
        Linux.poll(-1, 0, 200_000_000);
        Holdings mine = Holdings.of(me);
        Holdings others = Holdings.of(child.pid());
        Map<String, Long> nanos = new LinkedHashMap<>();
        List<String> names = new ArrayList<>(kinds.keySet());
        for (int i = 0; i < count; i++) {
            String name = names.get(i % names.size());
            long start = System.nanoTime();
            try {
                kinds.get(name).run();
            } catch (NetmapException | AssertionError failure) {
                throw new AssertionError(name + ", cycle " + i, failure);
            }
            nanos.merge(name, System.nanoTime() - start, Long::sum);
        }
        assertEquals(free, freeThere(), "buffers of the other host");
        BufferAudit audit = host.audit(1);
        assertTrue(audit.clean(), audit::toString);
        assertEquals(audit.total() - Region.FIRST_BUFFER, audit.free());
        assertEquals(others.descriptors(), Holdings.of(child.pid()).descriptors(), "descriptors of the other host");
        assertEquals(mine.descriptors(), Holdings.of(me).descriptors(), "descriptors of this process");
        // Mappings are given back when nothing can reach them.
        for (int i = 0; i < 100 && Holdings.of(me).mappings() > mine.mappings() + OWN_MAPPINGS; i++) {
            System.gc();
            Linux.poll(-1, 0, 20_000_000);
        }
        Holdings after = Holdings.of(me);
        assertTrue(after.mappings() <= mine.mappings() + OWN_MAPPINGS, () -> mine + ", then " + after);
        TestNetwork.must(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(child.pid()),
                "GC.run");
        for (int i = 0; i < 100 && Holdings.of(child.pid()).mappings() > others.mappings() + OWN_MAPPINGS; i++) {
            Linux.poll(-1, 0, 20_000_000);
        }
        Holdings othersAfter = Holdings.of(child.pid());
        assertTrue(othersAfter.mappings() <= others.mappings() + OWN_MAPPINGS, () -> others + ", then " + othersAfter);
        nanos.forEach((name, sum) -> System.out.printf(
                "%s: %d cycles, %.2f ms each%n", name, count / names.size(), sum / 1e6 / (count / names.size())));
        System.out.printf("%d cycles: %s and %s, then %s and %s%n", count, mine, others, after, othersAfter);
    }

    @Test
    @Timeout(120)
    void aFewCyclesLeaveNothing() throws IOException {
        cycles(150);
    }

    @Test
    @Tag("soak")
    @Timeout(900)
    void tenThousandCyclesLeaveNothing() throws IOException {
        cycles(10_000);
    }
}
