// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.api.Packet;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever a packet holds, nothing throws and nothing reads past its end, where a page waits that cannot be read. */
class GarbageTest {
    private static final GuardedPacket MEMORY = new GuardedPacket();

    private static final List<HeaderView> VIEWS = List.of(
            new Ethernet(),
            new Vlan(),
            new Arp(),
            new Ipv4(),
            new Ipv6(),
            new Tcp(),
            new Udp(),
            new Icmpv4(),
            new Icmpv6(),
            new Vxlan());

    private final Headers headers = new Headers();
    private final Headers quoted = new Headers();

    @Property(tries = 3000)
    void randomBytes(@ForAll long seed) throws ReflectiveOperationException {
        Random random = new Random(seed);
        byte[] bytes = new byte[random.nextInt(2049)];
        random.nextBytes(bytes);
        useAll(bytes, random);
    }

    /** Well-formed packets with a few bytes changed, an end cut off, or a part in another buffer. */
    @Property(tries = 20_000)
    void brokenPackets(@ForAll long seed) throws ReflectiveOperationException {
        Random random = new Random(seed);
        byte[] bytes = SAMPLES.next();
        if (random.nextInt(4) == 0) {
            bytes = quoting(bytes);
        }
        for (int changes = random.nextInt(3); changes > 0; changes--) {
            bytes[12 + random.nextInt(Math.min(60, bytes.length - 12))] = (byte) random.nextInt();
        }
        if (random.nextBoolean()) {
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
        }
        useAll(bytes, random);
    }

    private static final SamplePackets SAMPLES = new SamplePackets(7);

    /** An ICMP error that quotes what is behind the packet's Ethernet header. */
    private static byte[] quoting(byte[] bytes) {
        int header = Ethernet.HEADER_LENGTH + Ipv4.MIN_HEADER_LENGTH + Icmpv4.HEADER_LENGTH;
        byte[] error = new byte[header + bytes.length - Ethernet.HEADER_LENGTH];
        System.arraycopy(bytes, Ethernet.HEADER_LENGTH, error, header, bytes.length - Ethernet.HEADER_LENGTH);
        Packet packet = MEMORY.place(error);
        packet.u16(Ethernet.ETHER_TYPE_OFFSET, EtherType.IPV4);
        Ipv4 ip = new Ipv4();
        ip.init(packet, Ethernet.HEADER_LENGTH, error.length - Ethernet.HEADER_LENGTH);
        ip.protocol(IpProtocol.ICMP);
        packet.u8(ip.payloadOffset(), Icmpv4.TIME_EXCEEDED);
        return GuardedPacket.bytes(packet);
    }

    private void useAll(byte[] bytes, Random random) throws ReflectiveOperationException {
        int elsewhere = random.nextInt(3) == 0 ? random.nextInt(3000) : 0;
        Packet packet = MEMORY.place(bytes, bytes.length + elsewhere);
        useHeaders(packet, random);
        for (HeaderView view : VIEWS) {
            int offset = random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(bytes.length + 40) - 20;
            if (view.wrap(packet, offset)) {
                assertTrue(view.payloadOffset() <= bytes.length);
                if (!isShort(view)) {
                    readAll(view);
                }
            }
        }
        Ipv6 ipv6 = new Ipv6();
        if (ipv6.wrap(packet)) {
            Ipv6Extensions extensions = new Ipv6Extensions();
            if (extensions.walk(packet, ipv6) == Defect.NONE) {
                assertTrue(extensions.offset() <= bytes.length);
            }
        }
        Ipv4 ipv4 = new Ipv4();
        if (ipv4.wrap(packet)) {
            Checksum.fill(ipv4);
            assertTrue(Checksum.valid(ipv4));
        }
        new Arp().wrap(packet);
    }

    /** Whether the header ends before fields that only some messages have. */
    private static boolean isShort(HeaderView view) {
        return view instanceof Icmpv6 icmp && icmp.headerLength() < Icmpv6.HEADER_LENGTH;
    }

    private void useHeaders(Packet packet, Random random) throws ReflectiveOperationException {
        boolean wellFormed = headers.parse(packet);
        readAll(headers);
        assertEquals(wellFormed, !headers.malformed());
        assertEquals(wellFormed, headers.defect() == Defect.NONE);
        assertTrue(headers.payloadLength() >= 0);
        assertTrue(headers.payloadOffset() + headers.payloadLength() <= packet.totalLength());
        assertTrue(headers.l4Offset() <= packet.length());
        if (quoted.parseQuoted(packet, headers)) {
            readAll(quoted);
            change(quoted, random);
        }
        if (wellFormed && headers.isIp()) {
            boolean valid = Checksum.transportValid(headers);
            change(headers, random);
            assertEquals(valid, Checksum.transportValid(headers));
            Checksum.fillTransport(headers);
            assertTrue(Checksum.transportValid(headers));
        }
    }

    private static void change(Headers headers, Random random) {
        if (headers.isIpv4()) {
            Rewrite.source(headers, random.nextInt(), random.nextInt(0x10000));
            Rewrite.destination(headers, random.nextInt(), random.nextInt(0x10000));
        } else if (headers.isIpv6()) {
            Rewrite.source(headers, random.nextLong(), random.nextLong(), random.nextInt(0x10000));
            Rewrite.destination(headers, random.nextLong(), random.nextLong(), random.nextInt(0x10000));
        }
    }

    /** Calls every method without arguments that returns something. */
    private static void readAll(Object view) throws ReflectiveOperationException {
        List<Method> getters = Stream.of(view.getClass().getMethods())
                .filter(method -> method.getDeclaringClass() != Object.class)
                .filter(method -> method.getParameterCount() == 0 && method.getReturnType() != void.class)
                .toList();
        for (Method getter : getters) {
            getter.invoke(view);
        }
    }
}
