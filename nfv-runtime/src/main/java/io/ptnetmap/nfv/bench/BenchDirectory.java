// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A directory for the files of one measurement, which goes when that is over, with all that is in it. */
final class BenchDirectory implements AutoCloseable {
    private final Path path;

    BenchDirectory() throws IOException {
        path = Files.createTempDirectory("ptnetmap-bench");
    }

    Path path() {
        return path;
    }

    /** Where a file of this name is, or may be put. */
    Path file(String name) {
        return path.resolve(name);
    }

    /** Writes a file. Returns where it is. */
    Path write(String name, String text) throws IOException {
        return Files.writeString(file(name), text);
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException leftBehind) {
            // What remains among the temporary files does no harm.
        }
    }
}
