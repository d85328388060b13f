// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "pipe",
        description = {
            "Measures a netmap pipe between two Java processes, and a C program on the same rings beside it.",
            "",
            "Each round sends packets through a pipe of the embedded host, first between the Java processes, then "
                    + "between those of the C program, and checks that each arrived once, in order and unchanged.",
            ""
        })
final class PipeCommand extends PipeScenario {
    @Option(
            names = "--batch",
            split = ",",
            paramLabel = "SLOTS",
            defaultValue = "256",
            description = "Most packets between two syncs; a list measures each. Default: ${DEFAULT-VALUE}.")
    private List<Integer> batches;

    @Option(
            names = "--payload",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "Bytes written and read in each packet, 0 or 8. Default: ${DEFAULT-VALUE}, slots only.")
    private int payload;

    @Option(
            names = "--packets",
            paramLabel = "COUNT",
            defaultValue = "20000000",
            description = "Packets of each round. Default: ${DEFAULT-VALUE}.")
    private long packets;

    @Override
    PipePairs.Setting setting(int slots) {
        return StreamTask.setting(slots);
    }

    @Override
    Map<String, Object> parameters(int slots) {
        batches.forEach(batch -> requireRange("--batch", batch, 1, slots - 1));
        requireRange("--packets", packets, 1, Long.MAX_VALUE / 1000);
        if (payload != 0 && payload != Long.BYTES) {
            throw wrong("--payload " + payload + ": packets are touched in 0 or 8 bytes");
        }
        return Map.of("packets", packets, "payload", payload);
    }

    @Override
    void measure(PipePairs pairs, Session session) {
        batches.forEach(batch ->
                session.measure(pairs.variant(Map.of("batch", batch), new StreamTask(packets, batch, payload))));
    }
}
