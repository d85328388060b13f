// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.options;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --home}: the checkout, for commands that use more of it than what runs. */
public final class HomeOption {
    @Option(
            names = "--home",
            paramLabel = "DIR",
            defaultValue = "${env:NFV_HOME:-.}",
            description =
                    "The checkout that has samples/ and the launcher script. Default: that of the launcher script.")
    private Path home;

    /** The checkout. */
    public Path path() {
        return home;
    }

    /** @throws NoSuchFileException if the checkout has no launcher script that can be run */
    public Path launcher() throws IOException {
        Path launcher = home.resolve("nfv").toAbsolutePath();
        if (!Files.isExecutable(launcher)) {
            throw new NoSuchFileException(
                    launcher.toString(), null, "no launcher script there; name the checkout by --home");
        }
        return launcher;
    }
}
