// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A range of TCP or UDP ports, both ends included.
 *
 * @param first 0 to 65535
 * @param last {@code first} to 65535
 */
public record PortRange(int first, int last) {
    /** All ports. */
    public static final PortRange ALL = new PortRange(0, 0xffff);

    public PortRange {
        if (first < 0 || last > 0xffff || first > last) {
            throw new IllegalArgumentException(first + "-" + last
                    + " is not a port range: the first port must not be above the last, 65535 at most");
        }
    }

    /** Parses {@code 80} or {@code 1024-65535}. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static PortRange parse(String text) {
        int dash = text.indexOf('-');
        int first = Decimal.parse(text, 0, dash < 0 ? text.length() : dash, 0xffff);
        int last = dash < 0 ? first : Decimal.parse(text, dash + 1, text.length(), 0xffff);
        if (first < 0 || last < 0) {
            throw new IllegalArgumentException("\"" + text
                    + "\" is not a port or port range: write 0 to 65535, or two of these such as 1024-2047");
        }
        return new PortRange(first, last);
    }

    /** A range of one port, for configurations that write it as a number. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static PortRange of(int port) {
        return new PortRange(port, port);
    }

    /** Whether a port is one of them. */
    public boolean contains(int port) {
        return port >= first && port <= last;
    }

    /** Number of ports. */
    public int size() {
        return last - first + 1;
    }

    @JsonValue
    @Override
    public String toString() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
