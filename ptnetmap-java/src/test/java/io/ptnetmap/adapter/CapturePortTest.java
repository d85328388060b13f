// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.adapter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.capture.CaptureFormat;
import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.capture.CaptureWriter;
import io.ptnetmap.capture.TimestampPrecision;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CapturePortTest {
    private static final long START = 1_700_000_000_123_456_789L;

    @TempDir
    Path directory;

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);

    @AfterEach
    void nothingIsLost() {
        assertTrue(host.audit(1).clean(), () -> host.audit(1).toString());
        netmap.close();
    }

    private Path capture(int packets, int... lengths) {
        Path file = directory.resolve("in.pcap");
        try (Arena arena = Arena.ofConfined();
                CaptureWriter writer =
                        CaptureWriter.create(file, CaptureFormat.PCAP, TimestampPrecision.NANO, 262_144)) {
            MemorySegment bytes = arena.allocate(262_144);
            for (int i = 0; i < packets; i++) {
                int length = lengths[i % lengths.length];
                for (int k = 0; k < length; k++) {
                    bytes.set(ValueLayout.JAVA_BYTE, k, (byte) (i * 31 + k));
                }
                writer.write(bytes.address(), length, length, START + i);
            }
        }
        return file;
    }

    @Test
    void aFileGoesThroughAPipeIntoAnother() throws IOException {
        int packets = 5_000;
        Path in = capture(packets, 60, 1514, 14, 9000, 2048, 2049);
        Path out = directory.resolve("out.pcap");
        try (NetmapPort from = netmap.openPort("pcap:" + in);
                NetmapPort left = netmap.openPort("netmap:x{1");
                NetmapPort right = netmap.openPort("netmap:x}1");
                NetmapPort to = netmap.openPort("pcap:" + out + "/T")) {
            assertTrue(from.sharesMemoryWith(left));
            int ready = 0;
            while ((ready & (Linux.POLLHUP | Linux.POLLIN)) != Linux.POLLHUP) {
                ready = from.poll(Linux.POLLIN, -1);
                from.rxRing(0).forward(left.txRing(0), 1024);
                left.sync();
                right.sync();
                right.rxRing(0).forward(to.txRing(0), 1024);
                to.sync();
            }
            while (right.rxRing(0).available() > 0 || !left.txRing(0).drained()) {
                left.sync();
                right.sync();
                right.rxRing(0).forward(to.txRing(0), 1024);
                to.sync();
            }
            assertEquals(new PortCounters(packets, 0, 0, 0), from.counters().orElseThrow());
            assertEquals(new PortCounters(0, 0, packets, 0), to.counters().orElseThrow());
        }
        assertArrayEquals(Files.readAllBytes(in), Files.readAllBytes(out), "bytes or timestamps have changed");
    }

    @Test
    void theEndIsReportedWhileAndAfterPacketsAreLeft() {
        try (NetmapPort port = netmap.openPort("pcap:" + capture(3, 100))) {
            RxRing rx = port.rxRing(0);
            assertEquals(Linux.POLLIN | Linux.POLLHUP, port.poll(Linux.POLLIN, -1));
            assertEquals(3, rx.available());
            assertEquals(START, rx.ptr(0));
            rx.advance(3);
            assertEquals(Linux.POLLHUP, port.poll(Linux.POLLIN, -1));
            assertEquals(Linux.POLLHUP, port.poll(Linux.POLLIN, 0));
        }
    }

    @Test
    void packetsAreCutToTheSnaplenAndDated() {
        Path out = directory.resolve("out.pcap");
        try (Arena arena = Arena.ofConfined();
                NetmapPort port = netmap.openPort("pcap:" + out + "/T@snaplen=96")) {
            TxRing tx = port.txRing(0);
            assertTrue(tx.inject(arena.allocate(60)));
            assertTrue(tx.inject(arena.allocate(3000)));
            // An incomplete packet waits for its end.
            int slot = tx.head();
            tx.length(slot, 100, NetmapSlot.NS_MOREFRAG);
            tx.advance(1);
            tx.sync();
            assertEquals(1, tx.pending());
            port.poll(Linux.POLLIN, 0);
            try (CaptureReader reader = CaptureReader.open(out)) {
                assertTrue(reader.next(), "nothing has been written before the sleep");
            }
        }
        long now = System.currentTimeMillis();
        try (CaptureReader reader = CaptureReader.open(out)) {
            assertTrue(reader.next());
            assertEquals(60, reader.length());
            assertEquals(now / 1e3, reader.timestampNanos() / 1e9, 60);
            assertTrue(reader.next());
            assertEquals(96, reader.length());
            assertEquals(3000, reader.originalLength());
            assertEquals(false, reader.next());
        }
    }

    @Test
    void anEndlessPacketAndBadSlotsAreDropped() {
        try (NetmapPort port = netmap.openPort("pcap:" + directory.resolve("out.pcap") + "/T")) {
            TxRing tx = port.txRing(0);
            for (int i = 0; i < 65; i++) {
                tx.length(tx.fromHead(i), 10, NetmapSlot.NS_MOREFRAG);
            }
            tx.length(tx.fromHead(65), 10, 0);
            tx.advance(66);
            tx.sync();
            int slot = tx.head();
            long good = tx.descriptor(slot);
            tx.descriptor(slot, NetmapSlot.descriptor(0x7fff_ffff, 60, 0));
            tx.advance(1);
            assertEquals(Linux.POLLERR | Linux.POLLOUT, port.poll(Linux.POLLOUT, 0));
            tx.descriptor(slot, good);
            PortCounters counters = port.counters().orElseThrow();
            // 65 slots are given up at once, the last one is a packet of its own.
            assertEquals(1, counters.sent());
            assertEquals(2, counters.sendDropped());
        }
    }

    @Test
    void whatTheRingCannotHoldIsDropped() {
        try (NetmapPort port = netmap.openPort("pcap:" + capture(4, 9000, 60) + "@conf:rx-slots=4")) {
            assertEquals(Linux.POLLIN | Linux.POLLHUP, port.poll(Linux.POLLIN, -1));
            assertEquals(2, port.rxRing(0).available());
            assertEquals(new PortCounters(2, 2, 0, 0), port.counters().orElseThrow());
        }
    }

    @Test
    void aCorruptFileIsReadUpToThere() throws IOException {
        Path file = capture(2, 100);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        try (NetmapPort port = netmap.openPort("pcap:" + file)) {
            assertEquals(Linux.POLLIN | Linux.POLLHUP, port.poll(Linux.POLLIN, -1));
            assertEquals(1, port.rxRing(0).available());
            port.rxRing(0).advance(1);
            NetmapException corrupt = assertThrows(NetmapException.class, () -> port.poll(Linux.POLLIN, -1));
            assertEquals(Errno.EIO, corrupt.errno());
            assertTrue(corrupt.getMessage().contains("packet 2 at byte 140: the file ends"), corrupt::getMessage);
        }
    }

    @Test
    void filesThatCannotBeOpenedAreNamed() {
        NetmapException missing = assertThrows(NetmapException.class, () -> netmap.openPort("pcap:/none/a.pcap"));
        assertEquals(Errno.ENOENT, missing.errno());
        assertTrue(missing.getMessage().contains("/none/a.pcap: cannot be opened: no such file"), missing::getMessage);
        assertThrows(NetmapException.class, () -> netmap.openPort("pcap:/none/a.pcap/T"));
    }

    @Test
    void nowhereTakesEverything() {
        try (NetmapPort port = netmap.openPort("null");
                Arena arena = Arena.ofConfined()) {
            TxRing tx = port.txRing(0);
            for (int i = 0; i < 10_000; i++) {
                if (!tx.inject(arena.allocate(60))) {
                    tx.sync();
                    assertTrue(tx.drained());
                    assertTrue(tx.inject(arena.allocate(60)));
                }
            }
            tx.sync();
            assertEquals(10_000, port.counters().orElseThrow().sent());
            assertEquals(0, port.poll(Linux.POLLIN, 1_000_000));
        }
    }

    @Test
    void scratchRingsHaveAName() {
        try (NetmapPort port = netmap.openPort("scratch@conf:tx-rings=2,tx-slots=64", 5)) {
            assertEquals(2, port.txRings().size());
            assertEquals(63, port.txRing(1).available());
            assertEquals(5, port.extraBufferCount());
            port.txRing(0).advance(63);
            port.sync();
            assertEquals(0, port.txRing(0).available());
        }
    }

    @Test
    void closingWakesWhoSleeps() throws InterruptedException {
        NetmapPort port = netmap.openPort("null");
        Thread sleeper = new Thread(() -> assertThrows(NetmapException.class, () -> port.poll(Linux.POLLIN, -1)));
        sleeper.start();
        Thread.sleep(100);
        port.close();
        sleeper.join(5_000);
        assertEquals(false, sleeper.isAlive());
    }
}
