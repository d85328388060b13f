// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "forward",
        description = {
            "Measures how fast a process in the middle passes packets on from one netmap pipe to another.",
            "",
            "One process sends into the first pipe and receives from the second, the other one moves the packets' buffers "
                    + "from one to the other: in Java by the binding, by a chain of two ports, and in C, by turns.",
            ""
        })
final class ForwardCommand extends PipeScenario {
    private static final String CHAIN = "Java, chain";

    @Option(
            names = "--batch",
            split = ",",
            paramLabel = "SLOTS",
            defaultValue = "256",
            description =
                    "Most packets between two syncs, 256 in chains; a list measures each. Default: ${DEFAULT-VALUE}.")
    private List<Integer> batches;

    @Option(
            names = "--payload",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "Bytes written and read in each packet at the ends, 0 or 8. Default: ${DEFAULT-VALUE}.")
    private int payload;

    @Option(
            names = "--packets",
            paramLabel = "COUNT",
            defaultValue = "10000000",
            description = "Packets of each round. Default: ${DEFAULT-VALUE}.")
    private long packets;

    @Override
    PipePairs.Setting setting(int slots) {
        List<PipePairs.Programs> java = List.of(
                new PipePairs.Programs(PipePairs.JAVA, PipeWorker.class, PipeWorker.class),
                new PipePairs.Programs(CHAIN, PipeWorker.class, ChainWorker.class));
        return new PipePairs.Setting(java, PipeWorker.ENDS, PipeWorker.FORWARDER, 2, slots);
    }

    @Override
    Map<String, Object> parameters(int slots) {
        batches.forEach(batch -> requireRange("--batch", batch, 1, slots - 1));
        requireRange("--packets", packets, 1, Long.MAX_VALUE / 1000);
        requirePayload(payload);
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("packets", packets);
        parameters.put("payload", payload);
        return parameters;
    }

    @Override
    void measure(PipePairs pairs, Session session) {
        batches.forEach(batch ->
                session.measure(pairs.variant(Map.of("batch", batch), new ForwardTask(packets, batch, payload))));
    }
}
