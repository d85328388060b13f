// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        /** It is being started again, and is not ready yet. */
        STARTING,
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
     * @param recovery what became of what was kept of an earlier one, when it was started; empty if nothing was
     */
    public record Function(
            String name,
            String process,
            FunctionState state,
            String policy,
            long failures,
            String lastError,
            Instant since,
            Optional<Recovery> recovery) {}

    /**
     * What became of a function's state that had been kept.
     *
     * @param at when
     * @param refusal why it could not be used, so that the function began with nothing; empty if it was
     * @param age of the state then
     * @param taken entries that the function knows again, by what they are
     * @param dropped entries that were left, by what they are and why
     */
    public record Recovery(
            Instant at, String refusal, Duration age, Map<String, Long> taken, Map<String, Long> dropped) {
        /** A state that was used. */
        public static Recovery of(Duration age, Map<String, Long> taken, Map<String, Long> dropped) {
            return new Recovery(Instant.now(), "", age, taken, dropped);
        }

        /** A state that could not be used. */
        public static Recovery refused(String reason) {
            return new Recovery(Instant.now(), reason, Duration.ZERO, Map.of(), Map.of());
        }
    }

    /** What a part of a chain is. */
    public enum PartKind {
        /** A process, of one function. */
        PROCESS,
        /** A virtual machine. */
        MACHINE
    }

    /**
     * Which part of a chain: a chain has none of these twice.
     *
     * @param kind what it is
     * @param name of the function that it is the process of, or of the machine
     */
    public record PartId(PartKind kind, String name) {
        /** The process of a function. */
        public static PartId process(String function) {
            return new PartId(PartKind.PROCESS, function);
        }

        /** A virtual machine. */
        public static PartId machine(String vm) {
            return new PartId(PartKind.MACHINE, vm);
        }

        /** For people, such as {@code the process of function 'fw'}. */
        @Override
        public String toString() {
            return switch (kind) {
                case PROCESS -> "the process of function '" + name + "'";
                case MACHINE -> "virtual machine '" + name + "'";
            };
        }
    }

    /**
     * A process or a virtual machine.
     *
     * @param name for people
     * @param id for programs
     * @param state what has become of it
     * @param restarts how often it was started again
     * @param since when it came into this state
     * @param lastWords what is known of its last end; empty if it never ended
     */
    public record Part(String name, PartId id, PartState state, long restarts, Instant since, List<String> lastWords) {
        /** A part that is called what it is. */
        public static Part of(PartId id, PartState state, long restarts, Instant since, List<String> lastWords) {
            return new Part(id.toString(), id, state, restarts, since, lastWords);
        }
    }

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
