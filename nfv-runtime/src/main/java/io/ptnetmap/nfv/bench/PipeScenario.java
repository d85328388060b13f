// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** A measurement of two processes at the ends of a pipe, in Java and in C. */
abstract class PipeScenario extends ScenarioCommand {
    /** What rings of a region of the default sizes have room for. */
    private static final int MAX_SLOTS = 2048;

    @Option(
            names = "--slots",
            paramLabel = "SLOTS",
            defaultValue = "1024",
            description = "Slots of each ring. Default: ${DEFAULT-VALUE}.")
    private int slots;

    private Optional<Path> program = Optional.empty();

    /** The processes that are needed. */
    abstract PipePairs.Setting setting(int slots);

    /** Checks the options, and says what all variants have in common. */
    abstract Map<String, Object> parameters(int slots);

    abstract void measure(PipePairs pairs, Session session);

    @Override
    final Map<String, Object> parameters() {
        requireRange("--slots", slots, 2, MAX_SLOTS);
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("slots", slots);
        parameters.putAll(parameters(slots));
        return parameters;
    }

    @Override
    final Map<String, String> prepare() {
        CTwin.Attempt twin = CTwin.system().attempt();
        program = twin.program();
        return Map.of(PipePairs.C, twin.how());
    }

    @Override
    final void measure(Session session) throws IOException {
        try (PipePairs pairs = new PipePairs(setting(slots), program)) {
            measure(pairs, session);
        }
    }
}
