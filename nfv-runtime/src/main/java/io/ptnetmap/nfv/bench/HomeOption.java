// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --home}, for commands that measure what the launcher script starts. */
final class HomeOption {
    @Option(
            names = "--home",
            paramLabel = "DIR",
            defaultValue = "${env:NFV_HOME:-.}",
            description = "The checkout that has the launcher script. Default: that of this command.")
    private Path home;

    /** @throws NoSuchFileException if the checkout has none that can be run */
    Path launcher() throws IOException {
        Path launcher = home.resolve("nfv").toAbsolutePath();
        if (!Files.isExecutable(launcher)) {
            throw new NoSuchFileException(
                    launcher.toString(), null, "no launcher script there; name the checkout by --home");
        }
        return launcher;
    }
}
