// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** For options whose value may be left out: {@code --x=value} has one, in {@code --x value} the second word is another argument. */
final class AttachedOnly implements IParameterPreprocessor {
    @Override
    public boolean preprocess(
            Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> information) {
        if (!"=".equals(information.get("separator"))) {
            arguments.push("");
        }
        return false;
    }
}
