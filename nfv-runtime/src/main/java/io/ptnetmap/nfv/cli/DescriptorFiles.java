// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The files of chains on a command line, as they are or each after {@code -f}. */
final class DescriptorFiles {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Parameters(
            paramLabel = "CHAIN.yaml",
            arity = "0..*",
            description = "The chain; docs/chain.md describes the format; - is standard input.")
    private List<Path> files = List.of();

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "CHAIN.yaml",
            description = "Likewise; may be repeated.")
    private List<Path> more = List.of();

    /** Reads them: one at least. */
    List<DescriptorFile> read() {
        List<Path> all = new ArrayList<>(files);
        all.addAll(more);
        if (all.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "which chain? Name its file: " + spec.qualifiedName() + " -f CHAIN.yaml");
        }
        return all.stream().map(DescriptorFile::read).toList();
    }
}
