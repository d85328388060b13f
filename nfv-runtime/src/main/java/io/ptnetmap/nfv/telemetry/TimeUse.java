// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.telemetry;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the time of the workers has gone, as far as it was taken: without a profile both lists are empty. Figures only grow.
 *
 * @param functions in no particular order
 * @param workers the threads that run them
 */
public record TimeUse(List<Function> functions, List<Worker> workers) {
    /** Of parts that take no time. */
    public static final TimeUse NONE = new TimeUse(List.of(), List.of());

    /**
     * A function's own time, without that of taking packets from links and putting them onto links.
     *
     * @param name of the instance
     * @param process where it runs, as in {@link ChainSnapshot.Hop#process}
     * @param worker thread within its process
     * @param packets taken in and created
     * @param batches calls that had any packet
     * @param nanos spent in these calls
     */
    public record Function(String name, String process, int worker, long packets, long batches, long nanos) {}

    /**
     * A worker's time.
     *
     * @param process where it runs, as in {@link ChainSnapshot.Hop#process}
     * @param number within its process
     * @param busyNanos in rounds that moved packets
     * @param idleNanos in rounds that moved none, and asleep
     */
    public record Worker(String process, int number, long busyNanos, long idleNanos) {}

    /** Both together. */
    public TimeUse plus(TimeUse other) {
        return new TimeUse(joined(functions, other.functions), joined(workers, other.workers));
    }

    private static <T> List<T> joined(List<T> some, List<T> others) {
        List<T> all = new ArrayList<>(some);
        all.addAll(others);
        return List.copyOf(all);
    }
}
