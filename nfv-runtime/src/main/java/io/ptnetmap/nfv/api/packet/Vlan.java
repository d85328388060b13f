// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.nfv.api.Packet;

/**
 * VLAN tag (IEEE 802.1Q clause 9.6), from the control information on: the tag's own EtherType is the last field of the
 * header before it. Tags nest: with QinQ (802.1ad) the {@link #etherType()} of the outer tag announces the inner one.
 *
 * <pre>
 *   0             3     4              16             32
 *   +-------------+-----+--------------+--------------+  bits
 *   |  priority   | DEI |   VLAN id    |  EtherType   |
 *   +-------------+-----+--------------+--------------+
 * </pre>
 */
public final class Vlan extends HeaderView {
    public static final int CONTROL_OFFSET = 0;
    public static final int ETHER_TYPE_OFFSET = 2;
    /** Bytes of the tag. */
    public static final int HEADER_LENGTH = 4;

    private static final int ID_MASK = 0x0fff;
    private static final int DEI_BIT = 0x1000;
    private static final int PRIORITY_SHIFT = 13;

    @Override
    public boolean wrap(Packet packet, int offset) {
        return place(packet, offset, HEADER_LENGTH);
    }

    @Override
    public int headerLength() {
        return HEADER_LENGTH;
    }

    /** VLAN identifier, 0 to 4095; 0 = priority tag without a VLAN. */
    public int id() {
        return u16(CONTROL_OFFSET) & ID_MASK;
    }

    public void id(int id) {
        u16(CONTROL_OFFSET, u16(CONTROL_OFFSET) & ~ID_MASK | id & ID_MASK);
    }

    /** Priority code point, 0 to 7. */
    public int priority() {
        return u16(CONTROL_OFFSET) >>> PRIORITY_SHIFT;
    }

    public void priority(int priority) {
        u16(CONTROL_OFFSET, u16(CONTROL_OFFSET) & (ID_MASK | DEI_BIT) | priority << PRIORITY_SHIFT);
    }

    /** Drop eligible indicator. */
    public boolean dropEligible() {
        return (u16(CONTROL_OFFSET) & DEI_BIT) != 0;
    }

    /** {@link EtherType} of what follows. */
    public int etherType() {
        return u16(ETHER_TYPE_OFFSET);
    }

    public void etherType(int etherType) {
        u16(ETHER_TYPE_OFFSET, etherType);
    }
}
