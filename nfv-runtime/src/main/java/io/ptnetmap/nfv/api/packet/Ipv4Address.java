// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * An IPv4 address.
 *
 * @param value the four bytes in network order, as {@link Ipv4#source()} gives them
 */
public record Ipv4Address(int value) implements IpAddress, Comparable<Ipv4Address> {
    /** Parses dotted decimal notation: four numbers without leading zeros. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Ipv4Address parse(String text) {
        long value = Ipv4Text.parse(text, 0);
        if (value < 0) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not an IPv4 address: write four numbers 0 to 255, such as 192.0.2.1");
        }
        return new Ipv4Address((int) value);
    }

    @Override
    public int bits() {
        return 32;
    }

    /** By value, unsigned. */
    @Override
    public int compareTo(Ipv4Address other) {
        return Integer.compareUnsigned(value, other.value);
    }

    /** Dotted decimal notation. */
    @JsonValue
    @Override
    public String toString() {
        return Ipv4Text.of(value);
    }
}
