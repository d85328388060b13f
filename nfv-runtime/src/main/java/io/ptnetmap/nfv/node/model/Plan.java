// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.util.List;
import java.util.Optional;

/**
 * What a change of a chain would do.
 *
 * @param create whether there is no chain of that name yet
 * @param live whether it can be done while packets flow
 * @param untouched functions and links that stay as they are
 * @param obstacles why it cannot be done while packets flow
 * @param memory what the chain takes of memory
 */
public record Plan(
        String chain,
        boolean create,
        Optional<Boolean> live,
        List<PlanStep> steps,
        List<String> untouched,
        List<Obstacle> obstacles,
        Optional<String> memory) {}
