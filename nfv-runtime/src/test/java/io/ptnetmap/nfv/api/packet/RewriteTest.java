// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.api.Packet;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Incremental updates give the bytes that computing everything anew gives. */
class RewriteTest {
    private static final GuardedPacket MEMORY = new GuardedPacket();
    private static final GuardedPacket OTHER_MEMORY = new GuardedPacket();
    private static final SamplePackets SAMPLES = new SamplePackets(3);

    private final Headers headers = new Headers();
    private final Headers reference = new Headers();

    @Property(tries = 20_000)
    void equalsFullComputation(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = SAMPLES.next();
        Packet packet = MEMORY.place(bytes);
        headers.parse(packet);
        boolean computed = filled(packet);
        bytes = GuardedPacket.bytes(packet);
        Packet expected = OTHER_MEMORY.place(bytes);
        reference.parse(expected);
        if (headers.isIpv4()) {
            int source = corner(random);
            int destination = corner(random);
            int port = corner(random) & 0xffff;
            Rewrite.source(headers, source, port);
            Rewrite.destination(headers, destination, port);
            expected.i32(reference.l3Offset() + Ipv4.SOURCE_OFFSET, source);
            expected.i32(reference.l3Offset() + Ipv4.DESTINATION_OFFSET, destination);
            writePorts(expected, port);
            Ipv4 ip = new Ipv4();
            ip.wrap(expected);
            Checksum.fill(ip);
        } else if (headers.isIpv6()) {
            long source = random.nextLong() << random.nextInt(64);
            long destination = corner(random);
            int port = corner(random) & 0xffff;
            Rewrite.source(headers, source, destination, port);
            Rewrite.destination(headers, destination, source, port);
            expected.i64(reference.l3Offset() + Ipv6.SOURCE_OFFSET, source);
            expected.i64(reference.l3Offset() + Ipv6.SOURCE_OFFSET + 8, destination);
            expected.i64(reference.l3Offset() + Ipv6.DESTINATION_OFFSET, destination);
            expected.i64(reference.l3Offset() + Ipv6.DESTINATION_OFFSET + 8, source);
            writePorts(expected, port);
        }
        reference.parse(expected);
        if (computed) {
            Checksum.fillTransport(reference);
            assertArrayEquals(GuardedPacket.bytes(expected), GuardedPacket.bytes(packet));
        }
        assertEquals(reference.ports(), headers.ports());
        assertEquals(reference.sourceLow(), headers.sourceLow());
        assertEquals(reference.destinationHigh(), headers.destinationHigh());
    }

    /** Computes the checksum, unless it is UDP's "none"; says whether there is one now. */
    private boolean filled(Packet packet) {
        boolean none = headers.hasPorts()
                && headers.protocol() == IpProtocol.UDP
                && packet.u16(headers.l4Offset() + Udp.CHECKSUM_OFFSET) == 0;
        return !none && Checksum.fillTransport(headers);
    }

    private void writePorts(Packet packet, int port) {
        if (reference.hasPorts()) {
            packet.u16(reference.l4Offset(), port);
            packet.u16(reference.l4Offset() + 2, port);
        } else if (reference.isIcmpQuery()) {
            packet.u16(reference.l4Offset() + Icmpv4.IDENTIFIER_OFFSET, port);
        }
    }

    private static int corner(Random random) {
        int[] corners = {0, -1, 0xffff, 0xffff_0000, 1, 0x8000_0000};
        int choice = random.nextInt(2 * corners.length);
        return choice < corners.length ? corners[choice] : random.nextInt();
    }

    /** Among all ports there is one for which UDP's checksum is 0 and must be sent as 0xffff. */
    @Test
    void allPorts() {
        Packet packet = udp(0x1234);
        headers.parse(packet);
        Checksum.fillTransport(headers);
        int zeros = 0;
        for (int port = 0; port <= 0xffff; port++) {
            Rewrite.source(headers, 0xc0a8_0001, port);
            int incremental = packet.u16(headers.l4Offset() + Udp.CHECKSUM_OFFSET);
            Checksum.fillTransport(headers);
            assertEquals(packet.u16(headers.l4Offset() + Udp.CHECKSUM_OFFSET), incremental);
            zeros += incremental == 0xffff ? 1 : 0;
        }
        assertTrue(zeros > 0);
    }

    @Test
    void udpWithoutChecksumStaysWithout() {
        Packet packet = udp(0);
        headers.parse(packet);
        Rewrite.source(headers, 0x0a00_0001, 4000);
        Rewrite.destination(headers, 0x0a00_0002, 5000);
        assertEquals(0, packet.u16(headers.l4Offset() + Udp.CHECKSUM_OFFSET));
        assertEquals(4000, packet.u16(headers.l4Offset()));
        assertEquals(5000, packet.u16(headers.l4Offset() + 2));
        assertTrue(Checksum.transportValid(headers));
    }

    @Test
    void laterFragmentsChangeAddressesOnly() {
        Packet packet = udp(0x1234);
        Ipv4 ip = new Ipv4();
        ip.wrap(packet);
        ip.fragmentWord(185);
        Checksum.fill(ip);
        long payload = packet.i64(ip.payloadOffset());
        assertTrue(headers.parse(packet));
        Rewrite.source(headers, 0x0a00_0001, 4000);
        assertEquals(payload, packet.i64(ip.payloadOffset()));
        assertEquals(0x0a00_0001, ip.source());
        assertTrue(Checksum.valid(ip));
    }

    @Test
    void ttl() {
        Packet packet = udp(0);
        Ipv4 ip = new Ipv4();
        ip.wrap(packet);
        ip.ttl(255);
        Checksum.fill(ip);
        headers.parse(packet);
        for (int ttl = 254; ttl >= 0; ttl--) {
            Rewrite.decrementTtl(headers);
            assertEquals(ttl, ip.ttl());
            assertTrue(Checksum.valid(ip));
        }
    }

    /** A port unreachable error comes back through a NAT: the quoted datagram and both checksums are right again. */
    @Test
    void quotedDatagram() {
        byte[] inner = GuardedPacket.bytes(udp(0x1234));
        int start = Ethernet.HEADER_LENGTH + Ipv4.MIN_HEADER_LENGTH;
        int quotedStart = start + Icmpv4.HEADER_LENGTH;
        Packet packet = MEMORY.place(new byte[quotedStart + 28]);
        packet.u16(Ethernet.ETHER_TYPE_OFFSET, EtherType.IPV4);
        Ipv4 ip = new Ipv4();
        ip.init(packet, Ethernet.HEADER_LENGTH, packet.length() - Ethernet.HEADER_LENGTH);
        ip.protocol(IpProtocol.ICMP);
        packet.u8(start, Icmpv4.DESTINATION_UNREACHABLE);
        packet.put(quotedStart, inner, Ethernet.HEADER_LENGTH, 28);
        assertTrue(headers.parse(packet));
        assertTrue(headers.isIcmpError());

        Headers quoted = new Headers();
        assertTrue(quoted.parseQuoted(packet, headers));
        assertEquals(1024, quoted.sourcePort());
        Rewrite.source(quoted, 0x0a00_0063, 2048);
        Checksum.fillTransport(headers);

        assertTrue(Checksum.transportValid(headers));
        assertTrue(ip.wrapQuoted(packet, quotedStart));
        assertTrue(Checksum.valid(ip));
        assertEquals(0x0a00_0063, ip.source());
        assertEquals(2048, packet.u16(quotedStart + 20));
        int change = Checksum.update32(0x1234, 0xc000_0201, 0x0a00_0063);
        assertEquals(Checksum.update16(change, 1024, 2048), packet.u16(quotedStart + 26));
    }

    /** 192.0.2.1:1024 to 198.51.100.2:53, 32 bytes of payload. */
    private static Packet udp(int checksum) {
        Packet packet = MEMORY.place(new byte[Ethernet.HEADER_LENGTH + 60]);
        packet.u16(Ethernet.ETHER_TYPE_OFFSET, EtherType.IPV4);
        Ipv4 ip = new Ipv4();
        ip.init(packet, Ethernet.HEADER_LENGTH, 60);
        ip.ttl(64);
        ip.protocol(IpProtocol.UDP);
        ip.source(0xc000_0201);
        ip.destination(0xc633_6402);
        Checksum.fill(ip);
        packet.i64(ip.payloadOffset(), 1024L << 48 | 53L << 32 | 40L << 16 | checksum);
        return packet;
    }
}
