// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.api.Packet;

/**
 * Everything that most functions ask of a packet, found in one pass.
 *
 * <pre>{@code
 * private final Headers headers = new Headers();
 * ...
 * if (!headers.parse(packet)) {
 *     out.drop(i, malformed);
 * } else if (headers.protocol() == IpProtocol.TCP && headers.destinationPort() == 22) {
 *     ...
 * }
 * }</pre>
 *
 * <p>{@link #parse} accepts every packet and reads nothing beyond {@link Packet#length()}. A packet that is not IP is not
 * malformed. Bytes behind the end of the IP packet are Ethernet padding and belong to no layer. All lengths and offsets are
 * bytes, offsets from the packet's start; lengths are those of the whole packet where it lies in several buffers.
 *
 * <p>The results hold until the next parse. Fields that are changed in the packet by other means than {@link Rewrite} are
 * not seen here. Single-threaded.
 */
public final class Headers {
    /** Bytes of the upper layer's header that every ICMP error quotes (RFC 792). */
    private static final int QUOTED_LENGTH = 8;

    private final Ipv6Extensions extensions = new Ipv6Extensions();
    private long base;
    /** Where the readable bytes end. */
    private int end;

    private Defect defect = Defect.NONE;
    private int etherType;
    private int l3Offset;
    private int version;
    private int protocol;
    private boolean fragment;
    private int fragmentOffset;
    private int identification;
    private boolean routed;
    private int limit;
    private int l4Offset;
    private int l4End;
    private int payloadOffset;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private int ports;

    /**
     * Parses a packet from its Ethernet header on.
     *
     * @return whether it is well-formed as far as this class looks; else {@link #defect()} says why not
     */
    public boolean parse(Packet packet) {
        clear(packet);
        int found = LinkLayer.find(packet);
        if (found < 0) {
            return fail(found == LinkLayer.TRUNCATED ? Defect.TRUNCATED : Defect.TOO_MANY_VLAN_TAGS);
        }
        etherType = LinkLayer.etherType(found);
        l3Offset = LinkLayer.offset(found);
        return parseNetwork(packet, false);
    }

    /**
     * Parses the IP packet that an ICMP error quotes. It is cut off somewhere: its length is not checked, and of its upper
     * layer only the first 8 bytes need be there.
     *
     * @param error the headers of the error message, parsed from the same packet; may be this object
     * @return whether it is such an error and the quoted headers are well-formed
     */
    public boolean parseQuoted(Packet packet, Headers error) {
        boolean quotes = error.isIcmpError();
        int outerType = error.etherType;
        int start = error.payloadOffset;
        int outerEnd = error.limit;
        clear(packet);
        end = outerEnd;
        if (!quotes) {
            return fail(Defect.TRUNCATED);
        }
        etherType = outerType;
        l3Offset = start;
        return parseNetwork(packet, true);
    }

    private void clear(Packet packet) {
        base = packet.address();
        end = packet.length();
        defect = Defect.NONE;
        etherType = -1;
        l3Offset = -1;
        version = 0;
        protocol = -1;
        fragment = false;
        fragmentOffset = 0;
        identification = 0;
        routed = false;
        l4Offset = -1;
        ports = 0;
    }

    private boolean fail(Defect why) {
        defect = why;
        l4Offset = -1;
        payloadOffset = -1;
        l4End = -1;
        ports = 0;
        return false;
    }

    private boolean parseNetwork(Packet packet, boolean quoted) {
        if (etherType == EtherType.IPV4) {
            return parseIpv4(packet, quoted);
        }
        if (etherType == EtherType.IPV6) {
            return parseIpv6(packet, quoted);
        }
        payloadOffset = l3Offset;
        l4End = packet.totalLength();
        return true;
    }

    private boolean parseIpv4(Packet packet, boolean quoted) {
        int available = end - l3Offset;
        if (available < Ipv4.MIN_HEADER_LENGTH) {
            return fail(Defect.TRUNCATED);
        }
        // The compiler takes each access in as some twenty calls and has a limit on these: so three of them, not seven.
        long first = i64(l3Offset);
        long second = i64(l3Offset + Long.BYTES);
        int versionIhl = field(first, 0, 8);
        int headerLength = (versionIhl & 0xf) * 4;
        if (versionIhl != 0x45) {
            if (versionIhl >>> 4 != 4) {
                return fail(Defect.BAD_VERSION);
            }
            if (headerLength < Ipv4.MIN_HEADER_LENGTH) {
                return fail(Defect.BAD_HEADER_LENGTH);
            }
            if (headerLength > available) {
                return fail(Defect.TRUNCATED);
            }
        }
        version = 4;
        sourceHigh = 0;
        sourceLow = Ipv6Address.mappedLow((int) second);
        destinationHigh = 0;
        destinationLow = Ipv6Address.mappedLow(i32(l3Offset + Ipv4.DESTINATION_OFFSET));
        protocol = field(second, Ipv4.PROTOCOL_OFFSET - Long.BYTES, 8);
        int totalLength = field(first, Ipv4.TOTAL_LENGTH_OFFSET, 16);
        if (totalLength < headerLength || !quoted && totalLength > packet.totalLength() - l3Offset) {
            return fail(Defect.BAD_TOTAL_LENGTH);
        }
        int fragmentWord = field(first, Ipv4.FRAGMENT_OFFSET, 16);
        fragment = (fragmentWord & (Ipv4.MORE_FRAGMENTS | Ipv4.FRAGMENT_OFFSET_MASK)) != 0;
        fragmentOffset = (fragmentWord & Ipv4.FRAGMENT_OFFSET_MASK) * 8;
        identification = field(first, Ipv4.IDENTIFICATION_OFFSET, 16);
        if (fragmentOffset + totalLength - headerLength > 0xffff) {
            return fail(Defect.BAD_FRAGMENT);
        }
        return parseTransport(packet, l3Offset + headerLength, l3Offset + totalLength, quoted);
    }

    private boolean parseIpv6(Packet packet, boolean quoted) {
        if (end - l3Offset < Ipv6.HEADER_LENGTH) {
            return fail(Defect.TRUNCATED);
        }
        if (u8(l3Offset) >>> 4 != 6) {
            return fail(Defect.BAD_VERSION);
        }
        version = 6;
        sourceHigh = i64(l3Offset + Ipv6.SOURCE_OFFSET);
        sourceLow = i64(l3Offset + Ipv6.SOURCE_OFFSET + 8);
        destinationHigh = i64(l3Offset + Ipv6.DESTINATION_OFFSET);
        destinationLow = i64(l3Offset + Ipv6.DESTINATION_OFFSET + 8);
        int start = l3Offset + Ipv6.HEADER_LENGTH;
        int ipEnd = start + u16(l3Offset + Ipv6.PAYLOAD_LENGTH_OFFSET);
        if (!quoted && ipEnd > packet.totalLength()) {
            return fail(Defect.BAD_TOTAL_LENGTH);
        }
        int next = u8(l3Offset + Ipv6.NEXT_HEADER_OFFSET);
        Defect found = extensions.walk(base, start, next, ipEnd, end);
        if (found != Defect.NONE) {
            return fail(found);
        }
        protocol = extensions.protocol();
        fragment = extensions.fragment();
        fragmentOffset = extensions.fragmentOffset();
        identification = extensions.identification();
        routed = extensions.routed();
        return parseTransport(packet, extensions.offset(), ipEnd, quoted);
    }

    private boolean parseTransport(Packet packet, int offset, int ipEnd, boolean quoted) {
        l4End = ipEnd;
        limit = Math.min(ipEnd, end);
        payloadOffset = offset;
        if (fragmentOffset != 0) {
            boolean overwritesTcp = protocol == IpProtocol.TCP && fragmentOffset < Tcp.MIN_HEADER_LENGTH;
            return !overwritesTcp || fail(Defect.BAD_FRAGMENT);
        }
        l4Offset = offset;
        return switch (protocol) {
            case IpProtocol.TCP -> parseTcp(quoted);
            case IpProtocol.UDP -> parseUdp(quoted);
            case IpProtocol.ICMP -> version != 4 || parseIcmpv4();
            case IpProtocol.ICMPV6 -> version != 6 || parseIcmpv6();
            default -> true;
        };
    }

    private boolean parseTcp(boolean quoted) {
        int room = limit - l4Offset;
        if (quoted && room >= QUOTED_LENGTH && room < Tcp.MIN_HEADER_LENGTH) {
            ports = i32(l4Offset);
            payloadOffset = l4End;
            return true;
        }
        if (room < Tcp.MIN_HEADER_LENGTH) {
            return fail(Defect.TRUNCATED);
        }
        int headerLength = (u8(l4Offset + Tcp.DATA_OFFSET) >>> 4) * 4;
        if (headerLength < Tcp.MIN_HEADER_LENGTH) {
            return fail(Defect.BAD_HEADER_LENGTH);
        }
        if (headerLength > room && !quoted) {
            return fail(Defect.TRUNCATED);
        }
        ports = i32(l4Offset);
        payloadOffset = Math.min(l4Offset + headerLength, l4End);
        return true;
    }

    private boolean parseUdp(boolean quoted) {
        if (limit - l4Offset < Udp.HEADER_LENGTH) {
            return fail(Defect.TRUNCATED);
        }
        long header = i64(l4Offset);
        int length = field(header, Udp.LENGTH_OFFSET, 16);
        if (length < Udp.HEADER_LENGTH) {
            return fail(Defect.BAD_UDP_LENGTH);
        }
        if (!fragment) {
            if (length > l4End - l4Offset && !quoted) {
                return fail(Defect.BAD_UDP_LENGTH);
            }
            l4End = Math.min(l4End, l4Offset + length);
        }
        ports = (int) (header >>> 32);
        payloadOffset = l4Offset + Udp.HEADER_LENGTH;
        return true;
    }

    private boolean parseIcmpv4() {
        if (limit - l4Offset < Icmpv4.HEADER_LENGTH) {
            return fail(Defect.TRUNCATED);
        }
        if (Icmpv4.isQuery(icmpType())) {
            identifier(u16(l4Offset + Icmpv4.IDENTIFIER_OFFSET));
        }
        payloadOffset = l4Offset + Icmpv4.HEADER_LENGTH;
        return true;
    }

    private boolean parseIcmpv6() {
        int room = limit - l4Offset;
        if (room < Icmpv6.MIN_HEADER_LENGTH || room < Icmpv6.headerLength(icmpType())) {
            return fail(Defect.TRUNCATED);
        }
        if (Icmpv6.isQuery(icmpType())) {
            identifier(u16(l4Offset + Icmpv6.IDENTIFIER_OFFSET));
        }
        payloadOffset = l4Offset + Icmpv6.headerLength(icmpType());
        return true;
    }

    private void identifier(int identifier) {
        ports = identifier << 16 | identifier;
    }

    /** Whether the last packet was malformed. */
    public boolean malformed() {
        return defect != Defect.NONE;
    }

    /** What was wrong with the last packet. */
    public Defect defect() {
        return defect;
    }

    /** {@link EtherType} behind the VLAN tags; -1 where the packet ends before. */
    public int etherType() {
        return etherType;
    }

    /** Number of VLAN tags. */
    public int vlanTags() {
        return Math.max(0, (l2Length() - Ethernet.HEADER_LENGTH) / Vlan.HEADER_LENGTH);
    }

    /** VLAN identifier of the outermost tag; -1 = none. */
    public int vlanId() {
        return vlanTags() == 0 ? -1 : u16(Ethernet.HEADER_LENGTH) & 0xfff;
    }

    /** Bytes of the Ethernet header with its VLAN tags; -1 where the packet ends before. */
    public int l2Length() {
        return l3Offset;
    }

    /** Where the network layer begins, of whatever kind; -1 where the packet ends before. */
    public int l3Offset() {
        return l3Offset;
    }

    /** Whether a complete IPv4 header is there: addresses are valid then, even if the packet is malformed. */
    public boolean isIpv4() {
        return version == 4;
    }

    /** Whether a complete IPv6 header is there: addresses are valid then, even if the packet is malformed. */
    public boolean isIpv6() {
        return version == 6;
    }

    /** {@link #isIpv4()} or {@link #isIpv6()}. */
    public boolean isIp() {
        return version != 0;
    }

    /** Whether the packet claims to be ARP; {@link Arp#wrap} tells whether it is. */
    public boolean isArp() {
        return etherType == EtherType.ARP;
    }

    /** Whether this is a part of a larger IP packet, the first included. */
    public boolean fragment() {
        return fragment;
    }

    /** Whether this is a part of a larger IP packet other than the first: it has no transport header. */
    public boolean laterFragment() {
        return fragmentOffset != 0;
    }

    /** What the fragments of one packet have in common: 16 bits of IPv4; 32 of IPv6, 0 where it has no fragment header. */
    public int identification() {
        return identification;
    }

    /** {@link IpProtocol} of the upper layer, behind extension headers; -1 = not IP or not known. */
    public int protocol() {
        return protocol;
    }

    /**
     * Where the upper layer's header begins; -1 where there is none: not IP, later fragment, malformed. For TCP, UDP, ICMP
     * and ICMPv6 the header is complete.
     */
    public int l4Offset() {
        return l4Offset;
    }

    /** Bytes of the upper layer, header included: from {@link #l4Offset()} to the end of the UDP datagram or IP packet. */
    public int l4Length() {
        return l4Offset < 0 ? 0 : l4End - l4Offset;
    }

    /** Whether {@link #sourcePort()} and {@link #destinationPort()} are ports: TCP or UDP, and the header is there. */
    public boolean hasPorts() {
        return l4Offset >= 0 && (protocol == IpProtocol.TCP || protocol == IpProtocol.UDP);
    }

    /**
     * Source port of TCP and UDP. For ICMP and ICMPv6 queries it is the identifier, as is {@link #destinationPort()}, so that
     * request and reply are each other's reverse. 0 for everything else.
     */
    public int sourcePort() {
        return ports >>> 16;
    }

    /** Destination port, see {@link #sourcePort()}. */
    public int destinationPort() {
        return ports & 0xffff;
    }

    /** Both: the source port in the upper half. */
    public int ports() {
        return ports;
    }

    /** {@link Tcp#flags()}; 0 where there is no TCP header. */
    public int tcpFlags() {
        boolean there = protocol == IpProtocol.TCP && l4Offset >= 0 && limit - l4Offset > Tcp.FLAGS_OFFSET;
        return there ? u8(l4Offset + Tcp.FLAGS_OFFSET) : 0;
    }

    /** Type of an ICMP message over IPv4 or an ICMPv6 message over IPv6; -1 where there is none. */
    public int icmpType() {
        return isIcmp() ? u8(l4Offset) : -1;
    }

    /** Whether this is an ICMP or ICMPv6 error: {@link #parseQuoted} reads what it quotes. */
    public boolean isIcmpError() {
        return isIcmp() && (version == 4 ? Icmpv4.isError(icmpType()) : Icmpv6.isError(icmpType()));
    }

    /** Whether this is an ICMP or ICMPv6 message with an identifier, which the ports then hold. */
    public boolean isIcmpQuery() {
        return isIcmp() && (version == 4 ? Icmpv4.isQuery(icmpType()) : Icmpv6.isQuery(icmpType()));
    }

    private boolean isIcmp() {
        return l4Offset >= 0 && protocol == (version == 4 ? IpProtocol.ICMP : IpProtocol.ICMPV6);
    }

    /** Where the payload of the innermost layer that was parsed begins; -1 where malformed. */
    public int payloadOffset() {
        return payloadOffset;
    }

    /** Bytes of the payload of the innermost layer that was parsed, without padding; 0 where malformed. */
    public int payloadLength() {
        return l4End - payloadOffset;
    }

    /** Source address, where {@link #isIpv4()}. */
    public int sourceIpv4() {
        return (int) sourceLow;
    }

    /** Destination address, where {@link #isIpv4()}. */
    public int destinationIpv4() {
        return (int) destinationLow;
    }

    /** The first eight bytes of the source address; IPv4 addresses are mapped to ::ffff:0:0/96. */
    public long sourceHigh() {
        return sourceHigh;
    }

    /** The last eight bytes of the source address; IPv4 addresses are mapped to ::ffff:0:0/96. */
    public long sourceLow() {
        return sourceLow;
    }

    /** The first eight bytes of the destination address; IPv4 addresses are mapped to ::ffff:0:0/96. */
    public long destinationHigh() {
        return destinationHigh;
    }

    /** The last eight bytes of the destination address; IPv4 addresses are mapped to ::ffff:0:0/96. */
    public long destinationLow() {
        return destinationLow;
    }

    /** Whether the final destination, which transport checksums cover, stands in a routing header instead. */
    boolean routed() {
        return routed;
    }

    /** Where the readable bytes of the IP packet end. */
    int limit() {
        return limit;
    }

    /** Address of a byte of the packet. */
    long address(int offset) {
        return Memory.base(base) + Integer.toUnsignedLong(offset);
    }

    void source(long high, long low) {
        sourceHigh = high;
        sourceLow = low;
    }

    void destination(long high, long low) {
        destinationHigh = high;
        destinationLow = low;
    }

    void ports(int both) {
        ports = both;
    }

    /** Of eight bytes of a header the field that is so many bits wide and begins at byte {@code offset}. */
    private static int field(long bytes, int offset, int bits) {
        return (int) (bytes << offset * Byte.SIZE >>> Long.SIZE - bits);
    }

    private int u8(int offset) {
        return Memory.getByte(address(offset)) & 0xff;
    }

    private int u16(int offset) {
        return Memory.getShortBigEndian(address(offset)) & 0xffff;
    }

    private int i32(int offset) {
        return Memory.getIntBigEndian(address(offset));
    }

    private long i64(int offset) {
        return Memory.getLongBigEndian(address(offset));
    }
}
