// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.pcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.capture.CaptureException;
import io.ptnetmap.capture.CaptureFormat;
import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.capture.TimestampPrecision;
import io.ptnetmap.functions.Allocation;
import io.ptnetmap.functions.RandomPackets;
import io.ptnetmap.functions.TestBatch;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.PacketBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapFunctionsTest {
    private static final long START = 1_700_000_000_000_000_000L;

    @TempDir
    Path directory;

    private TestBatch batch;

    @BeforeEach
    void emptyBatch() {
        batch = new TestBatch(directory);
    }

    @Test
    void replaysWhatWasRecordedThroughRandomPackets() {
        RandomPackets written = new RandomPackets(1);
        int batches = 400;
        PcapSink sink = sink(CaptureFormat.PCAPNG, 262_144);
        for (int i = 0; i < batches; i++) {
            batch.clear();
            for (int j = 0; j < PacketBatch.MAX_SIZE; j++) {
                byte[] packet = written.next();
                batch.add(packet, packet.length, START + i);
            }
            batch.run(sink);
            assertEquals("consumed", batch.verdict(0));
            assertEquals("consumed", batch.verdict(PacketBatch.MAX_SIZE - 1));
        }
        sink.stop();
        assertEquals((long) batches * PacketBatch.MAX_SIZE, sink.report().get("packets"));

        RandomPackets expected = new RandomPackets(1);
        PcapSource source = source(0, 1, 0);
        long replayed = 0;
        while (!source.exhausted()) {
            batch.clear().run(source);
            for (int i = 0; i < batch.created(); i++) {
                assertArrayEquals(expected.next(), batch.bytes(i));
                assertEquals(
                        START + replayed / PacketBatch.MAX_SIZE, batch.packet(i).timestampNanos());
                replayed++;
            }
        }
        assertEquals((long) batches * PacketBatch.MAX_SIZE, replayed);
        assertEquals(replayed, source.report().get("packets"));
    }

    @Test
    void packetsWithoutTimestampAreDatedByTheClock() {
        PcapSink sink = sink(CaptureFormat.PCAP, 100);
        long before = System.currentTimeMillis();
        batch.add(new byte[60]).run(sink);
        batch.advance(5_000_000_000L);
        batch.run(sink);
        sink.stop();
        try (CaptureReader reader = CaptureReader.open(directory.resolve("capture"))) {
            assertTrue(reader.next());
            long first = reader.timestampNanos();
            assertEquals(before / 1e3, first / 1e9, 60);
            assertTrue(reader.next());
            assertEquals(first + 5_000_000_000L, reader.timestampNanos());
        }
    }

    @Test
    void tickMakesARecordingVisible() throws IOException {
        PcapSink sink = sink(CaptureFormat.PCAP, 100);
        batch.add(new byte[60]).run(sink);
        sink.tick(batch.nowNanos());
        assertEquals(24 + 16 + 60, Files.size(directory.resolve("capture")));
        sink.stop();
    }

    @Test
    void waitsForRoom() {
        record(10, 0);
        PcapSource source = source(0, 1, 0);
        batch.room(3);
        int total = 0;
        for (int i = 0; i < 4; i++) {
            assertFalse(source.exhausted());
            total += batch.clear().run(source).created();
        }
        assertEquals(10, total);
        assertTrue(source.exhausted());
    }

    @Test
    void keepsTheRecordedRhythm() {
        record(10, 1_000);
        assertRhythm(1, 1_000);
        assertRhythm(2, 500);
        assertRhythm(0.5, 2_000);
    }

    private void assertRhythm(double speed, long gap) {
        PcapSource source = source(speed, 2, 0);
        batch.advance(77);
        assertEquals(1, batch.clear().run(source).created());
        assertEquals(0, batch.clear().run(source).created());
        batch.advance(gap - 1);
        assertEquals(0, batch.clear().run(source).created());
        batch.advance(1);
        assertEquals(1, batch.clear().run(source).created());
        batch.advance(8 * gap);
        assertEquals(9, batch.clear().run(source).created());
        batch.advance(9 * gap);
        assertEquals(9, batch.clear().run(source).created());
        assertTrue(source.exhausted());
        source.stop();
    }

    @Test
    void loopsAndStopsAtTheLimit() {
        record(10, 0);
        assertEquals(30, drain(source(0, 3, 0)));
        assertEquals(7, drain(source(0, 1, 7)));
        assertEquals(1_234, drain(source(0, 0, 1_234)));
    }

    @Test
    void anEmptyCaptureEndsAtOnce() {
        record(0, 0);
        assertTrue(source(0, 0, 0).exhausted());
    }

    private int drain(PcapSource source) {
        int total = 0;
        while (!source.exhausted()) {
            total += batch.clear().run(source).created();
        }
        source.stop();
        return total;
    }

    @Test
    void packetsLongerThanABufferAreSkippedAndCounted() {
        PcapSink sink = sink(CaptureFormat.PCAP, 262_144);
        batch.add(new byte[65_535])
                .add(new byte[13])
                .add(new byte[2_049])
                .add(new byte[2_048])
                .run(sink);
        sink.stop();
        PcapSource source = source(0, 1, 0);
        batch.clear().run(source);
        assertEquals(2, batch.created());
        assertEquals(13, batch.bytes(0).length);
        assertEquals(2_048, batch.bytes(1).length);
        assertEquals(2, batch.counter("skipped-too-long"));
        assertTrue(source.exhausted());
    }

    @Test
    void sendsWhatComesBeforeADamagedPlace() throws IOException {
        record(5, 0);
        Files.write(directory.resolve("capture"), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
        PcapSource source = source(0, 1, 0);
        assertEquals(5, batch.run(source).created());
        assertFalse(source.exhausted());
        CaptureException e =
                assertThrows(CaptureException.class, () -> batch.clear().run(source));
        assertTrue(e.getMessage().contains("packet 6 at byte 404: the file ends after 3"), e::getMessage);
    }

    @Test
    void aFileThatIsNoCaptureIsAConfigurationError() throws IOException {
        Files.writeString(directory.resolve("capture"), "not a capture");
        ConfigurationException e = assertThrows(ConfigurationException.class, () -> source(0, 1, 0));
        assertEquals("file", e.field());
        assertTrue(e.getMessage().contains("magic 6e6f7420"), e::getMessage);
        PcapSink sink =
                new PcapSink(new PcapSinkConfig("none/capture", CaptureFormat.PCAP, TimestampPrecision.NANO, 1));
        assertThrows(ConfigurationException.class, () -> sink.start(batch));
    }

    @Test
    void allocatesNothing() {
        record(20_000, 0);
        PcapSource source = source(0, 0, 0);
        assertEquals(0, Allocation.bytesOf(() -> batch.clear().run(source)));
        PcapSink sink = sink(CaptureFormat.PCAPNG, 100);
        batch.createdAsInput();
        assertEquals(PacketBatch.MAX_SIZE, batch.size());
        assertEquals(0, Allocation.bytesOf(() -> batch.run(sink)));
    }

    private void record(int packets, long gapNanos) {
        PcapSink sink = sink(CaptureFormat.PCAP, 262_144);
        for (int i = 0; i < packets; i++) {
            byte[] packet = new byte[60];
            Arrays.fill(packet, (byte) i);
            batch.clear().add(packet, 60, START + i * gapNanos).run(sink);
        }
        sink.stop();
        assertEquals(Map.of("file", "capture", "packets", (long) packets, "bytes", 60L * packets), sink.report());
        batch.clear();
    }

    private PcapSink sink(CaptureFormat format, int snaplen) {
        PcapSink sink = new PcapSink(new PcapSinkConfig("capture", format, TimestampPrecision.NANO, snaplen));
        sink.start(batch);
        return sink;
    }

    private PcapSource source(double speed, long loop, long limit) {
        PcapSource source = new PcapSource(new PcapSourceConfig("capture", speed, loop, limit));
        source.start(batch);
        return source;
    }
}
