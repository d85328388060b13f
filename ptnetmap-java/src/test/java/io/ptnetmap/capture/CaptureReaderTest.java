// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files written here byte by byte, as the specifications have them. */
class CaptureReaderTest {
    private static final long SECOND = 1_000_000_000;
    private static final byte[] PACKET = "fourteen bytes".getBytes();

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "BIG_ENDIAN,a1b2c3d4,1000",
        "LITTLE_ENDIAN,a1b2c3d4,1000",
        "BIG_ENDIAN,a1b23c4d,1",
        "LITTLE_ENDIAN,a1b23c4d,1"
    })
    void readsPcapInBothByteOrdersAndPrecisions(String order, String magic, int unit) throws IOException {
        Path file = file(order, f -> {
            pcapHeader(f, Integer.parseUnsignedInt(magic, 16), 65_535, 1);
            f.putInt(7).putInt(5).putInt(14).putInt(1500).put(PACKET);
            f.putInt(-1).putInt(6).putInt(0).putInt(0);
        });
        try (CaptureReader reader = CaptureReader.open(file)) {
            assertTrue(reader.next());
            assertEquals(7 * SECOND + 5L * unit, reader.timestampNanos());
            assertEquals(14, reader.length());
            assertEquals(1500, reader.originalLength());
            assertArrayEquals(PACKET, bytes(reader));
            assertTrue(reader.next());
            assertEquals(0xffff_ffffL * SECOND + 6L * unit, reader.timestampNanos());
            assertEquals(0, reader.length());
            assertFalse(reader.next());
            assertEquals(2, reader.packets());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"BIG_ENDIAN", "LITTLE_ENDIAN"})
    void readsEveryPacketBlockOfPcapng(String order) throws IOException {
        Path file = file(order, f -> {
            section(f);
            interfaceDescription(f, 1, 0, 6);
            enhanced(f, 0, 1_000_001, PACKET, 14);
            block(f, 0x0bad0001, 40, b -> {});
            block(f, 3, 4 + 16, b -> b.putInt(14).put(PACKET));
            block(
                    f,
                    2,
                    20 + 16,
                    b -> b.putInt(shorts(f.order(), 0, 9))
                            .putInt(0)
                            .putInt(3)
                            .putInt(14)
                            .putInt(99)
                            .put(PACKET));
        });
        try (CaptureReader reader = CaptureReader.open(file)) {
            assertPacket(reader, SECOND + 1_000, 14);
            assertPacket(reader, 0, 14);
            assertPacket(reader, 3_000, 99);
            assertFalse(reader.next());
            reader.rewind();
            assertPacket(reader, SECOND + 1_000, 14);
        }
    }

    @Test
    void aSectionHasInterfacesOfItsOwn() throws IOException {
        Path file = file("BIG_ENDIAN", f -> {
            section(f);
            interfaceDescription(f, 1, 0, 9);
            interfaceDescription(f, 1, 0, 3);
            enhanced(f, 1, 5, PACKET, 14);
            enhanced(f, 0, 6, PACKET, 14);
            f.order(ByteOrder.LITTLE_ENDIAN);
            section(f);
            interfaceDescription(f, 1, 0, 0);
            enhanced(f, 0, 7, PACKET, 14);
            enhanced(f, 1, 8, PACKET, 14);
        });
        try (CaptureReader reader = CaptureReader.open(file)) {
            assertPacket(reader, 5_000_000, 14);
            assertPacket(reader, 6, 14);
            assertPacket(reader, 7 * SECOND, 14);
            assertFailure(reader, "packet 4 at byte .*: interface 1 is not described; the section has 1");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "6, 1500000, 1500000000",
        "9, 1500000000, 1500000000",
        "0, 3, 3000000000",
        "12, 1500000000000, 1500000000",
        "19, 15000000000000000000, 1500000000",
        "100, 15, 0",
        "138, 1536, 1500000000",
        "160, 6442450944, 1500000000",
        "186, 432345564227567616, 1500000000",
        "128, 3, 3000000000",
        "255, 3, 0"
    })
    void scalesTimestamps(int resolution, String timestamp, long nanos) {
        assertEquals(nanos, new TimestampResolution(resolution, 0).toNanos(Long.parseUnsignedLong(timestamp)));
        assertEquals(
                nanos + 2 * SECOND, new TimestampResolution(resolution, 2).toNanos(Long.parseUnsignedLong(timestamp)));
    }

    @Test
    void skipsUnknownBlocksLongerThanItsWindow() throws IOException {
        Path file = directory.resolve("long");
        int skipped = 3 * CaptureInput.CAPACITY;
        ByteBuffer f = ByteBuffer.allocate(skipped + 1000);
        section(f);
        block(f, 0x40000bad, skipped, b -> {});
        interfaceDescription(f, 1, 0, 9);
        enhanced(f, 0, 5, PACKET, 14);
        Files.write(file, Arrays.copyOf(f.array(), f.position()));
        try (CaptureReader reader = CaptureReader.open(file)) {
            assertPacket(reader, 5, 14);
            assertFalse(reader.next());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "|.*0 bytes are no capture file.*",
                "a1b2|.*2 bytes are no capture file.*",
                "cafebabe|.*byte 0: magic cafebabe is neither pcap's nor pcapng's",
                "1f8b0800|.*compressed: run gunzip first",
                "28b52ffd|.*compressed: run unzstd first",
                "a1b2c3d400020004|.*ends after 8 of 24 bytes of its header",
                "a1b2c3d40003000400000000000000000000ffff00000001|.*byte 4: version 3.4 of the format is unknown.*",
                "a1b2c3d40002000400000000000000000000ffff00000071|.*byte 20: link type 113 is not Ethernet.*",
                "0a0d0d0a|.*packet 1 at byte 0: the file ends after 4 of the record's 12 bytes",
                "0a0d0d0a0000001c12345678|.*packet 1 at byte 0: byte-order magic 78563412 of the section is wrong",
                "0a0d0d0a0000001b1a2b3c4d|.*packet 1 at byte 0: block length 27 is impossible",
                "0a0d0d0a000000101a2b3c4d00000010|.*block length 16 is too short for its type, 28 at least",
                "0a0d0d0a0000001c1a2b3c4d00010000|.*the file ends after 16 of the record's 28 bytes",
                "0a0d0d0a0000001c1a2b3c4d00010000ffffffffffffffff0000001d|.*block length 28 at its start and 29 at its end do not match",
                "0a0d0d0a0000001c1a2b3c4d00020000ffffffffffffffff0000001c|.*version 2 of the format is unknown; 1 is expected"
            })
    void namesWhatIsWrongWithAHeader(String hex, String message) throws IOException {
        Path file = directory.resolve("capture");
        Files.write(file, HexFormat.of().parseHex(hex == null ? "" : hex));
        CaptureException e = assertThrows(CaptureException.class, () -> CaptureReader.open(file));
        assertTrue(e.getMessage().matches(message), e::getMessage);
        assertTrue(e.getMessage().startsWith(file.toString()), e::getMessage);
    }

    @Test
    void namesWhatIsWrongWithARecord() throws IOException {
        assertRecordFailure(
                "packet 2 at byte 54: captured length 4294967295 is beyond the file's limit of 262144 bytes",
                f -> f.putInt(0).putInt(0).putInt(-1).putInt(14));
        assertRecordFailure(
                "packet 2 at byte 54: the file ends after 3 of the record's 16 bytes", f -> f.put(new byte[3]));
        assertRecordFailure(
                "packet 2 at byte 54: the file ends after 20 of the record's 30 bytes",
                f -> f.putInt(0).putInt(0).putInt(14).putInt(14).putInt(0));
    }

    private void assertRecordFailure(String message, Consumer<ByteBuffer> record) throws IOException {
        Path file = file("BIG_ENDIAN", f -> {
            pcapHeader(f, PcapReader.MAGIC_NANO, 0, 1);
            f.putInt(0).putInt(0).putInt(14).putInt(14).put(PACKET);
            record.accept(f);
        });
        try (CaptureReader reader = CaptureReader.open(file)) {
            assertTrue(reader.next());
            assertFailure(reader, message);
        }
    }

    @Test
    void namesWhatIsWrongWithABlock() throws IOException {
        assertBlockFailure("interface 3 is not described; the section has 2", f -> enhanced(f, 3, 0, PACKET, 14));
        assertBlockFailure("link type 113 is not Ethernet \\(1\\)", f -> enhanced(f, 1, 0, PACKET, 14));
        assertBlockFailure(
                "captured length 101 is beyond the interface's limit of 100 bytes",
                f -> enhanced(f, 0, 0, new byte[101], 101));
        assertBlockFailure(
                "captured length 50 does not fit the block's 16 bytes",
                f -> block(f, 6, 36, b -> b.putInt(0).putLong(0).putInt(50).putInt(50)));
        assertBlockFailure(
                "block length 4194304 is beyond the limit of 1048576 bytes",
                f -> f.putInt(6).putInt(4 << 20).put(new byte[30]));
        assertBlockFailure(
                "option 9 of 500 bytes goes beyond its block",
                f -> block(f, 1, 16, b -> b.putInt(0).putInt(0).putInt(shorts(f.order(), 9, 500))));
        assertBlockFailure(
                "the file ends after 40 of the record's 4294967292 bytes",
                f -> f.putInt(77).putInt(-4).put(new byte[32]));
    }

    private void assertBlockFailure(String message, Consumer<ByteBuffer> block) throws IOException {
        Path file = file("LITTLE_ENDIAN", f -> {
            section(f);
            interfaceDescription(f, 1, 100, 9);
            interfaceDescription(f, 113, 0, 9);
            block.accept(f);
        });
        try (CaptureReader reader = CaptureReader.open(file)) {
            assertFailure(reader, "packet 1 at byte 92: " + message);
        }
    }

    /** A damaged file is read to its end or refused, in bounded memory, but nothing else happens. */
    @ParameterizedTest
    @ValueSource(strings = {"pcap", "pcapng"})
    void survivesDamage(String format) throws IOException {
        Path file = file("LITTLE_ENDIAN", f -> {
            if (format.equals("pcap")) {
                pcapHeader(f, PcapReader.MAGIC_MICRO, 262_144, 1);
                for (int i = 0; i < 5; i++) {
                    f.putInt(i).putInt(i).putInt(14).putInt(14).put(PACKET);
                }
            } else {
                section(f);
                interfaceDescription(f, 1, 0, 9);
                block(f, 5, 20, b -> {});
                enhanced(f, 0, 5, PACKET, 14);
                block(f, 3, 4 + 16, b -> b.putInt(14).put(PACKET));
                section(f);
            }
        });
        byte[] intact = Files.readAllBytes(file);
        Random random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 1_500; i++) {
            byte[] damaged =
                    Arrays.copyOf(intact, random.nextInt(5) == 0 ? random.nextInt(intact.length) : intact.length);
            for (int j = random.nextInt(3); j >= 0 && damaged.length > 0; j--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            Files.write(file, damaged);
            refused += isRefused(file) ? 1 : 0;
        }
        assertTrue(refused > 100 && refused < 1_500, "refused " + refused);
    }

    private boolean isRefused(Path file) {
        try (CaptureReader reader = CaptureReader.open(file)) {
            while (reader.next()) {
                bytes(reader);
            }
            return false;
        } catch (CaptureException e) {
            return true;
        }
    }

    @Test
    void aMissingFileIsNamed() {
        Path file = directory.resolve("none.pcap");
        CaptureException e = assertThrows(CaptureException.class, () -> CaptureReader.open(file));
        assertEquals(file + ": cannot be opened: no such file or directory", e.getMessage());
    }

    private void assertPacket(CaptureReader reader, long nanos, int original) {
        assertTrue(reader.next());
        assertEquals(nanos, reader.timestampNanos());
        assertEquals(original, reader.originalLength());
        assertArrayEquals(PACKET, bytes(reader));
    }

    private static void assertFailure(CaptureReader reader, String message) {
        CaptureException e = assertThrows(CaptureException.class, reader::next);
        assertTrue(e.getMessage().matches(".*: " + message), e::getMessage);
    }

    private static byte[] bytes(CaptureReader reader) {
        return Arrays.copyOfRange(reader.array(), reader.arrayOffset(), reader.arrayOffset() + reader.length());
    }

    private Path file(String order, Consumer<ByteBuffer> contents) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(4096)
                .order(order.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        contents.accept(buffer);
        return Files.write(directory.resolve("capture"), Arrays.copyOf(buffer.array(), buffer.position()));
    }

    private static void pcapHeader(ByteBuffer f, int magic, int snaplen, int linkType) {
        f.putInt(magic)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(snaplen)
                .putInt(linkType);
    }

    private static void section(ByteBuffer f) {
        block(
                f,
                0x0a0d0d0a,
                16,
                b -> b.putInt(0x1a2b3c4d).putInt(shorts(f.order(), 1, 0)).putLong(-1));
    }

    private static void interfaceDescription(ByteBuffer f, int linkType, int snaplen, int resolution) {
        block(
                f,
                1,
                20,
                b -> b.putInt(shorts(f.order(), linkType, 0))
                        .putInt(snaplen)
                        .putInt(shorts(f.order(), 9, 1))
                        .put((byte) resolution));
    }

    private static void enhanced(ByteBuffer f, int interfaceId, long timestamp, byte[] packet, int original) {
        block(
                f,
                6,
                20 + (packet.length + 3) / 4 * 4,
                b -> b.putInt(interfaceId)
                        .putInt((int) (timestamp >>> 32))
                        .putInt((int) timestamp)
                        .putInt(packet.length)
                        .putInt(original)
                        .put(packet));
    }

    /** Two 16-bit fields that follow each other. */
    private static int shorts(ByteOrder order, int first, int second) {
        return order == ByteOrder.BIG_ENDIAN ? first << 16 | second : second << 16 | first;
    }

    private static void block(ByteBuffer f, int type, int bodyLength, Consumer<ByteBuffer> body) {
        int start = f.position();
        f.putInt(type).putInt(bodyLength + 12);
        body.accept(f);
        f.position(start + 8 + bodyLength).putInt(bodyLength + 12);
    }
}
