// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Which packets to show.
 *
 * @param expression pcap-filter(7); all packets without
 * @param count ends after so many packets
 * @param snapLength bytes to keep of each packet
 */
public record PacketFilter(Optional<String> expression, OptionalLong count, OptionalInt snapLength) {
    /** All packets, whole, without end. */
    public static final PacketFilter ALL =
            new PacketFilter(Optional.empty(), OptionalLong.empty(), OptionalInt.empty());

    /** The packets that an expression matches. */
    public static PacketFilter matching(String expression) {
        return new PacketFilter(Optional.of(expression), OptionalLong.empty(), OptionalInt.empty());
    }

    /** The first so many of them. */
    public PacketFilter first(long packets) {
        return new PacketFilter(expression, OptionalLong.of(packets), snapLength);
    }

    /** The first bytes of each of them. */
    public PacketFilter cutTo(int bytes) {
        return new PacketFilter(expression, count, OptionalInt.of(bytes));
    }
}
