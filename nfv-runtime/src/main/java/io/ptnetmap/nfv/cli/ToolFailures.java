// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.tools.ToolException;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What a tool cannot do is an error of its command line. */
final class ToolFailures {
    private ToolFailures() {}

    /** Runs a part of a tool. */
    static <T> T usage(CommandSpec spec, Supplier<T> part) {
        try {
            return part.get();
        } catch (ToolException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage(), wrong);
        }
    }

    /** Refuses a command line. */
    static void require(CommandSpec spec, boolean holds, String problem) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }
}
