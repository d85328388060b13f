// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.tools.ToolException;
import java.util.Optional;
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

    /** Refuses a number of things, if one is given, that is less than 1. */
    static void requireSome(CommandSpec spec, String option, Optional<? extends Number> number) {
        number.filter(given -> given.longValue() < 1).ifPresent(given -> {
            throw new ParameterException(
                    spec.commandLine(), option + " takes a number from 1 on; " + given + " is less");
        });
    }

    /** Refuses a command line. */
    static void require(CommandSpec spec, boolean holds, String problem) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }
}
