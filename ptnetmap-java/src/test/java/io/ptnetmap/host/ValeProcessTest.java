// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.ChildJvm;
import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A switch whose ports other processes have open. */
@Timeout(120)
class ValeProcessTest {
    private static final long MINE = 0x02_00_00_00_00_01L;
    private static final long CHILD = 0x02_00_00_00_00_99L;
    private static final long PATIENCE = 20_000_000_000L;

    @TempDir
    Path directory;

    private EmbeddedHost host;
    private AttachServer server;
    private NetmapPort mine;

    @BeforeEach
    void begin() {
        host = EmbeddedHost.create();
        server = host.serve(directory.resolve("host.sock"));
        mine = Netmap.over(host).openPort("vale0:mine");
    }

    @AfterEach
    void end() {
        host.close();
    }

    private List<String> ports() {
        return host.valeList().stream().map(SwitchPort::name).toList();
    }

    private static void eventually(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - start < PATIENCE);
            Thread.onSpinWait();
        }
    }

    /** Starts a child and waits until it has introduced itself. */
    private ChildJvm child() {
        ChildJvm child =
                ChildJvm.start(directory, ValeChild.class, server.path().toString(), "vale0:child");
        long start = System.nanoTime();
        while (mine.poll(Linux.POLLIN, 100_000_000L) == 0) {
            child.requireAlive();
            assertTrue(System.nanoTime() - start < PATIENCE);
        }
        assertEquals(60, Frames.receive(mine).getFirst().length);
        return child;
    }

    private void exchange(int count) {
        for (int i = 0; i < count; i++) {
            int length = 14 + i * 7919 % 65_522;
            Frames.send(mine, Frames.frame(CHILD, MINE, i, length));
            assertEquals(Linux.POLLIN, mine.poll(Linux.POLLIN, PATIENCE), "frame " + i);
            assertArrayEquals(
                    Frames.frame(MINE, CHILD, i, length), Frames.receive(mine).getFirst());
        }
    }

    @Test
    void aProcessThatIsKilledLeavesNothing() throws Exception {
        int descriptors = descriptors();
        for (int life = 0; life < 2; life++) {
            try (ChildJvm child = child()) {
                exchange(300);
                assertEquals(List.of("vale0:mine", "vale0:child"), ports());
                child.kill();
            }
            eventually(() -> ports().equals(List.of("vale0:mine")));
            Frames.send(mine, Frames.frame(CHILD, MINE, 1, 60));
            eventually(() -> server.connections() == 0);
        }
        // The loop's, which is there from the first port on that it has served.
        assertEquals(descriptors + 2, descriptors());
    }

    private static int descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.count();
        }
    }

    @Test
    void openingAndClosingLeavesNothing() throws IOException {
        try (AttachClient client = AttachClient.connect(server.path());
                Netmap netmap = Netmap.over(client)) {
            netmap.openPort("vale0:x").close();
            int descriptors = descriptors();
            for (int i = 0; i < 300; i++) {
                try (NetmapPort port = netmap.openPort("vale0:x@conf:rings=2,slots=64", 3)) {
                    assertEquals(3, port.extraBufferCount());
                    assertEquals(2, host.valeList().size());
                }
                assertThrows(NetmapException.class, () -> netmap.openPort("vale0:mine"));
            }
            assertEquals(descriptors, descriptors());
        }
        assertEquals(1, host.valeList().size());
    }

    @Test
    void aHostThatGoesIsReported() throws InterruptedException {
        AttachClient client = AttachClient.connect(server.path());
        NetmapPort port = Netmap.over(client).openPort("vale0:x");
        Thread closer = new Thread(() -> {
            Linux.poll(-1, 0, 100_000_000L);
            host.close();
        });
        closer.start();
        NetmapException gone = assertThrows(NetmapException.class, () -> port.poll(Linux.POLLIN, PATIENCE));
        assertEquals(Errno.ENXIO, gone.errno());
        assertTrue(gone.getMessage().contains("the host that served this port has gone"), gone.getMessage());
        closer.join();
        client.close();
    }

    @Test
    void idlePortsCostNothing() throws InterruptedException {
        try (AttachClient client = AttachClient.connect(server.path());
                Netmap netmap = Netmap.over(client)) {
            NetmapPort port = netmap.openPort("vale0:idle");
            Frames.send(mine, Frames.frame(Frames.BROADCAST, MINE, 1, 60));
            assertEquals(Linux.POLLIN, port.poll(Linux.POLLIN, PATIENCE));
            Thread.sleep(100);
            long before = loopTime();
            Thread.sleep(400);
            long used = loopTime() - before;
            assertTrue(used < 10_000_000, used + " ns of 400 ms");
        }
    }

    private static long loopTime() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().equals("kloop"))
                .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.getThreadId())))
                .sum();
    }

    @Test
    void switchesAreManagedFromElsewhere() {
        try (AttachClient client = AttachClient.connect(server.path())) {
            PortRequest request = new PortRequest("p0", NmreqRegister.NR_REG_ALL_NIC, 0, 0, 0, 64, 32, 2, 1, 0, 0, 0);
            assertEquals(0, client.valeNewif(request));
            assertEquals(1, client.valeAttach(PortRequest.of("vale0:p0", NmreqRegister.NR_REG_ALL_NIC)));
            assertEquals(List.of("vale0:mine", "vale0:p0"), ports());
            Frames.send(mine, Frames.frame(Frames.BROADCAST, MINE, 1, 60));
            assertEquals(host.valeList(), client.valeList());
            try (NetmapPort port = Netmap.over(client).openPort("vale0:p0")) {
                assertEquals(2, port.txRings().size());
            }
            assertEquals(1, client.valeDetach("vale0:p0"));
            assertEquals(SwitchPort.UNATTACHED, client.valeList().getLast().bridge());
            client.valeDelif("p0");
            assertEquals(
                    Errno.ENXIO,
                    assertThrows(LinuxException.class, () -> client.valeDelif("p0"))
                            .errno());
            assertEquals(host.valeList(), client.valeList());
        }
    }
}
