// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.Quiet;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What a part is told to do for its share of a change.
 *
 * @param step what
 * @param chain file that has the chain afterwards; for {@link Step#PREPARE}
 * @param links numbers of its links; for {@link Step#PREPARE}
 * @param edges the outermost links between what leaves and what stays, in all parts; for {@link Step#HOLD}
 * @param quiet the links into which nothing is to be sent, in all parts; for {@link Step#REST}
 * @param function whose state it is about; for {@link Step#HAND_OVER} and {@link Step#TAKE_OVER}
 * @param file that the state is in; for these
 */
record ChangeOrder(
        Step step, String chain, List<Integer> links, Set<Integer> edges, Quiet quiet, String function, String file) {
    /** The steps of {@link io.ptnetmap.nfv.engine.EngineChange}, a {@link ChangeRehearsal} before them, and the transport of states. */
    enum Step {
        /** For a part that comes in, and has nothing to prepare. */
        REHEARSE(ANSWER),
        /** Functions may have much to read when they start. */
        PREPARE(Duration.ofSeconds(30)),
        REST(ANSWER),
        HOLD(ANSWER),
        PROBE(ANSWER),
        SEAL(ANSWER),
        UNSEAL(ANSWER),
        HAND_OVER(ANSWER),
        TAKE_OVER(ANSWER),
        COMMIT(ANSWER),
        RELEASE(ANSWER),
        FINISH(ANSWER),
        ROLL_BACK(ANSWER);

        private final Duration limit;

        Step(Duration limit) {
            this.limit = limit;
        }

        /** How long a part may take to answer before it counts as dead. */
        Duration limit() {
            return limit;
        }
    }

    /** How long whoever is asked something in a change may take to answer. */
    static final Duration ANSWER = Duration.ofSeconds(10);

    /**
     * Have the part make its share ready.
     *
     * @param chain file that has the chain afterwards, as the part knows it
     */
    static ChangeOrder prepare(String chain, LinkIds ids) {
        return new ChangeOrder(Step.PREPARE, chain, ids.ids(), Set.of(), Quiet.NONE, "", "");
    }

    /** Have it send nothing into links that could drop it. */
    static ChangeOrder rest(Quiet quiet) {
        return new ChangeOrder(Step.REST, "", List.of(), Set.of(), quiet, "", "");
    }

    /** Have it take nothing in. */
    static ChangeOrder hold(Set<Integer> edges) {
        return new ChangeOrder(Step.HOLD, "", List.of(), edges, Quiet.NONE, "", "");
    }

    /** A step that needs nothing to be said. */
    static ChangeOrder of(Step step) {
        return new ChangeOrder(step, "", List.of(), Set.of(), Quiet.NONE, "", "");
    }

    /** Have it write the state of a function into a file, or read it. */
    static ChangeOrder state(Step step, String function, Path file) {
        return new ChangeOrder(step, "", List.of(), Set.of(), Quiet.NONE, function, file.toString());
    }
}
