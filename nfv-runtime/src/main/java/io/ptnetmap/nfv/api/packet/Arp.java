// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.nfv.api.Packet;

/**
 * ARP for IPv4 over Ethernet (RFC 826). Other kinds of ARP are not well-formed to this view.
 *
 * <pre>
 *   0    2    4    5    6    8        14       18       24       28
 *   +----+----+----+----+----+--------+--------+--------+--------+
 *   |htyp|ptyp|hlen|plen| op | sender | sender | target | target |
 *   |    |    |    |    |    |  MAC   |  IPv4  |  MAC   |  IPv4  |
 *   +----+----+----+----+----+--------+--------+--------+--------+
 * </pre>
 */
public final class Arp extends HeaderView {
    public static final int HARDWARE_TYPE_OFFSET = 0;
    public static final int PROTOCOL_TYPE_OFFSET = 2;
    public static final int HARDWARE_LENGTH_OFFSET = 4;
    public static final int PROTOCOL_LENGTH_OFFSET = 5;
    public static final int OPERATION_OFFSET = 6;
    public static final int SENDER_MAC_OFFSET = 8;
    public static final int SENDER_IP_OFFSET = 14;
    public static final int TARGET_MAC_OFFSET = 18;
    public static final int TARGET_IP_OFFSET = 24;
    /** Bytes of the message. */
    public static final int HEADER_LENGTH = 28;

    public static final int REQUEST = 1;
    public static final int REPLY = 2;

    /** The first eight bytes without the operation: Ethernet, IPv4, and their address lengths. */
    private static final long ETHERNET_IPV4 = 0x0001_0800_06_04_0000L;

    @Override
    public boolean wrap(Packet packet, int offset) {
        return place(packet, offset, HEADER_LENGTH) && (i64(HARDWARE_TYPE_OFFSET) & ~0xffffL) == ETHERNET_IPV4;
    }

    /** Places the view behind the packet's Ethernet header and VLAN tags, if ARP stands there. */
    public boolean wrap(Packet packet) {
        int found = LinkLayer.find(packet);
        return found >= 0 && LinkLayer.etherType(found) == EtherType.ARP && wrap(packet, LinkLayer.offset(found));
    }

    /**
     * Makes the 28 bytes at an offset a message of this kind, with the given operation and undefined addresses.
     *
     * @return false where the packet has not as many bytes
     */
    public boolean init(Packet packet, int offset, int operation) {
        if (!place(packet, offset, HEADER_LENGTH)) {
            return false;
        }
        i64(HARDWARE_TYPE_OFFSET, ETHERNET_IPV4 | operation & 0xffff);
        return true;
    }

    @Override
    public int headerLength() {
        return HEADER_LENGTH;
    }

    /** {@link #REQUEST}, {@link #REPLY} or another number. */
    public int operation() {
        return u16(OPERATION_OFFSET);
    }

    public void operation(int operation) {
        u16(OPERATION_OFFSET, operation);
    }

    /** Ethernet address of the sender, in the lower 48 bits. */
    public long senderMac() {
        return u48(SENDER_MAC_OFFSET);
    }

    public void senderMac(long mac) {
        u48(SENDER_MAC_OFFSET, mac);
    }

    /** IPv4 address of the sender, its first byte the highest one. */
    public int senderIp() {
        return i32(SENDER_IP_OFFSET);
    }

    public void senderIp(int ip) {
        i32(SENDER_IP_OFFSET, ip);
    }

    /** Ethernet address of the target, in the lower 48 bits; 0 in a request. */
    public long targetMac() {
        return u48(TARGET_MAC_OFFSET);
    }

    public void targetMac(long mac) {
        u48(TARGET_MAC_OFFSET, mac);
    }

    /** IPv4 address of the target, its first byte the highest one. */
    public int targetIp() {
        return i32(TARGET_IP_OFFSET);
    }

    public void targetIp(int ip) {
        i32(TARGET_IP_OFFSET, ip);
    }
}
