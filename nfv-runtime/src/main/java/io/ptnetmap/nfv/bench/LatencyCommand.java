// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "latency",
        description = {
            "Measures how long a packet takes through a netmap pipe to another process and back.",
            "",
            "One packet at a time; the other process looks for it all the time and sends back the buffer that it came in. "
                    + "Two Java processes, and two of a C program on the same rings, by turns.",
            ""
        })
final class LatencyCommand extends PipeScenario {
    private static final int BACK_TO_BACK = 0;

    @Mixin
    private PacketsOption packets = new PacketsOption(500_000);

    @Override
    PipePairs.Setting setting(int slots) {
        return EchoTask.setting(slots);
    }

    @Override
    Map<String, Object> parameters(int slots) {
        return Map.of("packets", packets.count(this));
    }

    @Override
    void measure(PipePairs pairs, Session session) {
        session.measure(pairs.variant(Map.of(), new EchoTask(packets.count(this), BACK_TO_BACK, false)));
    }
}
