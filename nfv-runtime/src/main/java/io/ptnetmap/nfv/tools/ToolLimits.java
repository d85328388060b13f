// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools;

import static io.ptnetmap.nfv.tools.ToolException.require;

/** What the tools refuse alike. */
public final class ToolLimits {
    private static final int MOST_AT_ONCE = 8192;
    private static final int LONGEST_WAIT = 100;

    private ToolLimits() {}

    /** @throws ToolException if a tool does not move so many packets at once */
    public static void requireBurst(int packets) {
        require(packets >= 1 && packets <= MOST_AT_ONCE, "-b takes 1 to " + MOST_AT_ONCE + " packets, not " + packets);
    }

    /** @throws ToolException if a tool does not wait so long for a link */
    public static void requireWait(int seconds) {
        require(seconds >= 0 && seconds <= LONGEST_WAIT, "-w takes 0 to " + LONGEST_WAIT + " seconds, not " + seconds);
    }
}
