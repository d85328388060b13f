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
import io.ptnetmap.capture.CaptureWriter;
import io.ptnetmap.capture.TimestampPrecision;
import io.ptnetmap.functions.RandomPackets;
import io.ptnetmap.functions.TestBatch;
import io.ptnetmap.functions.Tool;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CaptureWriterTest {
    private static final long START = 1_700_000_000_123_456_789L;
    private static final long GAP = 1_000_000_001;

    @TempDir
    Path directory;

    static Stream<Arguments> kinds() {
        return Stream.of(CaptureFormat.values())
                .flatMap(format ->
                        Stream.of(TimestampPrecision.values()).map(precision -> Arguments.of(format, precision)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void whatIsWrittenIsReadBack(CaptureFormat format, TimestampPrecision precision) {
        List<byte[]> packets = packets(3_000);
        assertReads(packets, precision, 100, write(packets, format, precision, 100));
    }

    private void assertReads(List<byte[]> packets, TimestampPrecision precision, int snaplen, Path file) {
        TestBatch batch = new TestBatch(directory);
        try (CaptureReader reader = CaptureReader.open(file)) {
            for (int i = 0; i < packets.size(); i++) {
                assertTrue(reader.next());
                assertEquals(time(i, precision), reader.timestampNanos());
                assertEquals(packets.get(i).length, reader.originalLength());
                batch.clear();
                batch.packet(batch.create(reader.length(), Side.OUT))
                        .put(0, reader.array(), reader.arrayOffset(), reader.length());
                assertArrayEquals(cut(packets.get(i), snaplen), batch.bytes(0));
            }
            assertFalse(reader.next());
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void tsharkReadsTheSame(CaptureFormat format, TimestampPrecision precision) throws Exception {
        List<byte[]> packets = packets(200);
        Path file = write(packets, format, precision, 100);
        List<String> lines = Tool.lines(
                "tshark",
                "-n",
                "-r",
                file.toString(),
                "-T",
                "fields",
                "-e",
                "frame.time_epoch",
                "-e",
                "frame.len",
                "-e",
                "frame.cap_len");
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < packets.size(); i++) {
            long time = time(i, precision);
            expected.add(String.format(
                    "%d.%09d\t%d\t%d",
                    time / 1_000_000_000,
                    time % 1_000_000_000,
                    packets.get(i).length,
                    cut(packets.get(i), 100).length));
        }
        assertEquals(expected, lines);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void whatWiresharkConvertsIsReadBack(CaptureFormat format, TimestampPrecision precision) throws Exception {
        List<byte[]> packets = packets(1_000);
        Path file = write(packets, format, precision, 65_535);
        String other = format == CaptureFormat.PCAP ? "pcapng" : "nsecpcap";
        Path converted = directory.resolve("converted");
        Tool.lines("editcap", "-F", other, file.toString(), converted.toString());
        assertReads(packets, precision, 65_535, converted);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void capinfosFindsNothingOdd(CaptureFormat format, TimestampPrecision precision) throws Exception {
        Path file = write(packets(50), format, precision, 65_535);
        List<String> lines = Tool.lines("capinfos", file.toString());
        assertTrue(lines.stream().anyMatch(line -> line.matches("Number of packets: +50")), () -> lines.toString());
        assertTrue(
                lines.stream().anyMatch(line -> line.matches("File encapsulation: +Ethernet")), () -> lines.toString());
        String unit = precision == TimestampPrecision.NANO ? "nanoseconds.*" : "microseconds.*";
        assertTrue(
                lines.stream().anyMatch(line -> line.matches("File timestamp precision: +" + unit)),
                () -> lines.toString());
        assertTrue(
                lines.stream()
                        .anyMatch(
                                line -> line.matches(
                                        "Packet size limit: +file hdr: 65535 bytes|Capture length = 65535|.*Capture length = 65535")),
                () -> lines.toString());
    }

    @Test
    void ofSeveralBuffersTheFirstIsWritten() {
        TestBatch batch = new TestBatch(directory).add(new byte[2048], 9000, 1);
        Path file = directory.resolve("large");
        try (CaptureWriter writer = CaptureWriter.create(file, CaptureFormat.PCAP, TimestampPrecision.NANO, 65_535)) {
            write(writer, batch.packet(0), 1);
            assertEquals(2048, writer.bytes());
        }
        try (CaptureReader reader = CaptureReader.open(file)) {
            assertTrue(reader.next());
            assertEquals(2048, reader.length());
            assertEquals(9000, reader.originalLength());
        }
    }

    @Test
    void aFileThatCannotBeCreatedIsNamed() {
        Path file = directory.resolve("none/capture.pcap");
        CaptureException e = assertThrows(
                CaptureException.class,
                () -> CaptureWriter.create(file, CaptureFormat.PCAP, TimestampPrecision.NANO, 65_535));
        assertEquals(file + ": cannot be created: no such file or directory", e.getMessage());
    }

    private Path write(List<byte[]> packets, CaptureFormat format, TimestampPrecision precision, int snaplen) {
        Path file = directory.resolve("capture." + format + "." + precision);
        TestBatch batch = new TestBatch(directory);
        try (CaptureWriter writer = CaptureWriter.create(file, format, precision, snaplen)) {
            for (int i = 0; i < packets.size(); i++) {
                write(writer, batch.clear().add(packets.get(i)).packet(0), START + i * GAP);
            }
            assertEquals(packets.size(), writer.packets());
        }
        return file;
    }

    private static void write(CaptureWriter writer, Packet packet, long nanos) {
        writer.write(packet.address(), packet.length(), packet.totalLength(), nanos);
    }

    private static long time(int index, TimestampPrecision precision) {
        long nanos = START + index * GAP;
        return nanos - nanos % precision.nanos();
    }

    private static byte[] cut(byte[] packet, int length) {
        return Arrays.copyOf(packet, Math.min(packet.length, length));
    }

    private static List<byte[]> packets(int count) {
        RandomPackets random = new RandomPackets(count);
        return Stream.generate(random::next).limit(count).toList();
    }
}
