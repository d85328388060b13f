// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.nfv.api.Packet;
import java.util.Arrays;
import java.util.Random;

/** Makes well-formed packets of every kind that the views know, some with wrong transport checksums. */
final class SamplePackets {
    private final Random random;
    private final GuardedPacket memory = new GuardedPacket();
    private final Headers headers = new Headers();
    private Packet packet;

    SamplePackets(long seed) {
        random = new Random(seed);
    }

    byte[] next() {
        byte[] bytes = new byte[1514];
        random.nextBytes(bytes);
        packet = memory.place(bytes);
        packet.i64(0, 0x0200_0000_0001_0200L);
        packet.i32(8, 1);
        int offset = Ethernet.ETHER_TYPE_OFFSET;
        for (int tags = random.nextInt(4) - 1; tags > 0; tags--) {
            packet.u16(offset, tags == 1 ? EtherType.VLAN : EtherType.SERVICE_VLAN);
            offset += 4;
        }
        int end = switch (random.nextInt(20)) {
            case 0 -> arp(offset);
            case 1, 2, 3, 4, 5, 6, 7, 8, 9 -> ipv6(offset);
            default -> ipv4(offset);
        };
        int padding = random.nextInt(4) == 0 ? random.nextInt(8) : 0;
        byte[] result = Arrays.copyOf(GuardedPacket.bytes(packet), end + padding);
        return random.nextInt(4) == 0 ? result : withChecksum(result);
    }

    /** The packet with a right transport checksum where there can be one. */
    private byte[] withChecksum(byte[] bytes) {
        packet = memory.place(bytes);
        headers.parse(packet);
        Checksum.fillTransport(headers);
        return GuardedPacket.bytes(packet);
    }

    private int arp(int offset) {
        packet.u16(offset, EtherType.ARP);
        new Arp().init(packet, offset + 2, Arp.REQUEST);
        return offset + 2 + Arp.HEADER_LENGTH;
    }

    private int ipv4(int offset) {
        packet.u16(offset, EtherType.IPV4);
        Ipv4 ip = new Ipv4();
        int start = offset + 2;
        ip.init(packet, start, Ipv4.MIN_HEADER_LENGTH);
        int options = random.nextInt(4) == 0 ? 4 * (1 + random.nextInt(10)) : 0;
        packet.u8(start, 0x45 + options / 4);
        for (int i = 0; i < options; i++) {
            packet.u8(start + Ipv4.OPTIONS_OFFSET + i, 1);
        }
        int protocol =
                random.nextInt(3) == 0 ? IpProtocol.UDP : random.nextInt(2) == 0 ? IpProtocol.TCP : IpProtocol.ICMP;
        int end = transport(protocol, start + ip.headerLength());
        ip.totalLength(end - start);
        ip.protocol(protocol);
        ip.ttl(1 + random.nextInt(255));
        ip.identification(random.nextInt(0x10000));
        ip.fragmentWord(
                switch (random.nextInt(8)) {
                    case 0 -> Ipv4.MORE_FRAGMENTS;
                    case 1 -> Ipv4.MORE_FRAGMENTS | 100;
                    case 2 -> 3 + random.nextInt(4000);
                    case 3 -> Ipv4.DONT_FRAGMENT;
                    default -> 0;
                });
        ip.source(0x0a00_0000 | random.nextInt(0x100_0000));
        ip.destination(0xc000_0200 | random.nextInt(0x100));
        if (protocol == IpProtocol.UDP && random.nextInt(4) == 0) {
            packet.u16(start + ip.headerLength() + Udp.CHECKSUM_OFFSET, 0);
        }
        Checksum.fill(ip);
        return end;
    }

    private int ipv6(int offset) {
        packet.u16(offset, EtherType.IPV6);
        Ipv6 ip = new Ipv6();
        int start = offset + 2;
        ip.init(packet, start, 0);
        ip.hopLimit(1 + random.nextInt(255));
        ip.source(0x2001_0db8_0000_0000L | random.nextInt(100), random.nextLong());
        ip.destination(0x2001_0db8_0000_0000L, random.nextInt(3));
        int protocol =
                random.nextInt(3) == 0 ? IpProtocol.UDP : random.nextInt(2) == 0 ? IpProtocol.TCP : IpProtocol.ICMPV6;
        int nextHeader = start + Ipv6.NEXT_HEADER_OFFSET;
        int position = start + Ipv6.HEADER_LENGTH;
        int[] kinds = {IpProtocol.HOP_BY_HOP, IpProtocol.DESTINATION_OPTIONS, IpProtocol.FRAGMENT, IpProtocol.AH};
        for (int kind : kinds) {
            if (random.nextInt(5) == 0) {
                packet.u8(nextHeader, kind);
                nextHeader = position;
                position = extension(kind, position);
            }
        }
        packet.u8(nextHeader, protocol);
        int end = transport(protocol, position);
        ip.payloadLength(end - start - Ipv6.HEADER_LENGTH);
        return end;
    }

    /** Writes an extension header but its next header field; returns where it ends. */
    private int extension(int kind, int position) {
        switch (kind) {
            case IpProtocol.FRAGMENT -> {
                packet.i64(position, random.nextInt(1 << 30));
                int word = random.nextInt(3) == 0 ? random.nextInt(3, 1000) << 3 | 1 : random.nextInt(2);
                packet.u16(position + 2, word);
                return position + 8;
            }
            case IpProtocol.AH -> {
                packet.u8(position + 1, 4);
                return position + 24;
            }
            default -> {
                // One PadN option that fills sixteen bytes.
                packet.i64(position, 0);
                packet.i64(position + 8, 0);
                packet.u8(position + 1, 1);
                packet.u8(position + 2, 1);
                packet.u8(position + 3, 12);
                return position + 16;
            }
        }
    }

    private int transport(int protocol, int offset) {
        int payload = random.nextInt(3) == 0 ? 0 : random.nextInt(64);
        int end = offset + headerLength(protocol, offset) + payload;
        switch (protocol) {
            case IpProtocol.TCP -> ports(offset);
            case IpProtocol.UDP -> {
                ports(offset);
                packet.u16(offset + Udp.LENGTH_OFFSET, end - offset);
            }
            case IpProtocol.ICMP -> {
                packet.u8(offset, random.nextBoolean() ? Icmpv4.ECHO_REQUEST : Icmpv4.ECHO_REPLY);
                packet.u8(offset + 1, 0);
            }
            default -> {
                packet.u8(offset, random.nextBoolean() ? Icmpv6.ECHO_REQUEST : Icmpv6.ECHO_REPLY);
                packet.u8(offset + 1, 0);
            }
        }
        return end;
    }

    /** Ports to which no dissector is bound. */
    private void ports(int offset) {
        packet.u16(offset, 61000 + random.nextInt(1000));
        packet.u16(offset + 2, 62000 + random.nextInt(1000));
    }

    private int headerLength(int protocol, int offset) {
        if (protocol != IpProtocol.TCP) {
            return 8;
        }
        int words = random.nextInt(3) == 0 ? 5 + random.nextInt(11) : 5;
        packet.u8(offset + Tcp.DATA_OFFSET, words << 4);
        for (int i = Tcp.OPTIONS_OFFSET; i < words * 4; i++) {
            packet.u8(offset + i, 1);
        }
        return words * 4;
    }
}
