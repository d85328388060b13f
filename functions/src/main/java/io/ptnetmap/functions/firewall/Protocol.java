// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.ptnetmap.nfv.api.packet.IpProtocol;
import java.util.Map;

/**
 * The transport protocol that a rule is about.
 *
 * @param number IANA protocol number, or -1 for any protocol
 */
public record Protocol(int number) {
    /** Every protocol. */
    public static final Protocol ANY = new Protocol(-1);

    private static final Map<String, Protocol> NAMES = Map.of(
            "any", ANY,
            "tcp", new Protocol(IpProtocol.TCP),
            "udp", new Protocol(IpProtocol.UDP),
            "icmp", new Protocol(IpProtocol.ICMP),
            "icmpv6", new Protocol(IpProtocol.ICMPV6));

    /** @throws IllegalArgumentException if there is no such number */
    public Protocol {
        if (number < -1 || number > 255) {
            throw new IllegalArgumentException("protocol numbers are 0 to 255, not " + number);
        }
    }

    /**
     * Reads a protocol as it stands in a configuration: a name, or a number in decimal.
     *
     * @throws IllegalArgumentException if it is neither
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Protocol parse(String text) {
        Protocol named = NAMES.get(text);
        if (named != null) {
            return named;
        }
        if (!text.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no protocol; write tcp, udp, icmp, icmpv6, any, or a number from 0 to 255");
        }
        return new Protocol(Integer.parseInt(text));
    }

    /** The protocol of a number. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Protocol of(int number) {
        return parse(Integer.toString(number));
    }

    boolean isAny() {
        return number == ANY.number;
    }

    boolean hasPorts() {
        return number == IpProtocol.TCP || number == IpProtocol.UDP;
    }

    boolean isIcmp() {
        return number == IpProtocol.ICMP || number == IpProtocol.ICMPV6;
    }

    @Override
    @JsonValue
    public String toString() {
        return NAMES.entrySet().stream()
                .filter(entry -> entry.getValue().equals(this))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(Integer.toString(number));
    }
}
