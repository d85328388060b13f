// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.api.Packet;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ChecksumTest {
    private static final GuardedPacket MEMORY = new GuardedPacket();

    /** RFC 1071 §3. */
    @Test
    void numericalExample() {
        Packet packet = MEMORY.place(HexFormat.of().parseHex("0001f203f4f5f6f7"));
        assertEquals(0xddf2, ~Checksum.of(packet, 0, 8) & 0xffff);
    }

    /** RFC 1624 §4. */
    @Test
    void cornerOfIncrementalUpdate() {
        assertEquals(0x0000, Checksum.update16(0xdd2f, 0x5555, 0x3285));
    }

    @Test
    void ipv4Header() {
        String header = "45000073000040004011" + "b861" + "c0a80001c0a800c7";
        Packet packet = MEMORY.place(HexFormat.of().parseHex(header));
        Ipv4 ip = new Ipv4();
        assertTrue(ip.wrapQuoted(packet, 0));
        assertTrue(Checksum.valid(ip));
        ip.checksum(0x1234);
        assertFalse(Checksum.valid(ip));
        Checksum.fill(ip);
        assertEquals(0xb861, ip.checksum());
    }

    @Test
    void rangeIsChecked() {
        Packet packet = MEMORY.place(new byte[20]);
        assertThrows(IndexOutOfBoundsException.class, () -> Checksum.of(packet, 1, 20));
    }

    /** Any length, any alignment: the same as adding 16-bit words one by one. */
    @Property
    void equalsTextbookSum(@ForAll @Size(max = 1600) byte[] bytes) {
        int sum = 0;
        for (int i = 0; i < bytes.length; i++) {
            sum += (bytes[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        assertEquals(~sum & 0xffff, Checksum.of(MEMORY.place(bytes), 0, bytes.length));
    }

    @Property
    void updatesEqualFullComputation(
            @ForAll @Size(min = 24, max = 64) byte[] bytes, @ForAll @IntRange(max = 3) int words, @ForAll long value) {
        bytes[23] |= 1;
        Packet packet = MEMORY.place(bytes);
        int checksum = Checksum.of(packet, 0, bytes.length);
        int offset = 2 * words;
        int width16 = Checksum.update16(checksum, packet.u16(offset), (int) value);
        int width32 = Checksum.update32(checksum, packet.i32(offset), (int) value);
        int width64 = Checksum.update64(checksum, packet.i64(offset), value);
        packet.u16(offset, (int) value);
        assertEquals(Checksum.of(packet, 0, bytes.length), width16);
        packet = MEMORY.place(bytes);
        packet.i32(offset, (int) value);
        assertEquals(Checksum.of(packet, 0, bytes.length), width32);
        packet = MEMORY.place(bytes);
        packet.i64(offset, value);
        assertEquals(Checksum.of(packet, 0, bytes.length), width64);
    }

    @Test
    void zeroRulesOfUdp() {
        assertEquals(0, Checksum.udp(0, 0x1234));
        assertEquals(0xffff, Checksum.udp(0x1234, 0));
        assertEquals(0x5678, Checksum.udp(0x1234, 0x5678));
    }
}
