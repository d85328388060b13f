// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import java.util.Locale;

/** What a function has decided on a packet. */
public enum Verdict {
    /** It goes on, the way it goes. */
    FORWARDED,
    /** It goes back to where it came from. */
    RETURNED,
    CONSUMED,
    /** The function has made it. */
    CREATED,
    /** The function looks at packets in parallel to others, and decides nothing. */
    OBSERVED,
    /** For a cause, which is told besides. */
    DROPPED;

    /** As people write it: {@code forwarded}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
