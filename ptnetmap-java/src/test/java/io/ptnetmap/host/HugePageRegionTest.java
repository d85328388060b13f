// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Packets;
import io.ptnetmap.RxRing;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.memory.Memory;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Regions in huge pages of this machine. */
@Tag("alone")
@Timeout(120)
class HugePageRegionTest {
    private static final long PAGE = 2 << 20;
    /** Six pages, control area included. */
    private static final RegionConfig CONFIG =
            new RegionConfig(16, 1024, 16, 36864, 4096, 2048, 256).withHugePages(HugePages.ON);

    private static final int PAGES = 6;
    /** The largest region that a switch makes for a port here, and some. */
    private static final int RESERVE = 32;

    @TempDir
    Path directory;

    private HugePageReserve reserve;

    @BeforeEach
    void setAside() {
        reserve = HugePageReserve.of(RESERVE);
    }

    @AfterEach
    void giveBack() {
        if (reserve != null) {
            reserve.close();
        }
    }

    private static long mapped() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/smaps"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.matches("KernelPageSize: +2048 kB"))
                    .count();
        }
    }

    private static int descriptors() {
        return new File("/proc/self/fd").list().length;
    }

    @Test
    void allPagesAreTakenAtOnceAndGivenBack() throws IOException {
        long free = HugePageReserve.free();
        int before = descriptors();
        long mappings = mapped();
        for (int i = 0; i < 50; i++) {
            EmbeddedHost host = EmbeddedHost.create(CONFIG);
            assertEquals(PAGES, host.pages(1).count(), () -> host.pages(1).toString());
            assertEquals(free - PAGES, HugePageReserve.free());
            assertEquals(mappings + 1, mapped());
            try (AttachClient client = AttachClient.connect(
                            host.serve(directory.resolve("host.sock")).path());
                    Netmap there = Netmap.over(client);
                    NetmapPort left = there.openPort("netmap:x{1");
                    NetmapPort right = Netmap.over(host).openPort("netmap:x}1")) {
                assertEquals(mappings + 2, mapped());
                Packets.send(left.txRing(0), i, 60);
                assertEquals(List.of((long) i), Packets.receive(right.rxRing(0)));
            }
            host.close();
            // Without waiting for the collector: a retired mapping holds no memory.
            assertEquals(free, HugePageReserve.free());
            assertEquals(mappings, mapped());
        }
        assertEquals(before, descriptors());
    }

    @Test
    void aMappingIsOfWholePagesAndReadsZerosWhenItIsRetired() {
        int memfd = Linux.memfdCreate("test", Linux.MFD_CLOEXEC | Linux.hugePages(PAGE));
        try {
            Linux.ftruncate(memfd, 2 * PAGE);
            Mapping mapping = Mapping.of(memfd, PAGE + 1);
            assertEquals(2 * PAGE, mapping.length());
            Memory.putInt(mapping.address() + 2 * PAGE - 4, 42);
            mapping.close();
            assertEquals(0, Memory.getInt(mapping.address() + 2 * PAGE - 4));
        } finally {
            Linux.close(memfd);
        }
    }

    @Test
    void tooFewPagesAreARefusalThatSaysWhatToDo() {
        int before = descriptors();
        RegionConfig large = CONFIG.withBuffers(400_000, 2048);
        LinuxException refused = assertThrows(LinuxException.class, () -> EmbeddedHost.create(large));
        assertEquals(Errno.ENOMEM, refused.errno());
        assertTrue(
                refused.getMessage().contains("are free: as root, echo ")
                        && refused.getMessage().contains("hugepages-2048kB/nr_hugepages"),
                refused::getMessage);
        assertEquals(before, descriptors());
        try (EmbeddedHost small = EmbeddedHost.create(large.withHugePages(HugePages.AUTO))) {
            assertFalse(small.pages(1).huge());
            assertTrue(small.pages(1).toString().startsWith("pages of 4 KiB: 3"), small.pages(1)::toString);
        }
    }

    @Test
    void nobodyCanShrinkIt() {
        Region region = new Region(1, CONFIG);
        try {
            assertEquals(
                    Linux.F_SEAL_SHRINK | Linux.F_SEAL_GROW | Linux.F_SEAL_SEAL,
                    Linux.fcntl(region.memfd(), Linux.F_GET_SEALS, 0));
            assertEquals(
                    Errno.EPERM,
                    assertThrows(LinuxException.class, () -> Linux.ftruncate(region.memfd(), PAGE))
                            .errno());
        } finally {
            region.close();
        }
    }

    /** What a guest maps, and all that another process maps of a port that the host serves. */
    @Test
    void portsThatTheHostServes() throws IOException {
        long free = HugePageReserve.free();
        long mappings = mapped();
        System.setProperty(HugePages.VARIABLE, "auto");
        try (EmbeddedHost host = EmbeddedHost.create(CONFIG);
                AttachClient client = AttachClient.connect(
                        host.serve(directory.resolve("host.sock")).path());
                Netmap there = Netmap.over(client)) {
            try (NetmapPort left = there.openPort("vale0:a");
                    NetmapPort right = Netmap.over(host).openPort("vale0:b")) {
                assertTrue(host.pages(2).huge(), () -> host.pages(2).toString());
                Packets.send(left.txRing(0), 7, 60);
                Packets.await(right, Linux.POLLIN);
                assertEquals(List.of(7L), Packets.receive(right.rxRing(0)));
            }
        } finally {
            System.clearProperty(HugePages.VARIABLE);
        }
        assertEquals(free, HugePageReserve.free());
        assertEquals(mappings, mapped());
    }

    @Test
    void framesOfAnInterfaceAreReceivedIntoIt() {
        TestNetwork.assumePossible();
        try (TestNetwork network = new TestNetwork();
                EmbeddedHost host = EmbeddedHost.create(CONFIG.withBuffers(12_000, 2048));
                Netmap netmap = Netmap.over(host)) {
            List<String> pair = network.pair();
            System.setProperty(InterfaceMode.VARIABLE, "xdp");
            try (NetmapPort left = netmap.openPort("netmap:" + pair.get(0));
                    NetmapPort right = netmap.openPort("netmap:" + pair.get(1))) {
                assertTrue(left.description().orElseThrow().startsWith("AF_XDP, native"));
                for (int i = 0; i < 2000; i++) {
                    byte[] frame = Frames.frame(Frames.BROADCAST, 2L << 40, i, 60 + i % 1400);
                    Frames.send(left, frame);
                    Packets.await(right, Linux.POLLIN);
                    RxRing rx = right.rxRing(0);
                    int slot = rx.head();
                    assertArrayEquals(
                            frame, rx.buffer(slot).asSlice(0, rx.length(slot)).toArray(ValueLayout.JAVA_BYTE));
                    rx.advance(1);
                    rx.sync();
                }
            } finally {
                System.clearProperty(InterfaceMode.VARIABLE);
            }
        }
    }
}
