// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import io.ptnetmap.nfv.capture.FieldChange;
import io.ptnetmap.nfv.capture.PacketTrace;
import io.ptnetmap.nfv.node.model.ChangeSummary.Direction;
import java.time.Instant;
import java.util.List;

/**
 * One packet's way through a chain.
 *
 * @param number from 1, in the order in which packets are told of
 * @param length when it was first seen
 * @param summary what became of it
 */
public record TracedPacket(
        String chain, long number, Instant time, Direction direction, int length, String summary, List<Step> steps) {
    /**
     * What a function did to it.
     *
     * @param verdict {@code forward}, {@code reflect}, {@code consume}, {@code create}, {@code observe} or {@code drop CAUSE}
     * @param nanos that the function took for the batch in which it was
     */
    public record Step(String function, String verdict, long nanos, List<FieldChange> changes) {}

    /** What the chain tells of a packet. */
    public static TracedPacket of(String chain, PacketTrace trace) {
        boolean backward = !trace.steps().isEmpty() && trace.steps().getFirst().reverse();
        return new TracedPacket(
                chain,
                trace.number(),
                trace.start(),
                backward ? Direction.BACKWARD : Direction.FORWARD,
                trace.length(),
                trace.end(),
                trace.steps().stream().map(TracedPacket::step).toList());
    }

    private static Step step(PacketTrace.Step step) {
        String verdict = switch (step.verdict()) {
            case FORWARDED -> "forward";
            case RETURNED -> "reflect";
            case CONSUMED -> "consume";
            case CREATED -> "create";
            case OBSERVED -> "observe";
            case DROPPED -> "drop " + step.cause();
        };
        return new Step(step.function(), verdict, step.nanos(), step.changes());
    }
}
