// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.api.Packet;

/** Finds what stands behind an Ethernet header and its VLAN tags, in one int: the offset above the EtherType. */
final class LinkLayer {
    /** Most tags that are walked. */
    static final int MAX_TAGS = 4;

    /** The packet ends before its EtherType does. */
    static final int TRUNCATED = -1;
    /** More than {@link #MAX_TAGS} tags. */
    static final int TOO_MANY_TAGS = -2;

    private LinkLayer() {}

    /** A packed EtherType and offset, or a negative constant of this class. */
    static int find(Packet packet) {
        if (packet.length() < Ethernet.HEADER_LENGTH) {
            return TRUNCATED;
        }
        int etherType = u16(packet, Ethernet.ETHER_TYPE_OFFSET);
        if (EtherType.isVlan(etherType)) {
            return skipTags(packet);
        }
        return Ethernet.HEADER_LENGTH << 16 | etherType;
    }

    private static int skipTags(Packet packet) {
        int offset = Ethernet.HEADER_LENGTH;
        for (int tags = 0; tags < MAX_TAGS; tags++) {
            if (packet.length() < offset + Vlan.HEADER_LENGTH) {
                return TRUNCATED;
            }
            int etherType = u16(packet, offset + Vlan.ETHER_TYPE_OFFSET);
            offset += Vlan.HEADER_LENGTH;
            if (!EtherType.isVlan(etherType)) {
                return offset << 16 | etherType;
            }
        }
        return TOO_MANY_TAGS;
    }

    static int etherType(int found) {
        return found & 0xffff;
    }

    /** Where the network layer begins. */
    static int offset(int found) {
        return found >> 16;
    }

    private static int u16(Packet packet, int offset) {
        return Memory.getShortBigEndian(packet.address() + offset) & 0xffff;
    }
}
