// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions;

import io.ptnetmap.nfv.api.packet.Ipv4Address;
import io.ptnetmap.nfv.api.packet.Ipv6Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Ethernet frames for tests, with right checksums, made and checked without the code under test. */
public final class Frames {
    public static final long INSIDE_MAC = 0x0200_0000_0102L;
    public static final long ROUTER_MAC = 0x0200_0000_0101L;
    /** Where the IP header begins. */
    public static final int L3 = 14;
    /** Where the transport header begins behind an IPv4 header without options. */
    public static final int L4 = L3 + 20;

    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMPV6 = 58;

    private Frames() {}

    public static byte[] udp(String source, int sourcePort, String destination, int destinationPort, int payload) {
        ByteBuffer udp = ByteBuffer.allocate(8 + payload);
        udp.putShort((short) sourcePort).putShort((short) destinationPort).putShort((short) udp.capacity());
        udp.putShort((short) 0);
        fill(udp);
        return ip(UDP, source, destination, udp.array());
    }

    public static byte[] tcp(String source, int sourcePort, String destination, int destinationPort, int flags) {
        ByteBuffer tcp = ByteBuffer.allocate(20 + 5);
        tcp.putShort((short) sourcePort).putShort((short) destinationPort);
        tcp.putInt(0x01020304).putInt(0x05060708).put((byte) 0x50).put((byte) flags);
        tcp.putShort((short) 1024).putInt(0);
        fill(tcp);
        return ip(TCP, source, destination, tcp.array());
    }

    public static byte[] icmp(String source, String destination, int type, int code, int identifier) {
        ByteBuffer icmp = ByteBuffer.allocate(8 + 11);
        icmp.put((byte) type)
                .put((byte) code)
                .putShort((short) 0)
                .putShort((short) identifier)
                .putShort((short) 7);
        fill(icmp);
        return ip(source.contains(":") ? ICMPV6 : ICMP, source, destination, icmp.array());
    }

    /** An ICMP or ICMPv6 error about a frame, quoting some bytes of its IP packet. */
    public static byte[] error(String source, String destination, int type, byte[] about, int quoted) {
        ByteBuffer icmp = ByteBuffer.allocate(8 + Math.min(quoted, about.length - L3));
        icmp.put((byte) type).put((byte) 0).putShort((short) 0).putInt(0);
        icmp.put(about, L3, icmp.remaining());
        return ip(source.contains(":") ? ICMPV6 : ICMP, source, destination, icmp.array());
    }

    private static void fill(ByteBuffer into) {
        while (into.hasRemaining()) {
            into.put((byte) (into.position() * 7 + 1));
        }
    }

    /** An IP packet in a frame; the transport's checksum is filled in. */
    public static byte[] ip(int protocol, String source, String destination, byte[] transport) {
        byte[] frame = source.contains(":")
                ? ipv6(protocol, Ipv6Address.parse(source), Ipv6Address.parse(destination), transport)
                : ipv4(protocol, Ipv4Address.parse(source), Ipv4Address.parse(destination), transport);
        int field = checksumField(protocol);
        if (field >= 0) {
            int at = frame.length - transport.length + field;
            int sum = sum(transport) + pseudoSum(frame);
            put16(frame, at, fold(sum) == 0xffff && protocol == UDP ? 0xffff : ~fold(sum));
        }
        return frame;
    }

    private static byte[] ipv4(int protocol, Ipv4Address source, Ipv4Address destination, byte[] transport) {
        ByteBuffer frame = ByteBuffer.allocate(L4 + transport.length);
        ethernet(frame, 0x0800);
        frame.putShort((short) 0x4500).putShort((short) (20 + transport.length));
        frame.putShort((short) 0x1234).putShort((short) 0);
        frame.put((byte) 64).put((byte) protocol).putShort((short) 0);
        frame.putInt(source.value()).putInt(destination.value()).put(transport);
        fillHeaderChecksum(frame.array());
        return frame.array();
    }

    private static byte[] ipv6(int protocol, Ipv6Address source, Ipv6Address destination, byte[] transport) {
        ByteBuffer frame = ByteBuffer.allocate(L3 + 40 + transport.length);
        ethernet(frame, 0x86dd);
        frame.putInt(0x6000_0000)
                .putShort((short) transport.length)
                .put((byte) protocol)
                .put((byte) 64);
        frame.putLong(source.high()).putLong(source.low());
        frame.putLong(destination.high()).putLong(destination.low()).put(transport);
        return frame.array();
    }

    private static void ethernet(ByteBuffer frame, int etherType) {
        frame.putShort((short) (ROUTER_MAC >>> 32)).putInt((int) ROUTER_MAC);
        frame.putShort((short) (INSIDE_MAC >>> 32)).putInt((int) INSIDE_MAC);
        frame.putShort((short) etherType);
    }

    /** The frames of an IPv4 packet's fragments, with so many bytes of payload each (a multiple of 8). */
    public static List<byte[]> fragments(byte[] frame, int size) {
        List<byte[]> fragments = new ArrayList<>();
        for (int offset = 0; offset < frame.length - L4; offset += size) {
            int length = Math.min(size, frame.length - L4 - offset);
            byte[] fragment = Arrays.copyOf(frame, L4 + length);
            System.arraycopy(frame, L4 + offset, fragment, L4, length);
            put16(fragment, L3 + 2, 20 + length);
            boolean last = offset + size >= frame.length - L4;
            put16(fragment, L3 + 6, (last ? 0 : 0x2000) | offset / 8);
            fillHeaderChecksum(fragment);
            fragments.add(fragment);
        }
        return fragments;
    }

    /** The frames of an IPv6 packet's fragments, with so many bytes of payload each (a multiple of 8). */
    public static List<byte[]> fragmentsIpv6(byte[] frame, int size, int identification) {
        int payload = L3 + 40;
        List<byte[]> fragments = new ArrayList<>();
        for (int offset = 0; offset < frame.length - payload; offset += size) {
            int length = Math.min(size, frame.length - payload - offset);
            boolean last = offset + size >= frame.length - payload;
            ByteBuffer fragment = ByteBuffer.allocate(payload + 8 + length);
            fragment.put(frame, 0, payload);
            fragment.put(frame[L3 + 6]).put((byte) 0);
            fragment.putShort((short) (offset | (last ? 0 : 1))).putInt(identification);
            fragment.put(frame, payload + offset, length);
            fragment.put(L3 + 6, (byte) 44).putShort(L3 + 4, (short) (8 + length));
            fragments.add(fragment.array());
        }
        return fragments;
    }

    /** The payload of IPv4 fragments, put together behind the first one's headers. */
    public static byte[] reassemble(List<byte[]> fragments) {
        int length =
                fragments.stream().mapToInt(fragment -> fragment.length - L4).sum();
        byte[] whole = Arrays.copyOf(fragments.getFirst(), L4 + length);
        int at = L4;
        for (byte[] fragment : fragments) {
            System.arraycopy(fragment, L4, whole, at, fragment.length - L4);
            at += fragment.length - L4;
        }
        put16(whole, L3 + 2, 20 + length);
        put16(whole, L3 + 6, 0);
        fillHeaderChecksum(whole);
        return whole;
    }

    /** Writes an IPv4 header's checksum anew. */
    public static void fillHeaderChecksum(byte[] frame) {
        put16(frame, L3 + 10, 0);
        put16(frame, L3 + 10, ~fold(sum(Arrays.copyOfRange(frame, L3, L4))));
    }

    /** Whether the checksums of an unfragmented IPv4 frame without options are right, added up in full. */
    public static boolean checksumsValid(byte[] frame) {
        boolean header = fold(sum(Arrays.copyOfRange(frame, L3, L4))) == 0xffff;
        byte[] transport = Arrays.copyOfRange(frame, L4, L3 + u16(frame, L3 + 2));
        boolean none = frame[L3 + 9] == UDP && u16(transport, 6) == 0;
        return header && (none || fold(sum(transport) + pseudoSum(frame)) == 0xffff);
    }

    /** The frame of the IPv4 packet that an ICMP error quotes. */
    public static byte[] quoted(byte[] error) {
        byte[] frame = Arrays.copyOf(error, L3 + error.length - L4 - 8);
        System.arraycopy(error, L4 + 8, frame, L3, frame.length - L3);
        return frame;
    }

    public static String source(byte[] frame) {
        return new Ipv4Address(i32(frame, L3 + 12)).toString();
    }

    public static String destination(byte[] frame) {
        return new Ipv4Address(i32(frame, L3 + 16)).toString();
    }

    /** Source port, or the identifier of an ICMP query. */
    public static int sourcePort(byte[] frame) {
        return u16(frame, frame[L3 + 9] == ICMP ? L4 + 4 : L4);
    }

    /** Destination port, or the identifier of an ICMP query. */
    public static int destinationPort(byte[] frame) {
        return u16(frame, frame[L3 + 9] == ICMP ? L4 + 4 : L4 + 2);
    }

    public static int u16(byte[] bytes, int offset) {
        return ByteBuffer.wrap(bytes).getShort(offset) & 0xffff;
    }

    /** A MAC address. */
    public static long u48(byte[] bytes, int offset) {
        return ByteBuffer.wrap(bytes).getLong(offset) >>> 16;
    }

    public static void put16(byte[] bytes, int offset, int value) {
        ByteBuffer.wrap(bytes).putShort(offset, (short) value);
    }

    private static int i32(byte[] bytes, int offset) {
        return ByteBuffer.wrap(bytes).getInt(offset);
    }

    private static int checksumField(int protocol) {
        return switch (protocol) {
            case TCP -> 16;
            case UDP -> 6;
            case ICMP, ICMPV6 -> 2;
            default -> -1;
        };
    }

    private static int pseudoSum(byte[] frame) {
        boolean ipv6 = u16(frame, 12) == 0x86dd;
        int protocol = frame[L3 + (ipv6 ? 6 : 9)];
        if (protocol == ICMP) {
            return 0;
        }
        int length = ipv6 ? u16(frame, L3 + 4) : u16(frame, L3 + 2) - 20;
        byte[] addresses = Arrays.copyOfRange(frame, L3 + (ipv6 ? 8 : 12), L3 + (ipv6 ? 40 : 20));
        return sum(addresses) + protocol + length;
    }

    private static int sum(byte[] bytes) {
        int sum = 0;
        for (int i = 0; i < bytes.length; i++) {
            sum += (bytes[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
        }
        return sum;
    }

    private static int fold(int sum) {
        int folded = (sum & 0xffff) + (sum >>> 16);
        return (folded & 0xffff) + (folded >>> 16);
    }
}
