// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.HexFormat;

/**
 * A MAC address (EUI-48).
 *
 * @param value the six bytes in network order, in the low 48 bits, as {@link Ethernet#source()} gives them
 */
public record MacAddress(long value) {
    private static final int TEXT_LENGTH = 17;

    public MacAddress {
        if (value >>> 48 != 0) {
            throw new IllegalArgumentException("a MAC address has 48 bits, not 0x" + Long.toHexString(value));
        }
    }

    /** Parses six pairs of hexadecimal digits, joined by colons or by dashes. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static MacAddress parse(String text) {
        if (text.length() != TEXT_LENGTH) {
            throw invalid(text);
        }
        char separator = text.charAt(2) == '-' ? '-' : ':';
        long value = 0;
        for (int i = 0; i < TEXT_LENGTH; i++) {
            char c = text.charAt(i);
            if (i % 3 == 2 ? c != separator : !HexFormat.isHexDigit(c)) {
                throw invalid(text);
            }
            if (i % 3 != 2) {
                value = value << 4 | HexFormat.fromHexDigit(c);
            }
        }
        return new MacAddress(value);
    }

    private static IllegalArgumentException invalid(String text) {
        return new IllegalArgumentException("\"" + text
                + "\" is not a MAC address: write six pairs of hexadecimal digits, such as 02:00:00:00:00:01");
    }

    /** Whether the address is that of a group, broadcast included. */
    public boolean multicast() {
        return (value & 1L << 40) != 0;
    }

    /** Lower case, with colons. */
    @JsonValue
    @Override
    public String toString() {
        String digits = HexFormat.of().toHexDigits(value, 12);
        return digits.replaceAll("(..)(?!$)", "$1:");
    }
}
