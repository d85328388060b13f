// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.IpProtocol;

/** What rules look at in a packet; one object, filled for packet after packet. */
final class Subject {
    /** Address words of IPv4: the source address above the destination address. */
    static final int IPV4_WORDS = 1;
    /** Address words of IPv6: two of the source address, two of the destination address. */
    static final int IPV6_WORDS = 4;

    /** The bits of {@link #traits} that tell the protocol. */
    static final int PROTOCOL_MASK = 0x1fe;
    /** The bit of {@link #traits} that tells the side. */
    static final int SIDE_MASK = 1;

    final long[] addresses = new long[IPV6_WORDS];
    int addressWords;
    int protocol;
    /** Of TCP and UDP, or the message type of ICMP, beyond all types where there is none. */
    int sourcePort;
    /** Of TCP and UDP. */
    int destinationPort;

    Side side = Side.IN;
    ConnectionState state = ConnectionState.UNTRACKED;

    /** Takes everything from a packet but its state. */
    void fill(Headers headers, Side from) {
        if (headers.isIpv4()) {
            addressWords = IPV4_WORDS;
            addresses[0] = pair(headers.sourceIpv4(), headers.destinationIpv4());
        } else {
            addressWords = IPV6_WORDS;
            addresses[0] = headers.sourceHigh();
            addresses[1] = headers.sourceLow();
            addresses[2] = headers.destinationHigh();
            addresses[3] = headers.destinationLow();
        }
        protocol = headers.protocol();
        side = from;
        sourcePort = isIcmp() ? headers.icmpType() & 0xffff : headers.sourcePort();
        destinationPort = isIcmp() ? 0 : headers.destinationPort();
    }

    /** Also where it is the other IP version's ICMP, which has no message type here. */
    private boolean isIcmp() {
        return protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6;
    }

    /** Two IPv4 addresses in one word. */
    static long pair(int source, int destination) {
        return (long) source << 32 | destination & 0xffff_ffffL;
    }

    /** Protocol and side as the one number that rules compare. */
    int traits() {
        return traits(protocol, side);
    }

    static int traits(int protocol, Side side) {
        return protocol << 1 | side.ordinal();
    }
}
