// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.memory.Memory;

/**
 * Changes addresses and ports of a packet and keeps its checksums right by increments (RFC 1624), without reading the
 * payload: a wrong checksum stays wrong, UDP without a checksum stays without, and fragments work: the first one holds the
 * checksum of the whole, later ones have neither ports nor a checksum beyond IPv4's.
 *
 * <p>All methods take the headers of a packet that were parsed well-formed, or {@linkplain Headers#parseQuoted quoted}, and
 * keep these in step. After a change in what an ICMP error quotes, let {@link Checksum#fillTransport} renew the error's own
 * checksum. Ports are those of {@link Headers#sourcePort()}: for ICMP queries either one is the identifier; of packets that
 * have none only the address changes.
 *
 * <p>Single-threaded.
 */
public final class Rewrite {
    private Rewrite() {}

    /** Changes source address and port of an IPv4 packet. */
    public static void source(Headers headers, int address, int port) {
        long change = ipv4(headers, Ipv4.SOURCE_OFFSET, headers.sourceIpv4(), address);
        headers.source(0, Ipv6Address.mappedLow(address));
        transport(headers, change, port << 16 | headers.destinationPort());
    }

    /** Changes destination address and port of an IPv4 packet. */
    public static void destination(Headers headers, int address, int port) {
        long change = ipv4(headers, Ipv4.DESTINATION_OFFSET, headers.destinationIpv4(), address);
        headers.destination(0, Ipv6Address.mappedLow(address));
        transport(headers, change, headers.sourcePort() << 16 | port & 0xffff);
    }

    /** Changes source address and port of an IPv6 packet. */
    public static void source(Headers headers, long high, long low, int port) {
        long change = ipv6(headers, Ipv6.SOURCE_OFFSET, headers.sourceHigh(), headers.sourceLow(), high, low);
        headers.source(high, low);
        transport(headers, change, port << 16 | headers.destinationPort());
    }

    /** Changes destination address and port of an IPv6 packet. */
    public static void destination(Headers headers, long high, long low, int port) {
        long change =
                ipv6(headers, Ipv6.DESTINATION_OFFSET, headers.destinationHigh(), headers.destinationLow(), high, low);
        headers.destination(high, low);
        transport(headers, headers.routed() ? 0 : change, headers.sourcePort() << 16 | port & 0xffff);
    }

    /**
     * Exchanges source and destination address; all checksums stay right. A packet on its way through an IPv6 routing header
     * has its destination there, and keeps its addresses.
     */
    public static void swapAddresses(Headers headers) {
        if (headers.routed()) {
            return;
        }
        long header = headers.address(headers.l3Offset());
        if (headers.isIpv4()) {
            long both = (long) headers.destinationIpv4() << 32 | headers.sourceIpv4() & 0xffff_ffffL;
            Memory.putLongBigEndian(header + Ipv4.SOURCE_OFFSET, both);
        } else {
            putIpv6(header + Ipv6.SOURCE_OFFSET, headers.destinationHigh(), headers.destinationLow());
            putIpv6(header + Ipv6.DESTINATION_OFFSET, headers.sourceHigh(), headers.sourceLow());
        }
        long high = headers.sourceHigh();
        long low = headers.sourceLow();
        headers.source(headers.destinationHigh(), headers.destinationLow());
        headers.destination(high, low);
    }

    /** Exchanges source and destination port of a packet that {@linkplain Headers#hasPorts() has} them; its checksum stays right. */
    public static void swapPorts(Headers headers) {
        int ports = Integer.rotateLeft(headers.ports(), 16);
        Memory.putIntBigEndian(headers.address(headers.l4Offset()), ports);
        headers.ports(ports);
    }

    /** Takes one hop off the TTL of an IPv4 packet or the hop limit of an IPv6 packet, which must not be 0. */
    public static void decrementTtl(Headers headers) {
        long header = headers.address(headers.l3Offset());
        if (headers.isIpv4()) {
            int before = u16(header + Ipv4.TTL_OFFSET);
            int after = before - 0x100;
            u16(header + Ipv4.TTL_OFFSET, after);
            long field = header + Ipv4.CHECKSUM_OFFSET;
            u16(field, Checksum.update16(u16(field), before, after));
        } else {
            long field = header + Ipv6.HOP_LIMIT_OFFSET;
            Memory.putByte(field, (byte) (Memory.getByte(field) - 1));
        }
    }

    /** Writes an address into the IPv4 header; returns the change of sums that cover it. */
    private static long ipv4(Headers headers, int offset, int before, int after) {
        long header = headers.address(headers.l3Offset());
        long change = Checksum.change32(before, after);
        Memory.putIntBigEndian(header + offset, after);
        long field = header + Ipv4.CHECKSUM_OFFSET;
        u16(field, Checksum.apply(u16(field), change));
        return change;
    }

    /** Writes an address into the IPv6 header; returns the change of sums that cover it. */
    private static long ipv6(Headers headers, int offset, long highBefore, long lowBefore, long high, long low) {
        long field = headers.address(headers.l3Offset()) + offset;
        putIpv6(field, high, low);
        return Checksum.change64(highBefore, high) + Checksum.change64(lowBefore, low);
    }

    private static void putIpv6(long field, long high, long low) {
        Memory.putLongBigEndian(field, high);
        Memory.putLongBigEndian(field + Long.BYTES, low);
    }

    /** Writes the ports and brings the transport checksum up to date with them and a change of address. */
    private static void transport(Headers headers, long addressChange, int ports) {
        long change = Transport.hasPseudoHeader(headers) ? addressChange : 0;
        if (headers.hasPorts()) {
            change += Checksum.change32(headers.ports(), ports);
            Memory.putIntBigEndian(headers.address(headers.l4Offset()), ports);
            headers.ports(ports);
        } else if (headers.isIcmpQuery()) {
            change += identifier(headers, ports);
        }
        int offset = Transport.checksumOffset(headers);
        if (offset >= 0) {
            long field = headers.address(offset);
            int before = u16(field);
            int after = Checksum.apply(before, change);
            u16(field, headers.protocol() == IpProtocol.UDP ? Checksum.udp(before, after) : after);
        }
    }

    /** Writes the identifier of a query, whichever of the two ports is the new one; returns the change of its checksum. */
    private static long identifier(Headers headers, int ports) {
        int before = headers.sourcePort();
        int after = ports >>> 16 == before ? ports & 0xffff : ports >>> 16;
        u16(headers.address(headers.l4Offset() + Icmpv4.IDENTIFIER_OFFSET), after);
        headers.ports(after << 16 | after);
        return Checksum.change16(before, after);
    }

    private static int u16(long address) {
        return Memory.getShortBigEndian(address) & 0xffff;
    }

    private static void u16(long address, int value) {
        Memory.putShortBigEndian(address, (short) value);
    }
}
