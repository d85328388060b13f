// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A script that runs {@code nfv} from its distribution, as the launcher does, short of building it. */
final class InstalledNfv {
    static final Path DISTRIBUTION =
            Path.of("../functions/target/nfv").toAbsolutePath().normalize();

    private InstalledNfv() {}

    /** Writes the script into a directory. */
    static Path into(Path directory) throws IOException {
        return into(directory, Path.of(System.getProperty("java.home")), DISTRIBUTION);
    }

    /** The same where Java and the distribution are to be found elsewhere. */
    static Path into(Path directory, Path java, Path distribution) throws IOException {
        assertTrue(Files.isDirectory(DISTRIBUTION.resolve("node")), "the distribution is not built");
        String script = """
                #!/bin/sh
                [ "$1" = build ] && exit 0
                exec %s/bin/java --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \\
                    -XX:+UseSerialGC -cp '%s/lib/*:%s/node/*' io.ptnetmap.nfv.cli.Main "$@"
                """.formatted(java, distribution, distribution);
        Path file = Files.writeString(directory.resolve("nfv"), script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }
}
