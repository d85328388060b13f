// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a change has done.
 *
 * @param untouched functions and links that stayed as they were
 * @param live whether packets kept flowing
 * @param obstacles why a chain that ran was drained and started anew
 * @param pauseNanos the longest time that any function took nothing in
 * @param lost packets that the change lost; below 0 it doubled some
 * @param reordered packets that others may have overtaken
 * @param switchDrops packets that switches of the chain's links dropped meanwhile; empty where there are no such links
 * @param drained links that were taken away
 * @param mishaps what went wrong without keeping the change from being made
 */
public record ChangeSummary(
        List<PlanStep> steps,
        List<String> untouched,
        boolean live,
        List<Obstacle> obstacles,
        OptionalLong pauseNanos,
        OptionalLong lost,
        OptionalLong reordered,
        OptionalLong switchDrops,
        List<Drained> drained,
        List<HandedOver> handedOver,
        Optional<Balance> before,
        Optional<Balance> after,
        List<String> mishaps) {
    /** A link that was taken away, and its packets. */
    public record Drained(String link, Direction direction, long sent, long read) {}

    /** Ways along a chain. */
    public enum Direction {
        FORWARD,
        BACKWARD
    }

    /** A function's state that its successor has got. */
    public record HandedOver(String function, long entries, Optional<String> detail) {}
}
