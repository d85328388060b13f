// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import picocli.CommandLine.Command;

@Command(
        name = "pipe",
        description = {
            "Measures a netmap pipe between two Java processes, and a C program on the same rings beside it.",
            "",
            "Each round sends packets through a pipe of the embedded host, first between the Java processes, then "
                    + "between those of the C program, and checks that each arrived once, in order and unchanged.",
            ""
        })
final class PipeCommand extends StreamScenario {
    @Override
    PipePairs.Setting setting(int slots) {
        return StreamTask.setting(slots);
    }

    @Override
    ProcessPair.Task task(long count, int batch, int bytes) {
        return new StreamTask(count, batch, bytes);
    }
}
