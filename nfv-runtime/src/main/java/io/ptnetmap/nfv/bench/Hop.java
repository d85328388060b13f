// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;

/**
 * From one thread of a Java process to another.
 *
 * @param name in tables and reports
 * @param kind {@link HopWorker#LINK} or {@link HopWorker#DISRUPTOR}
 * @param task of each round
 */
record Hop(String name, String kind, StreamTask task) implements Candidate {
    static final Metric COST = new Metric("hop", "ns/packet");

    @Override
    public String find() {
        return "two threads of a Java process, " + HopWorker.ENTRIES + " entries";
    }

    @Override
    public Contender start(Cleanup cleanup) {
        List<Integer> cpus = Machine.pair();
        List<String> command = BenchProcess.java(HopWorker.class);
        command.addAll(List.of(cpus.getLast().toString(), kind, cpus.getFirst().toString()));
        return contender(name, command, task, cleanup);
    }

    /** Starts a process that does both ends of a {@link StreamTask} and answers as its receiver does. */
    static Contender contender(String name, List<String> command, StreamTask task, Cleanup cleanup) {
        BenchProcess process = BenchProcess.start(name, command);
        cleanup.add(process::close);
        return new Contender(name, () -> {
            process.send(task.command());
            String answer = process.answer();
            return new double[] {1000 / task.figures(name, answer, answer)[0]};
        });
    }
}
