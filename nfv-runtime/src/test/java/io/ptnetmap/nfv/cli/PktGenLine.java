// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.tools.pktgen.GeneratorConfig;
import picocli.CommandLine;

/** What a command line of pkt-gen asks for. */
public final class PktGenLine {
    private PktGenLine() {}

    public static GeneratorConfig parse(String... arguments) {
        PktGenCommand command = new PktGenCommand();
        new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
        return command.config();
    }
}
