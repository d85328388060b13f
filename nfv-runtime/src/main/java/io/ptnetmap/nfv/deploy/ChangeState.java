// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.api.Stateful.Takeover;
import io.ptnetmap.nfv.engine.Edges;
import io.ptnetmap.nfv.engine.EngineChange.Passed;
import io.ptnetmap.nfv.engine.EngineChange.Pause;
import java.util.List;
import java.util.Map;

/**
 * What a part says of its share of a change, in answer to an order.
 *
 * @param error empty, or why it cannot do as it was told
 * @param node function that this is about; may be empty
 * @param field of the function's configuration; may be empty
 * @param done whether the step has been done; otherwise it is to be tried again
 * @param waitsFor what it is waiting for then
 * @param edges links between what leaves in it and what stays
 * @param passed what has passed links that are to be empty
 * @param pauses how long what took nothing in
 * @param carriedOver packets that were inside
 * @param overtakable see {@link io.ptnetmap.nfv.engine.EngineChange#overtakable}
 * @param states what functions have taken over
 */
record ChangeState(
        String error,
        String node,
        String field,
        boolean done,
        String waitsFor,
        Edges edges,
        List<Passed> passed,
        List<Pause> pauses,
        long carriedOver,
        long overtakable,
        Map<String, Takeover> states) {
    static ChangeState of(boolean done, String waitsFor) {
        return new ChangeState("", "", "", done, waitsFor, Edges.NONE, List.of(), List.of(), 0, 0, Map.of());
    }

    static ChangeState refusal(String node, String field, String error) {
        return new ChangeState(error, node, field, false, "", Edges.NONE, List.of(), List.of(), 0, 0, Map.of());
    }

    static ChangeState released(List<Pause> pauses) {
        return new ChangeState("", "", "", true, "", Edges.NONE, List.of(), pauses, 0, 0, Map.of());
    }

    /** @throws ChangeRefusedException if this is a refusal */
    ChangeState orThrow() {
        if (!error.isEmpty()) {
            throw new ChangeRefusedException(node, field, error);
        }
        return this;
    }
}
