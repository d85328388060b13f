// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** All functions there are, as {@code nfv bench function} runs them: once warm, none allocates. */
class SteadyStateTest {
    /** Configurations of those that need one; {@code DIR} is a directory for files. */
    private static final Map<String, String> CONFIGS = Map.of(
            "firewall",
            "{default: accept}",
            "mirror",
            "{file: DIR/mirror.pcap}",
            "nat44",
            "{inside: [198.18.0.0/16], external: [192.0.2.1]}",
            "pcap-sink",
            "{file: DIR/sink.pcap}",
            "pcap-source",
            "{file: DIR/source.pcap, loop: 0}");

    @TempDir
    private Path directory;

    static Stream<String> functions() {
        try (FunctionRegistry registry = FunctionRegistry.open()) {
            return List.copyOf(registry.functions().keySet()).stream();
        }
    }

    @ParameterizedTest
    @MethodSource("functions")
    void nothingIsAllocatedPerPacket(String function) throws Exception {
        Files.copy(Path.of("..", "samples", "traffic", "inside.pcap"), directory.resolve("source.pcap"));
        String config = CONFIGS.getOrDefault(function, "{}").replace("DIR", directory.toString());
        JsonNode allocated = Bench.metrics(
                        directory, "function", function, "--config", config, "--packets=50000", "--rounds=5")
                .get(2);

        // What the compiler or a buffer takes once in a round is no packet's.
        assertTrue(Bench.least(allocated, function) < 0.001, () -> allocated + " bytes per packet");
    }
}
