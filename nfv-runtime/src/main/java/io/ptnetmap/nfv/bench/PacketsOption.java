// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import picocli.CommandLine.Option;

/** {@code --packets}, for commands whose rounds are of so many. */
final class PacketsOption {
    @Option(
            names = "--packets",
            paramLabel = "COUNT",
            description = "Packets of each round. Default: ${DEFAULT-VALUE}.")
    private long count;

    /** @param byDefault where nothing is said */
    PacketsOption(long byDefault) {
        count = byDefault;
    }

    /**
     * What was asked for.
     *
     * @param command refuses what cannot be measured
     */
    long count(ScenarioCommand command) {
        command.requireRange("--packets", count, 1, Long.MAX_VALUE / 1000);
        return count;
    }
}
