// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

/** Where upper-layer protocols have their checksums, and what these cover. */
final class Transport {
    private Transport() {}

    /** Offset of the checksum field in the packet; -1 where there is none that can be reached. */
    static int checksumOffset(Headers headers) {
        if (headers.l4Offset() < 0) {
            return -1;
        }
        int field = switch (headers.protocol()) {
            case IpProtocol.TCP -> Tcp.CHECKSUM_OFFSET;
            case IpProtocol.UDP -> Udp.CHECKSUM_OFFSET;
            case IpProtocol.ICMP -> headers.isIpv4() ? Icmpv4.CHECKSUM_OFFSET : -1;
            case IpProtocol.ICMPV6 -> headers.isIpv6() ? Icmpv6.CHECKSUM_OFFSET : -1;
            default -> -1;
        };
        int offset = headers.l4Offset() + field;
        return field >= 0 && offset + Short.BYTES <= headers.limit() ? offset : -1;
    }

    /** Whether the checksum covers the addresses: all but ICMP's. */
    static boolean hasPseudoHeader(Headers headers) {
        return headers.protocol() != IpProtocol.ICMP;
    }
}
