// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.tools.ToolPorts;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How long a tool waits before it uses its ports: a network interface's link takes some time to come up again. */
final class WaitLinkOption {
    @Option(
            names = {"-w", "--wait-link"},
            paramLabel = "S",
            description = "Wait for the link, seconds, 0 to 100 (0; network interfaces 2, of a bridge 4).")
    private Optional<Integer> wish;

    /**
     * Seconds to wait.
     *
     * @param byDefault where nothing was said, and one of the ports is a network interface's
     * @param ports their complete names
     */
    int seconds(int byDefault, String... ports) {
        return wish.orElse(
                Arrays.stream(ports)
                                .anyMatch(port -> ToolPorts.interfaceOf(port).isPresent())
                        ? byDefault
                        : 0);
    }
}
