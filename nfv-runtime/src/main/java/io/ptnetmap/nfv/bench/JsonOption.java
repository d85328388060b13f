// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.linux.FileErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code --json}, for commands that measure. */
final class JsonOption {
    @Option(names = "--json", paramLabel = "FILE", description = "Write all that was measured to a file.")
    private Optional<Path> file = Optional.empty();

    /**
     * Sees to it that the file, where one was asked for, can be written: better refused before minutes of measuring than after
     * them. What it holds stays until then.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    void prepare() {
        put("", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /**
     * Writes a report, where that was asked for.
     *
     * @throws UncheckedIOException if the file cannot be written
     */
    void write(Object report) {
        put(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(report));
    }

    private void put(String text, OpenOption... how) {
        file.ifPresent(place -> {
            try {
                Files.writeString(place, text, how);
            } catch (IOException failure) {
                throw new UncheckedIOException("cannot write " + place + ": " + FileErrors.why(failure), failure);
            }
        });
    }
}
