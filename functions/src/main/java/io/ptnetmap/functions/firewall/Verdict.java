// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import java.util.Locale;

/** What becomes of a packet, and why. */
enum Verdict {
    ACCEPT,
    /** Dropped by a rule. */
    RULE,
    /** Matched by no rule, and the default is to drop. */
    DEFAULT_POLICY,
    /** As {@link #DEFAULT_POLICY}, of a packet that connection tracking finds invalid. */
    INVALID_STATE,
    /** Not IP, and the configuration says to drop that. */
    NON_IP,
    /** Headers that are cut off or contradict themselves. */
    MALFORMED,
    /** Would begin a flow, and the flow table has no room. */
    TABLE_FULL,
    /** A later fragment of a datagram whose first fragment has not passed. */
    FRAGMENT_UNKNOWN;

    private static final Verdict[] VALUES = values();

    static Verdict of(int ordinal) {
        return VALUES[ordinal];
    }

    /** The drop cause's name. */
    String cause() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
