// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import java.nio.file.Path;

/** Programs in C for tests in guests, without shared libraries. */
final class GuestPrograms {
    private static final Path HOST_SETUP = Path.of("../host-setup");
    private static final Path SOURCES = HOST_SETUP.resolve("kernel/test");

    private GuestPrograms() {}

    /** Numbered frames through netmap ports. */
    static Path frames(Path directory) {
        return compile("frames", directory);
    }

    /** Harm to whatever a NIC passes through. */
    static Path hostile(Path directory) {
        return compile("hostile-guest", directory);
    }

    private static Path compile(String name, Path directory) {
        Path program = directory.resolve(name);
        Tools.run(
                "gcc",
                "-O2",
                "-static",
                "-Wall",
                "-Werror",
                "-I",
                HOST_SETUP.resolve("include").toString(),
                "-o",
                program.toString(),
                SOURCES.resolve(name + ".c").toString());
        return program;
    }
}
