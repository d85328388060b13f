// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.nfv.vm.Installation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** What {@code nfv setup tests} installs; tests that need it are skipped without. */
public final class Installed {
    private Installed() {}

    /** Where it is installed. */
    public static Path data() {
        return Installation.ofThisUser().home();
    }

    /** A file or directory of npm's, or the test is skipped. */
    public static Path npm(String file) {
        Path path = data().resolve("npm/node_modules").resolve(file);
        assumeTrue(Files.exists(path), () -> "no " + path + "; 'nfv setup tests' installs it");
        return path;
    }

    /** A command, in the path or where it is installed, or the test is skipped. */
    public static Path command(String name) {
        Optional<Path> found = Stream.concat(
                        Arrays.stream(System.getenv("PATH").split(":")).map(Path::of), Stream.of(data().resolve("bin")))
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(found.isPresent(), () -> "no " + name + " here; 'nfv setup tests' installs it");
        return found.get();
    }
}
