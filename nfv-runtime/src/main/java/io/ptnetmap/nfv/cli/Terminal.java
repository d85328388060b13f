// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.io.Console;

/** Where the output goes. */
final class Terminal {
    private Terminal() {}

    /** Whether a person looks at the output, on a terminal that can redraw lines. */
    static boolean isPresent() {
        Console console = System.console();
        return console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
    }
}
