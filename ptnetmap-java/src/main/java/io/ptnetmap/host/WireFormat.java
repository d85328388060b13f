// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/** Numbers of the protocols whose packets are completed or cut here. */
final class WireFormat {
    /** Offset in a frame. */
    static final int ETHER_TYPE = 12;

    // Bytes.
    static final int ETHERNET_HEADER = 14;
    static final int TAG_SIZE = 4;
    static final int IPV6_HEADER = 40;

    // Ethernet types.
    static final int IPV4 = 0x0800;
    static final int IPV6 = 0x86dd;
    static final int VLAN = 0x8100;
    static final int QINQ = 0x88a8;

    // Protocols over IP.
    static final int TCP = 6;
    static final int UDP = 17;

    // Offsets of their checksums.
    static final int TCP_CHECKSUM = 16;
    static final int UDP_CHECKSUM = 6;
    /** A CRC32c. No protocol with an internet checksum has its checksum there. */
    static final int SCTP_CHECKSUM = 8;

    private WireFormat() {}
}
