// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;

/**
 * DPDK's ring between two threads of {@code dpdk.c}, with one producer and one consumer.
 *
 * @param task of each round
 */
record RteRing(StreamTask task) implements Candidate {
    @Override
    public String name() {
        return "rte_ring";
    }

    @Override
    public String find() {
        return Dpdk.how();
    }

    @Override
    public Contender start(Cleanup cleanup) {
        List<Integer> cpus = Machine.pair();
        return Hop.contender(
                name(),
                List.of(
                        Dpdk.program().toString(),
                        cpus.getLast().toString(),
                        "ring",
                        cpus.getFirst().toString()),
                task,
                cleanup);
    }
}
