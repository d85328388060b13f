// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import picocli.CommandLine.Option;

/** How many packets a tool moves before it looks again. */
final class BurstOption {
    @Option(
            names = {"-b", "--burst"},
            paramLabel = "N",
            description = "Packets at a time, 1 to 8192 (${DEFAULT-VALUE}).")
    private int packets;

    /** @param byDefault where nothing is said */
    BurstOption(int byDefault) {
        packets = byDefault;
    }

    int packets() {
        return packets;
    }
}
