// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * DPDK's shared-memory interface between two processes of {@code dpdk.c}.
 *
 * @param task of each round
 */
record Memif(ProcessPair.Task task) implements Candidate {
    @Override
    public String name() {
        return "DPDK memif";
    }

    @Override
    public String find() {
        return Dpdk.how();
    }

    @Override
    public Contender start(Cleanup cleanup) throws IOException {
        BenchDirectory directory = new BenchDirectory();
        cleanup.add(directory::close);
        Path socket = directory.file("memif.sock");
        List<Integer> cpus = Machine.pair();
        ProcessPair pair = new ProcessPair(
                name(), command(socket, "sender", cpus.getFirst()), command(socket, "receiver", cpus.getLast()));
        cleanup.add(pair::close);
        return new Contender(name(), () -> pair.run(task));
    }

    private static List<String> command(Path socket, String role, int cpu) {
        return List.of(Dpdk.program().toString(), socket.toString(), role, String.valueOf(cpu));
    }
}
