// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import java.util.Locale;

/** What becomes of a packet, and why. */
enum Outcome {
    /** Goes on to the opposite side, translated or untouched. */
    PASS,
    /** Goes back to the side where it came from: from one inside host to another one's external endpoint. */
    HAIRPIN,
    /** IPv4 headers that are cut off or contradict themselves. */
    MALFORMED,
    /** Neither from inside nor to an external address, and the configuration says to drop that. */
    UNMATCHED,
    /** To an external endpoint that stands for nobody, or an ICMP error about a packet of nobody. */
    NO_MAPPING,
    /** From an outside endpoint that the inside endpoint has not sent to. */
    FILTERED,
    /** The external address has no free port left. */
    PORTS_EXHAUSTED,
    /** Would begin a binding or session, and there is no room. */
    TABLE_FULL,
    /** Neither TCP, UDP nor an ICMP query or error. */
    UNSUPPORTED_PROTOCOL,
    /** A later fragment of a datagram whose first fragment has not passed. */
    FRAGMENT_UNKNOWN;

    boolean isDrop() {
        return this != PASS && this != HAIRPIN;
    }

    /** The drop cause's name. */
    String cause() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
