// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import java.util.List;

/**
 * What it takes to make one chain of another while it runs.
 *
 * @param steps in the chain's order: functions first, then links; empty where both are the same
 * @param untouched names of the functions and links that go on as they are
 * @param obstacles what cannot be changed live; a plan that has any is refused
 */
public record ChangePlan(List<ChangeStep> steps, List<String> untouched, List<Obstacle> obstacles) {
    /**
     * Something that cannot be changed while the chain runs.
     *
     * @param node name of the function or port; empty where it is about the chain as a whole
     * @param field of the descriptor, such as {@code vm}; may be empty
     * @param reason why not, and what to do instead
     */
    public record Obstacle(String node, String field, String reason) {}

    /** Whether nothing stands against it. */
    public boolean possible() {
        return obstacles.isEmpty();
    }
}
