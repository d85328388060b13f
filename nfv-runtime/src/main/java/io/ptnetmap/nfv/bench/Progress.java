// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.linux.Terminal;
import java.io.PrintWriter;

/** A line that says how far a measurement has come, where a person looks at a terminal; else nothing. For one thread. */
final class Progress {
    private static final String ERASE = "\r\033[K";

    private final PrintWriter out;
    private final boolean shown;

    /**
     * @param out where to
     * @param shown whether somebody looks
     */
    Progress(PrintWriter out, boolean shown) {
        this.out = out;
        this.shown = shown;
    }

    /** On standard error, if that is a terminal. */
    static Progress onTerminal(PrintWriter err) {
        return new Progress(err, Terminal.redraws(Terminal.ERROR));
    }

    /** Shows where the measurement is: {@code batch 32: round 3 of 7, Java}. */
    void show(String title, String phase, int number, int of, String contender) {
        if (shown) {
            String what = title.isEmpty() ? "" : title + ": ";
            out.print(ERASE + what + phase + " " + number + " of " + of + ", " + contender);
            out.flush();
        }
    }

    void clear() {
        if (shown) {
            out.print(ERASE);
            out.flush();
        }
    }
}
