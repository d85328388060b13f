// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.telemetry;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a chain's functions and processes do their work, and what has gone wrong in them.
 *
 * @param functions in the chain's order; ports are not among them
 * @param parts processes and virtual machines besides the one that was asked
 */
public record ChainHealth(List<Function> functions, List<Part> parts) {
    /** Of a chain in which nothing is known to have gone wrong. */
    public static final ChainHealth NONE = new ChainHealth(List.of(), List.of());

    /** What becomes of a function that has failed. */
    public enum FunctionState {
        RUNNING,
        /** It has failed too often and is called no more; what happens to its packets is in its policy. */
        QUARANTINED
    }

    /** What becomes of a process or a virtual machine that has ended. */
    public enum PartState {
        RUNNING,
        /** It has ended, and will be started again after a pause. */
        WAITING,
        /** It is given up, and the chain with it. */
        FAILED
    }

    /**
     * A function.
     *
     * @param name of the instance
     * @param process where it runs, as in {@link ChainSnapshot.Hop#process}
     * @param state what has become of it
     * @param policy what happens when it fails: {@code closed}, {@code open} or {@code stop}
     * @param failures calls in which it threw; those of a process that has ended are forgotten
     * @param lastError what it threw last, empty if it never did
     * @param since when it came into this state
     */
    public record Function(
            String name,
            String process,
            FunctionState state,
            String policy,
            long failures,
            String lastError,
            Instant since) {}

    /**
     * A process or a virtual machine.
     *
     * @param name such as {@code the process of function 'fw'}
     * @param state what has become of it
     * @param restarts how often it was started again
     * @param since when it came into this state
     * @param lastWords what is known of its last end; empty if it never ended
     */
    public record Part(String name, PartState state, long restarts, Instant since, List<String> lastWords) {}

    /** Whether a function or a process is not doing its work now, or has failed before. */
    public boolean impaired() {
        return functions.stream().anyMatch(function -> function.failures() != 0)
                || parts.stream().anyMatch(part -> part.state() != PartState.RUNNING);
    }

    /** That of two parts of a chain in one. */
    public ChainHealth plus(ChainHealth other) {
        List<Function> allFunctions = new ArrayList<>(functions);
        allFunctions.addAll(other.functions);
        List<Part> allParts = new ArrayList<>(parts);
        allParts.addAll(other.parts);
        return new ChainHealth(List.copyOf(allFunctions), List.copyOf(allParts));
    }
}
