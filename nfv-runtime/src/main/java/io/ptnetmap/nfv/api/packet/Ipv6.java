// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.nfv.api.Packet;

/**
 * IPv6 header (RFC 8200 §3). What stands between it and the transport header is for {@link Ipv6Extensions}.
 *
 * <pre>
 *   0       4              12              16        24          32
 *   +-------+--------------+--------------------------------------+  bits
 *   |version|traffic class |              flow label              |
 *   +-------+--------------+---------------+---------+------------+
 *   |            payload length            |next hdr | hop limit  |
 *   +--------------------------------------+---------+------------+
 *   |                      source, 16 bytes                       |
 *   +-------------------------------------------------------------+
 *   |                    destination, 16 bytes                    |
 *   +-------------------------------------------------------------+
 * </pre>
 */
public final class Ipv6 extends HeaderView {
    public static final int VERSION_CLASS_LABEL_OFFSET = 0;
    public static final int PAYLOAD_LENGTH_OFFSET = 4;
    public static final int NEXT_HEADER_OFFSET = 6;
    public static final int HOP_LIMIT_OFFSET = 7;
    public static final int SOURCE_OFFSET = 8;
    public static final int DESTINATION_OFFSET = 24;
    /** Bytes of the header. */
    public static final int HEADER_LENGTH = 40;

    private static final int LABEL_MASK = 0xf_ffff;

    /** {@inheritDoc} The payload must also lie within the packet; jumbograms (RFC 2675) are not known. */
    @Override
    public boolean wrap(Packet packet, int offset) {
        return wrapQuoted(packet, offset) && payloadLength() <= packet.totalLength() - offset - HEADER_LENGTH;
    }

    /** Places the view behind the packet's Ethernet header and VLAN tags, if IPv6 stands there. */
    public boolean wrap(Packet packet) {
        int found = LinkLayer.find(packet);
        return found >= 0 && LinkLayer.etherType(found) == EtherType.IPV6 && wrap(packet, LinkLayer.offset(found));
    }

    /**
     * Places the view on a header whose packet was cut off, as ICMPv6 errors quote it: all of the header must be there, the
     * payload length is not checked.
     */
    public boolean wrapQuoted(Packet packet, int offset) {
        return place(packet, offset, HEADER_LENGTH) && i32(VERSION_CLASS_LABEL_OFFSET) >>> 28 == 6;
    }

    /**
     * Makes the 40 bytes at an offset a header: version and payload length set, every other field 0.
     *
     * @param payloadLength bytes behind the header
     * @return false where the packet has not as many bytes
     */
    public boolean init(Packet packet, int offset, int payloadLength) {
        if (payloadLength < 0 || payloadLength > 0xffff || !place(packet, offset, HEADER_LENGTH + payloadLength)) {
            return false;
        }
        i64(VERSION_CLASS_LABEL_OFFSET, 6L << 60 | (long) payloadLength << 16);
        for (int field = SOURCE_OFFSET; field < HEADER_LENGTH; field += Long.BYTES) {
            i64(field, 0);
        }
        return true;
    }

    @Override
    public int headerLength() {
        return HEADER_LENGTH;
    }

    /** DSCP (upper six bits) and ECN, 0 to 255. */
    public int trafficClass() {
        return i32(VERSION_CLASS_LABEL_OFFSET) >>> 20 & 0xff;
    }

    public void trafficClass(int trafficClass) {
        int word = i32(VERSION_CLASS_LABEL_OFFSET);
        i32(VERSION_CLASS_LABEL_OFFSET, word & ~(0xff << 20) | (trafficClass & 0xff) << 20);
    }

    /** Flow label, 0 to 0xfffff (RFC 6437). */
    public int flowLabel() {
        return i32(VERSION_CLASS_LABEL_OFFSET) & LABEL_MASK;
    }

    public void flowLabel(int label) {
        i32(VERSION_CLASS_LABEL_OFFSET, i32(VERSION_CLASS_LABEL_OFFSET) & ~LABEL_MASK | label & LABEL_MASK);
    }

    /** Bytes behind this header, extension headers included. */
    public int payloadLength() {
        return u16(PAYLOAD_LENGTH_OFFSET);
    }

    /** Voids the check. */
    public void payloadLength(int bytes) {
        u16(PAYLOAD_LENGTH_OFFSET, bytes);
    }

    /** {@link IpProtocol} of what follows immediately, which may be an extension header. */
    public int nextHeader() {
        return u8(NEXT_HEADER_OFFSET);
    }

    public void nextHeader(int protocol) {
        u8(NEXT_HEADER_OFFSET, protocol);
    }

    /** Routers that the packet may still pass, 0 to 255. */
    public int hopLimit() {
        return u8(HOP_LIMIT_OFFSET);
    }

    public void hopLimit(int hops) {
        u8(HOP_LIMIT_OFFSET, hops);
    }

    /** The first eight bytes of the source address. */
    public long sourceHigh() {
        return i64(SOURCE_OFFSET);
    }

    /** The last eight bytes of the source address. */
    public long sourceLow() {
        return i64(SOURCE_OFFSET + 8);
    }

    public void source(long high, long low) {
        i64(SOURCE_OFFSET, high);
        i64(SOURCE_OFFSET + 8, low);
    }

    /** The first eight bytes of the destination address. */
    public long destinationHigh() {
        return i64(DESTINATION_OFFSET);
    }

    /** The last eight bytes of the destination address. */
    public long destinationLow() {
        return i64(DESTINATION_OFFSET + 8);
    }

    public void destination(long high, long low) {
        i64(DESTINATION_OFFSET, high);
        i64(DESTINATION_OFFSET + 8, low);
    }
}
