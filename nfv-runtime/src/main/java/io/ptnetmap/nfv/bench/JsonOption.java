// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code --json}, for commands that measure. */
final class JsonOption {
    @Option(names = "--json", paramLabel = "FILE", description = "Write all that was measured to a file.")
    private Optional<Path> file = Optional.empty();

    /** Writes a report, where that was asked for. */
    void write(Object report) {
        if (file.isPresent()) {
            JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build()
                    .writeValue(file.get(), report);
        }
    }
}
