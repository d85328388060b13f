// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;
import picocli.CommandLine.Option;

/** {@code --batch}, for commands that measure functions. */
final class BatchesOption {
    /** As many as the engine gives to a function at once. */
    private static final int MOST = 256;

    @Option(
            names = "--batch",
            split = ",",
            paramLabel = "PACKETS",
            defaultValue = "256",
            description = "Packets in a batch; a list measures each. Default: ${DEFAULT-VALUE}.")
    private List<Integer> sizes;

    /**
     * What was asked for.
     *
     * @param command refuses what cannot be measured
     */
    List<Integer> sizes(ScenarioCommand command) {
        sizes.forEach(size -> command.requireRange("--batch", size, 1, MOST));
        return sizes;
    }
}
