// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** The IP packets of untagged Ethernet frames, for comparisons with what a router sent. */
final class Ip {
    private static final int L3 = 14;
    private static final int IPV4_TTL = L3 + 8;
    private static final int IPV4_CHECKSUM = L3 + 10;
    private static final int IPV4_SOURCE = L3 + 12;
    private static final int IPV4_DESTINATION = L3 + 16;
    private static final int IPV6_NEXT_HEADER = L3 + 6;
    private static final int IPV6_HOP_LIMIT = L3 + 7;
    private static final int IPV6_SOURCE = L3 + 8;
    private static final int IPV6_DESTINATION = L3 + 24;
    private static final int IPV6_PAYLOAD = L3 + 40;
    private static final int FRAGMENT_HEADER = 44;

    private Ip() {}

    static boolean isIpv4(byte[] frame) {
        return u16(frame, 12) == 0x0800;
    }

    static boolean isIpv6(byte[] frame) {
        return u16(frame, 12) == 0x86dd;
    }

    static boolean isFragment(byte[] frame) {
        return isIpv4(frame) ? (u16(frame, L3 + 6) & 0x3fff) != 0 : frame[IPV6_NEXT_HEADER] == FRAGMENT_HEADER;
    }

    /** Source address of an IPv4 packet. */
    static String source(byte[] frame) {
        return address(frame, IPV4_SOURCE);
    }

    /** Destination address of an IPv4 packet. */
    static String destination(byte[] frame) {
        return address(frame, IPV4_DESTINATION);
    }

    private static String address(byte[] frame, int offset) {
        return (frame[offset] & 0xff) + "." + (frame[offset + 1] & 0xff) + "." + (frame[offset + 2] & 0xff) + "."
                + (frame[offset + 3] & 0xff);
    }

    static int ttl(byte[] frame) {
        return frame[isIpv4(frame) ? IPV4_TTL : IPV6_HOP_LIMIT] & 0xff;
    }

    /** Writes the TTL or hop limit, with the checksum. */
    static byte[] withTtl(byte[] frame, int ttl) {
        byte[] changed = frame.clone();
        if (isIpv6(frame)) {
            changed[IPV6_HOP_LIMIT] = (byte) ttl;
            return changed;
        }
        changed[IPV4_TTL] = (byte) ttl;
        ByteBuffer header = ByteBuffer.wrap(changed);
        header.putShort(IPV4_CHECKSUM, (short) 0);
        int sum = 0;
        for (int at = L3; at < L3 + (frame[L3] & 0xf) * 4; at += 2) {
            sum += u16(changed, at);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        header.putShort(IPV4_CHECKSUM, (short) ~((sum & 0xffff) + (sum >>> 16)));
        return changed;
    }

    /** Whether a router passes such packets on: from one host, to one host, and not of one link only. */
    static boolean isRoutable(byte[] frame) {
        if (isIpv4(frame)) {
            int first = frame[IPV4_DESTINATION] & 0xff;
            return first != 0 && first < 224 && frame[IPV4_SOURCE] != 0;
        }
        return isIpv6(frame) && isGlobal(frame, IPV6_SOURCE) && isGlobal(frame, IPV6_DESTINATION);
    }

    private static boolean isGlobal(byte[] frame, int offset) {
        return (frame[offset] & 0xe0) == 0x20;
    }

    /** The bytes of the IP packet, in a form that tells which packets are the same. */
    static String identity(byte[] frame) {
        int end = L3 + (isIpv4(frame) ? u16(frame, L3 + 2) : 40 + u16(frame, L3 + 4));
        return HexFormat.of().formatHex(frame, L3, end);
    }

    /** As {@link #identity}, without what a router may change: hops, and the identification of IPv6 fragments. */
    static String identityAcrossRouter(byte[] frame) {
        byte[] plain = withTtl(frame, 0);
        if (isIpv6(frame) && isFragment(frame)) {
            Arrays.fill(plain, IPV6_PAYLOAD + 4, IPV6_PAYLOAD + 8, (byte) 0);
        }
        return identity(plain);
    }

    private static int u16(byte[] frame, int offset) {
        return ByteBuffer.wrap(frame).getShort(offset) & 0xffff;
    }
}
