// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import io.ptnetmap.nfv.api.PacketBatch.Side;

/** What rules look at in a packet; one object, filled for packet after packet. */
final class Subject {
    /** Address words of IPv4: the source address above the destination address. */
    static final int IPV4_WORDS = 1;
    /** Address words of IPv6: two of the source address, two of the destination address. */
    static final int IPV6_WORDS = 4;

    final long[] addresses = new long[IPV6_WORDS];
    int addressWords;
    int protocol;
    /** Of TCP and UDP, or the message type of ICMP. */
    int sourcePort;
    /** Of TCP and UDP. */
    int destinationPort;

    Side side = Side.IN;
    ConnectionState state = ConnectionState.UNTRACKED;

    void ipv4(int source, int destination) {
        addressWords = IPV4_WORDS;
        addresses[0] = (long) source << 32 | destination & 0xffff_ffffL;
    }

    void ipv6(long sourceHigh, long sourceLow, long destinationHigh, long destinationLow) {
        addressWords = IPV6_WORDS;
        addresses[0] = sourceHigh;
        addresses[1] = sourceLow;
        addresses[2] = destinationHigh;
        addresses[3] = destinationLow;
    }

    /** Protocol and side as the one number that rules compare. */
    int traits() {
        return protocol << 1 | side.ordinal();
    }
}
