// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Programs for tests in guests: our own in C, without shared libraries, and this machine's with theirs. */
final class GuestPrograms {
    private static final Path HOST_SETUP = Path.of("../host-setup");
    private static final Path SOURCES = HOST_SETUP.resolve("kernel/test");
    private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");
    private static final String LOADER = Guest.PROGRAMS + "ld-linux-x86-64.so.2 --library-path " + Guest.PROGRAMS;

    private GuestPrograms() {}

    /** Numbered frames through netmap ports. */
    static Path frames(Path directory) {
        return compile("frames", directory);
    }

    /** Harm to whatever a NIC passes through. */
    static Path hostile(Path directory) {
        return compile("hostile-guest", directory);
    }

    /** A program that is installed here and all the libraries that it is linked with; {@link #command} runs it. */
    static List<Path> installed(String name) {
        Path program = Path.of(Tools.run("sh", "-c", "command -v " + name).getFirst());
        List<Path> files = new ArrayList<>(List.of(program));
        LIBRARY.matcher(String.join("\n", Tools.run("ldd", program.toString())))
                .results()
                .map((MatchResult found) -> Path.of(found.group(1)))
                .forEach(files::add);
        return files;
    }

    /** Begins the command line of an {@linkplain #installed installed} program in a guest, which may have an older C library. */
    static String command(String name) {
        return LOADER + " " + Guest.PROGRAMS + name;
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
