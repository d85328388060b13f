// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.linux.PacketSocket;
import io.ptnetmap.memory.Memory;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class SegmenterTest {
    private static final int FIN = 0x01;
    private static final int PSH = 0x08;
    private static final int ACK = 0x10;
    private static final int CWR = 0x80;

    private final Segmenter segmenter = new Segmenter();

    /** A packet to cut, built by plain means. */
    private record Packet(boolean ipv6, boolean tcp, boolean tagged, int optionBytes, byte[] payload) {
        int l3() {
            return tagged ? 18 : 14;
        }

        int transport() {
            return l3() + (ipv6 ? 40 : 20);
        }

        int headers() {
            return transport() + (tcp ? 20 + optionBytes : 8);
        }

        byte[] bytes() {
            ByteBuffer out = ByteBuffer.allocate(headers() + payload.length);
            out.put(new byte[] {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2});
            if (tagged) {
                out.putShort((short) 0x8100).putShort((short) 0x2064);
            }
            out.putShort((short) (ipv6 ? 0x86dd : 0x0800));
            int protocol = tcp ? 6 : 17;
            if (ipv6) {
                out.putInt(0x60000000).putShort((short) 0).put((byte) protocol).put((byte) 64);
                out.put(new byte[16]).put(new byte[15]).put((byte) 9);
            } else {
                out.putShort((short) 0x4500)
                        .putShort((short) 0)
                        .putShort((short) 0xfffe)
                        .putShort((short) 0x4000);
                out.put((byte) 64).put((byte) protocol).putShort((short) 0);
                out.putInt(0x0a000001).putInt(0x0a000002);
            }
            out.putShort((short) 4242).putShort((short) 80);
            if (tcp) {
                out.putInt(0xfffffff0).putInt(7);
                out.put((byte) ((5 + optionBytes / 4) << 4)).put((byte) (ACK | PSH | FIN | CWR));
                out.putShort((short) 512)
                        .putShort((short) 0)
                        .putShort((short) 0)
                        .put(new byte[optionBytes]);
            } else {
                out.putShort((short) 0).putShort((short) 0);
            }
            return out.put(payload).array();
        }

        int gsoType() {
            if (!tcp) {
                return PacketSocket.GSO_UDP_L4;
            }
            return ipv6 ? PacketSocket.GSO_TCPV6 : PacketSocket.GSO_TCPV4;
        }
    }

    @Property(tries = 300)
    void piecesMakeUpTheWholeAndAreRightByThemselves(
            @ForAll boolean ipv6,
            @ForAll boolean tcp,
            @ForAll boolean tagged,
            @ForAll @IntRange(max = 10) int optionWords,
            @ForAll @IntRange(min = 1, max = 20_000) int size,
            @ForAll @IntRange(min = 1, max = 9000) int piece,
            @ForAll long seed) {
        byte[] payload = new byte[size];
        new Random(seed).nextBytes(payload);
        Packet packet = new Packet(ipv6, tcp, tagged, 4 * optionWords, payload);
        List<byte[]> frames = cut(packet, piece);

        assertEquals((size + piece - 1) / piece, frames.size());
        ByteArrayOutputStream rejoined = new ByteArrayOutputStream();
        int sequence = 0xfffffff0;
        for (int i = 0; i < frames.size(); i++) {
            ByteBuffer frame = ByteBuffer.wrap(frames.get(i));
            int length = frame.remaining() - packet.headers();
            assertTrue(length == piece || i == frames.size() - 1);
            rejoined.write(frames.get(i), packet.headers(), length);
            checkNetworkHeader(packet, frame, i);
            assertEquals(0xffff, transportSum(packet, frame), "transport checksum");
            if (tcp) {
                assertEquals(sequence, frame.getInt(packet.transport() + 4));
                sequence += length;
                int flags = frame.get(packet.transport() + 13) & 0xff;
                assertEquals(i == frames.size() - 1, (flags & (PSH | FIN)) == (PSH | FIN));
                assertEquals(i < frames.size() - 1, (flags & (PSH | FIN)) == 0);
                assertEquals(i == 0, (flags & CWR) != 0);
                assertTrue((flags & ACK) != 0);
            } else {
                assertEquals(8 + length, frame.getShort(packet.transport() + 4) & 0xffff);
            }
        }
        assertArrayEquals(payload, rejoined.toByteArray());
    }

    private static void checkNetworkHeader(Packet packet, ByteBuffer frame, int index) {
        int l3 = packet.l3();
        if (packet.ipv6()) {
            assertEquals(frame.capacity() - l3 - 40, frame.getShort(l3 + 4) & 0xffff);
        } else {
            assertEquals(frame.capacity() - l3, frame.getShort(l3 + 2) & 0xffff);
            assertEquals(0xfffe + index & 0xffff, frame.getShort(l3 + 4) & 0xffff);
            assertEquals(0xffff, sum(frame, l3, l3 + 20, 0), "IPv4 header checksum");
        }
    }

    /** With the checksum in place, the sum over everything is all ones (RFC 1071 §1). */
    private static int transportSum(Packet packet, ByteBuffer frame) {
        int l3 = packet.l3();
        int addresses = packet.ipv6() ? sum(frame, l3 + 8, l3 + 40, 0) : sum(frame, l3 + 12, l3 + 20, 0);
        int pseudo = addresses + (packet.tcp() ? 6 : 17) + frame.capacity() - packet.transport();
        return sum(frame, packet.transport(), frame.capacity(), pseudo);
    }

    private static int sum(ByteBuffer bytes, int from, int to, int start) {
        int sum = start;
        for (int i = from; i < to; i++) {
            int value = bytes.get(i) & 0xff;
            sum += (i - from) % 2 == 0 ? value << 8 : value;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    private List<byte[]> cut(Packet packet, int piece) {
        byte[] bytes = packet.bytes();
        List<byte[]> frames = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            long address = copy(arena, bytes);
            assertTrue(segmenter.cut(address, bytes.length, packet.gsoType(), piece, packet.transport()));
            do {
                byte[] frame = new byte[segmenter.length()];
                Memory.copy(segmenter.address(), frame, 0, frame.length);
                frames.add(frame);
            } while (segmenter.next());
        }
        return frames;
    }

    private static long copy(Arena arena, byte[] bytes) {
        MemorySegment memory = arena.allocate(bytes.length + 64L, 8);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return memory.address();
    }

    @Example
    void refusesWhatItCannotCut() {
        Packet packet = new Packet(false, true, false, 0, new byte[5000]);
        byte[] bytes = packet.bytes();
        try (Arena arena = Arena.ofConfined()) {
            long frame = copy(arena, bytes);
            int transport = packet.transport();
            assertFalse(segmenter.cut(frame, bytes.length, 3, 1000, transport), "UFO");
            assertFalse(segmenter.cut(frame, bytes.length, PacketSocket.GSO_TCPV4, 0, transport), "no size");
            assertFalse(segmenter.cut(frame, bytes.length, PacketSocket.GSO_TCPV4, 1000, transport + 50), "tunnel");
            assertFalse(segmenter.cut(frame, bytes.length, PacketSocket.GSO_UDP_L4, 1000, transport), "TCP as UDP");
            assertFalse(segmenter.cut(frame, transport + 10, PacketSocket.GSO_TCPV4, 1000, transport), "no header");
            assertFalse(segmenter.cut(frame, bytes.length, PacketSocket.GSO_TCPV4, 1000, 65535), "beyond the end");
        }
    }

    @Property(tries = 200)
    void survivesNoise(@ForAll byte[] noise, @ForAll @IntRange(max = 70_000) int transport, @ForAll boolean udp) {
        byte[] bytes = Arrays.copyOf(noise, Math.max(noise.length, 14));
        try (Arena arena = Arena.ofConfined()) {
            int type = udp ? PacketSocket.GSO_UDP_L4 : PacketSocket.GSO_TCPV4;
            long frame = copy(arena, bytes);
            if (segmenter.cut(frame, bytes.length, type, 8, transport)) {
                while (segmenter.next()) {
                    assertTrue(segmenter.address() + segmenter.length() <= frame + bytes.length);
                }
            }
            segmenter.completeChecksum(frame, bytes.length, transport, 16);
        }
    }

    @Example
    void completesTheChecksumOfSctp() {
        byte[] bytes = new byte[60];
        new Random(1).nextBytes(bytes);
        try (Arena arena = Arena.ofConfined()) {
            long frame = copy(arena, bytes);
            segmenter.completeChecksum(frame, bytes.length, 34, 8);
            byte[] packet = Arrays.copyOfRange(bytes, 34, 60);
            Arrays.fill(packet, 8, 12, (byte) 0);
            CRC32C crc = new CRC32C();
            crc.update(packet);
            int expected = ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt((int) crc.getValue())
                    .order(ByteOrder.BIG_ENDIAN)
                    .getInt(0);
            assertEquals(expected, Memory.getIntBigEndian(frame + 42));
        }
    }

    @Example
    void onlyUdpSendsAChecksumOfZeroAsAllOnes() {
        int udpField = 6;
        int tcpField = 16;
        for (int field : new int[] {udpField, tcpField}) {
            try (Arena arena = Arena.ofConfined()) {
                byte[] bytes = new byte[20];
                bytes[0] = (byte) 0xff;
                bytes[1] = (byte) 0xff;
                long frame = copy(arena, bytes);
                segmenter.completeChecksum(frame, bytes.length, 0, field);
                assertEquals(field == udpField ? (short) 0xffff : 0, Memory.getShort(frame + field));
            }
        }
    }
}
