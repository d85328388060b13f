// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.api.Packet;

/**
 * Ethernet II header (IEEE 802.3 clause 3).
 *
 * <pre>
 *   0             6             12     14
 *   +-------------+-------------+------+
 *   | destination |   source    | type |
 *   +-------------+-------------+------+
 * </pre>
 */
public final class Ethernet extends HeaderView {
    public static final int DESTINATION_OFFSET = 0;
    public static final int SOURCE_OFFSET = 6;
    public static final int ETHER_TYPE_OFFSET = 12;
    /** Bytes of the header. */
    public static final int HEADER_LENGTH = 14;

    /** ff:ff:ff:ff:ff:ff. */
    public static final long BROADCAST = 0xffff_ffff_ffffL;

    @Override
    public boolean wrap(Packet packet, int offset) {
        return place(packet, offset, HEADER_LENGTH);
    }

    /** Places the view at the packet's start. */
    public boolean wrap(Packet packet) {
        return wrap(packet, 0);
    }

    @Override
    public int headerLength() {
        return HEADER_LENGTH;
    }

    /** Destination MAC address, low 48 bits. */
    public long destination() {
        return u48(DESTINATION_OFFSET);
    }

    public void destination(long mac) {
        u48(DESTINATION_OFFSET, mac);
    }

    /** Source MAC address, low 48 bits. */
    public long source() {
        return u48(SOURCE_OFFSET);
    }

    public void source(long mac) {
        u48(SOURCE_OFFSET, mac);
    }

    /** Exchanges destination and source. */
    public void swapAddresses() {
        // Both lie in 12 bytes, which two words cover: as numbers of this machine's order, byte 0 is the lowest.
        long first = Memory.getLong(address());
        int rest = Memory.getInt(address() + Long.BYTES);
        Memory.putLong(address(), first >>> 48 | (rest & 0xffff_ffffL) << 16 | first << 48);
        Memory.putInt(address() + Long.BYTES, (int) (first >>> 16));
    }

    /** {@link EtherType} of what follows; below 0x0600 it is the length of an IEEE 802.3 frame. */
    public int etherType() {
        return u16(ETHER_TYPE_OFFSET);
    }

    public void etherType(int etherType) {
        u16(ETHER_TYPE_OFFSET, etherType);
    }
}
