// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * What a command has said.
 *
 * @param exitCode as for the shell
 * @param out standard output
 * @param err standard error
 */
record CommandOutcome(int exitCode, String out, String err) {
    /** Runs {@code nfv} with these arguments; no chain can be run by it. */
    static CommandOutcome of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = new Main((chain, options) -> {
                    throw new AssertionError("no chain is run here");
                })
                .commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new CommandOutcome(exitCode, out.toString(), err.toString());
    }
}
