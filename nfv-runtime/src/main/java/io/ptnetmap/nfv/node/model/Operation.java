// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Something that takes long.
 *
 * @param revision of the chain that it makes
 * @param problem why it has failed
 * @param report what a change has done
 */
public record Operation(
        String id,
        Action action,
        String chain,
        State state,
        Instant created,
        Optional<Instant> started,
        Optional<Instant> ended,
        OptionalLong revision,
        Optional<ProblemDetails> problem,
        Optional<ChangeSummary> report) {
    /** What it does. */
    public enum Action {
        APPLY,
        DELETE,
        START,
        STOP,
        CONFIGURE,
        RESTORE
    }

    /** How it is. */
    public enum State {
        PENDING,
        RUNNING,
        SUCCEEDED,
        FAILED
    }

    /** Whether it goes on no more. */
    @JsonIgnore
    public boolean isOver() {
        return state == State.SUCCEEDED || state == State.FAILED;
    }

    /** The same, at work since then. */
    public Operation begun(Instant at) {
        return new Operation(
                id, action, chain, State.RUNNING, created, Optional.of(at), ended, revision, problem, report);
    }

    /** The same, done well. */
    public Operation succeeded(Instant at, Optional<ChangeSummary> done) {
        return new Operation(
                id, action, chain, State.SUCCEEDED, created, started, Optional.of(at), revision, problem, done);
    }

    /** The same, done in vain. */
    public Operation failed(Instant at, ProblemDetails why) {
        return new Operation(
                id, action, chain, State.FAILED, created, started, Optional.of(at), revision, Optional.of(why), report);
    }
}
