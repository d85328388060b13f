// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.chain.Chain.OnFailure;
import io.ptnetmap.nfv.chain.Chain.Reaction;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainHealth.FunctionState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;

/** How often a function has failed, and what is to be done about it. Written by the worker that runs it, read by anyone. */
final class Failures {
    private final OnFailure policy;
    private final String reactionText;
    /** When it has failed of late, at most as often as the policy allows; {@link System#nanoTime}. */
    private final Deque<Long> recent = new ArrayDeque<>();

    private volatile Known known = new Known(FunctionState.RUNNING, 0, "", Instant.now());

    private record Known(FunctionState state, long count, String lastError, Instant since) {
        Known with(FunctionState next) {
            return new Known(next, count, lastError, Instant.now());
        }
    }

    Failures(OnFailure policy) {
        this.policy = policy;
        this.reactionText = policy.reaction().name().toLowerCase(Locale.ROOT);
    }

    Reaction reaction() {
        return policy.reaction();
    }

    boolean isQuarantined() {
        return known.state() == FunctionState.QUARANTINED;
    }

    /** Books a failure. Returns whether there have been too many. */
    boolean note(String error, long nowNanos) {
        Known before = known;
        known = new Known(before.state(), before.count() + 1, error, before.since());
        long windowBegan = nowNanos - policy.window().toNanos();
        while (!recent.isEmpty() && recent.peekFirst() - windowBegan < 0) {
            recent.removeFirst();
        }
        recent.addLast(nowNanos);
        return recent.size() >= policy.limit();
    }

    void quarantine() {
        known = known.with(FunctionState.QUARANTINED);
    }

    /** Another instance has taken over. */
    void restored() {
        recent.clear();
        known = known.with(FunctionState.RUNNING);
    }

    ChainHealth.Function health(String name, String process, Optional<ChainHealth.Recovery> recovery) {
        Known now = known;
        return new ChainHealth.Function(
                name, process, now.state(), reactionText, now.count(), now.lastError(), now.since(), recovery);
    }
}
