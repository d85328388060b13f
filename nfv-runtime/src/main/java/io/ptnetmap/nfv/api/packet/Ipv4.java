// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.nfv.api.Packet;

/**
 * IPv4 header (RFC 791 §3.1).
 *
 * <pre>
 *   0       4       8              16                             32
 *   +-------+-------+--------------+------------------------------+  bits
 *   |version|  IHL  |  DSCP, ECN   |         total length         |
 *   +-------+-------+--------------+-----+------------------------+
 *   |        identification        |flags|    fragment offset     |
 *   +---------------+--------------+-----+------------------------+
 *   |      TTL      |   protocol   |        header checksum       |
 *   +---------------+--------------+------------------------------+
 *   |                           source                            |
 *   +-------------------------------------------------------------+
 *   |                         destination                         |
 *   +-------------------------------------------------------------+
 *   |                    options, 0 to 40 bytes                   |
 *   +-------------------------------------------------------------+
 * </pre>
 */
public final class Ipv4 extends HeaderView {
    public static final int VERSION_IHL_OFFSET = 0;
    public static final int TOS_OFFSET = 1;
    public static final int TOTAL_LENGTH_OFFSET = 2;
    public static final int IDENTIFICATION_OFFSET = 4;
    public static final int FRAGMENT_OFFSET = 6;
    public static final int TTL_OFFSET = 8;
    public static final int PROTOCOL_OFFSET = 9;
    public static final int CHECKSUM_OFFSET = 10;
    public static final int SOURCE_OFFSET = 12;
    public static final int DESTINATION_OFFSET = 16;
    public static final int OPTIONS_OFFSET = 20;
    /** Bytes of a header without options. */
    public static final int MIN_HEADER_LENGTH = 20;

    /** In the fragment word: a fragment of this datagram must not be made. */
    public static final int DONT_FRAGMENT = 0x4000;
    /** In the fragment word: not the last fragment. */
    public static final int MORE_FRAGMENTS = 0x2000;
    /** In the fragment word: where the fragment belongs, in units of 8 bytes. */
    public static final int FRAGMENT_OFFSET_MASK = 0x1fff;

    /** {@inheritDoc} The datagram must also lie within the packet. */
    @Override
    public boolean wrap(Packet packet, int offset) {
        return wrapQuoted(packet, offset)
                && totalLength() >= headerLength()
                && totalLength() <= packet.totalLength() - offset;
    }

    /** Places the view behind the packet's Ethernet header and VLAN tags, if IPv4 stands there. */
    public boolean wrap(Packet packet) {
        int found = LinkLayer.find(packet);
        return found >= 0 && LinkLayer.etherType(found) == EtherType.IPV4 && wrap(packet, LinkLayer.offset(found));
    }

    /**
     * Places the view on a header whose datagram was cut off, as ICMP errors quote it: all of the header must be there, the
     * total length is not checked.
     */
    public boolean wrapQuoted(Packet packet, int offset) {
        if (!place(packet, offset, MIN_HEADER_LENGTH)) {
            return false;
        }
        int versionIhl = u8(VERSION_IHL_OFFSET);
        return versionIhl >= 0x45 && versionIhl <= 0x4f && place(packet, offset, headerLength());
    }

    /**
     * Makes the 20 bytes at an offset a header without options: version, header length and total length set, every other
     * field 0.
     *
     * @param totalLength bytes of the datagram
     * @return false where the packet has not as many bytes
     */
    public boolean init(Packet packet, int offset, int totalLength) {
        if (totalLength < MIN_HEADER_LENGTH || totalLength > 0xffff || !place(packet, offset, totalLength)) {
            return false;
        }
        i64(VERSION_IHL_OFFSET, 0x4500L << 48 | (long) totalLength << 32);
        i64(TTL_OFFSET, 0);
        i32(DESTINATION_OFFSET, 0);
        return true;
    }

    @Override
    public int headerLength() {
        return (u8(VERSION_IHL_OFFSET) & 0xf) * 4;
    }

    /** Bytes of options. */
    public int optionsLength() {
        return headerLength() - MIN_HEADER_LENGTH;
    }

    /** Differentiated services code point, 0 to 63 (RFC 2474). */
    public int dscp() {
        return u8(TOS_OFFSET) >>> 2;
    }

    public void dscp(int dscp) {
        u8(TOS_OFFSET, dscp << 2 | ecn());
    }

    /** Explicit congestion notification, 0 to 3 (RFC 3168). */
    public int ecn() {
        return u8(TOS_OFFSET) & 3;
    }

    public void ecn(int ecn) {
        u8(TOS_OFFSET, u8(TOS_OFFSET) & ~3 | ecn & 3);
    }

    /** Bytes of the datagram, this header included. */
    public int totalLength() {
        return u16(TOTAL_LENGTH_OFFSET);
    }

    /** Voids the check. */
    public void totalLength(int bytes) {
        u16(TOTAL_LENGTH_OFFSET, bytes);
    }

    /** Bytes of the datagram behind this header. */
    public int payloadLength() {
        return totalLength() - headerLength();
    }

    /** The same for all fragments of a packet; 0 to 65,535. */
    public int identification() {
        return u16(IDENTIFICATION_OFFSET);
    }

    public void identification(int identification) {
        u16(IDENTIFICATION_OFFSET, identification);
    }

    /** Whether routers must not cut the packet up. */
    public boolean dontFragment() {
        return (u16(FRAGMENT_OFFSET) & DONT_FRAGMENT) != 0;
    }

    /** Whether this is a fragment, and not the last one. */
    public boolean moreFragments() {
        return (u16(FRAGMENT_OFFSET) & MORE_FRAGMENTS) != 0;
    }

    /** Where this fragment belongs in the datagram's payload, in bytes. */
    public int fragmentOffset() {
        return (u16(FRAGMENT_OFFSET) & FRAGMENT_OFFSET_MASK) * 8;
    }

    /** Whether this is a part of a larger datagram. */
    public boolean fragment() {
        return (u16(FRAGMENT_OFFSET) & (MORE_FRAGMENTS | FRAGMENT_OFFSET_MASK)) != 0;
    }

    /** Flags and fragment offset as they are in the header: {@link #DONT_FRAGMENT}, {@link #MORE_FRAGMENTS}, the mask. */
    public int fragmentWord() {
        return u16(FRAGMENT_OFFSET);
    }

    public void fragmentWord(int flagsAndOffset) {
        u16(FRAGMENT_OFFSET, flagsAndOffset);
    }

    /** Time to live, hops. */
    public int ttl() {
        return u8(TTL_OFFSET);
    }

    public void ttl(int ttl) {
        u8(TTL_OFFSET, ttl);
    }

    /** {@link IpProtocol} of the payload. */
    public int protocol() {
        return u8(PROTOCOL_OFFSET);
    }

    public void protocol(int protocol) {
        u8(PROTOCOL_OFFSET, protocol);
    }

    /** Of the header (RFC 1071), 0 to 65,535. */
    public int checksum() {
        return u16(CHECKSUM_OFFSET);
    }

    public void checksum(int checksum) {
        u16(CHECKSUM_OFFSET, checksum);
    }

    /** Source address, its first byte the highest one; {@link Ipv4Address} prints it. */
    public int source() {
        return i32(SOURCE_OFFSET);
    }

    public void source(int address) {
        i32(SOURCE_OFFSET, address);
    }

    /** Destination address, likewise. */
    public int destination() {
        return i32(DESTINATION_OFFSET);
    }

    public void destination(int address) {
        i32(DESTINATION_OFFSET, address);
    }
}
