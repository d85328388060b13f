// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;

/**
 * Our engine with the function {@code swap}, in a loop on one thread.
 *
 * @param upTo the last layer to swap
 * @param packets in the loop
 * @param millis of each round
 */
record SwapLoop(String upTo, int packets, int millis) implements Candidate {
    static final String ETHERNET = "ethernet";
    static final String TRANSPORT = "transport";

    @Override
    public String name() {
        return "chain";
    }

    @Override
    public String find() {
        return "netmap:loop}1, swap, netmap:loop{1 on one thread";
    }

    @Override
    public Contender start(Cleanup cleanup) {
        List<String> command = BenchProcess.java(LoopWorker.class);
        command.addAll(List.of(
                upTo, String.valueOf(packets), "loop", Machine.pair().getFirst().toString()));
        BenchProcess process = BenchProcess.start(name(), command);
        cleanup.add(process::close);
        return new Contender(name(), () -> {
            process.send("go " + millis + " 0 0");
            return new double[] {rate(process.answer())};
        });
    }

    /** Million packets per second of a worker's answer. */
    static double rate(String answer) {
        long[] words = ProcessPair.numbers(answer, 3);
        if (words[2] != 0) {
            throw new BenchException("chain: " + words[2] + " packets of the loop were lost or changed");
        }
        return words[0] * 1000.0 / words[1];
    }
}
