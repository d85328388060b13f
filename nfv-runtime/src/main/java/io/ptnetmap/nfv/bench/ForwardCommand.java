// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;
import picocli.CommandLine.Command;

@Command(
        name = "forward",
        description = {
            "Measures how fast a process in the middle passes packets on from one netmap pipe to another.",
            "",
            "One process sends into the first pipe and receives from the second, the other one moves the packets' buffers "
                    + "from one to the other: in Java by the binding, by a chain of two ports, whose batches are of 256, and in C, by turns.",
            ""
        })
final class ForwardCommand extends StreamScenario {
    private static final String CHAIN = "Java, chain";

    @Override
    PipePairs.Setting setting(int slots) {
        List<PipePairs.Programs> java = List.of(
                new PipePairs.Programs(PipePairs.JAVA, PipeWorker.class, PipeWorker.class),
                new PipePairs.Programs(CHAIN, PipeWorker.class, ChainWorker.class));
        return new PipePairs.Setting(java, PipeWorker.ENDS, PipeWorker.FORWARDER, 2, slots, List.of());
    }

    @Override
    ProcessPair.Task task(long count, int batch, int bytes) {
        return new ForwardTask(count, batch, bytes);
    }
}
