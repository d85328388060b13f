// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

/** EtherTypes (IANA, IEEE 802 numbers). */
public final class EtherType {
    public static final int IPV4 = 0x0800;
    public static final int ARP = 0x0806;
    /** IEEE 802.1Q customer VLAN tag. */
    public static final int VLAN = 0x8100;

    public static final int IPV6 = 0x86dd;
    /** IEEE 802.1ad service VLAN tag, the outer one of QinQ. */
    public static final int SERVICE_VLAN = 0x88a8;
    /** What outer tags used before 802.1ad had a number. */
    public static final int LEGACY_QINQ = 0x9100;

    private EtherType() {}

    /** Whether a VLAN tag follows. */
    public static boolean isVlan(int etherType) {
        return etherType == VLAN || etherType == SERVICE_VLAN || etherType == LEGACY_QINQ;
    }
}
