// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Configurations of single functions, read as those of a chain are. */
final class Configs {
    private Configs() {}

    /** The configuration of a function from its YAML, with all defaults. */
    static <T> T read(String function, Class<T> type, String yaml) {
        String chain = "chain: test\nfunctions:\n  - port: netmap:a\n  - type: " + function + "\n    config:\n"
                + yaml.indent(6) + "  - port: netmap:b\n";
        try {
            Path file = Files.writeString(Files.createTempFile("chain", ".yaml"), chain);
            try (FunctionRegistry functions = FunctionRegistry.open()) {
                Chain resolved = ChainDescriptor.read(file).resolve(functions, List.of());
                return type.cast(resolved.nodes().get(1).config());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
