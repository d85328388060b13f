// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A measurement of as many packets per second as two processes can move through pipes. */
abstract class StreamScenario extends PipeScenario {
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

    @Mixin
    private PacketsOption packets = new PacketsOption(10_000_000);

    /** What is to be done in each round. */
    abstract ProcessPair.Task task(long count, int batch, int bytes);

    @Override
    final Map<String, Object> parameters(int slots) {
        batches.forEach(batch -> requireRange("--batch", batch, 1, slots - 1));
        if (payload != 0 && payload != Long.BYTES) {
            throw wrong("--payload " + payload + ": packets are touched in 0 or 8 bytes");
        }
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("packets", packets.count(this));
        parameters.put("payload", payload);
        return parameters;
    }

    @Override
    final void measure(PipePairs pairs, Session session) {
        batches.forEach(batch ->
                session.measure(pairs.variant(Map.of("batch", batch), task(packets.count(this), batch, payload))));
    }
}
