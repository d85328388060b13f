// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.model.ProblemDetails;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Whoever was let in for longer than an answer takes, and asks no more: those whose token was removed or has expired are shown out.
 * One look every {@value #LOOK_MILLIS} ms goes over all of them and asks once for each token, on a thread of its own; what is sent
 * meanwhile costs nothing. Thread-safe.
 */
final class Admissions {
    /** With what the token file's own look takes, less than a second. */
    static final long LOOK_MILLIS = 400;

    /** Until a reader must have taken what was under way when it was refused. */
    private static final long PATIENCE_MILLIS = 2_000;

    private final Vertx vertx;
    private final Authenticator authenticator;
    private final Set<Admission> present = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean looking = new AtomicBoolean();

    /** What somebody was let in by, and for what. */
    private record Right(String token, Role role) {}

    /** Somebody who was let in. */
    final class Admission {
        private final Right right;
        private final Consumer<ProblemDetails> refused;

        private Admission(Right right, Consumer<ProblemDetails> refused) {
            this.right = right;
            this.refused = refused;
        }

        /** No more looks are taken; also after a refusal. */
        void leave() {
            present.remove(this);
        }

        private void refuse(ProblemDetails why) {
            if (present.remove(this)) {
                refused.accept(why);
            }
        }
    }

    Admissions(Vertx vertx, Authenticator authenticator) {
        this.vertx = vertx;
        this.authenticator = authenticator;
        vertx.setPeriodic(LOOK_MILLIS, again -> look());
    }

    /**
     * Looks from now on whether a token still holds.
     *
     * @param refused called once, on another thread, when it does not
     */
    Admission admit(String token, Role role, Consumer<ProblemDetails> refused) {
        Admission admission = new Admission(new Right(token, role), refused);
        present.add(admission);
        return admission;
    }

    /** The same stream, for as long as the token holds. */
    Reply.Stream guard(Reply.Stream stream, String token, Role role) {
        Reply.Flow flow = stream.flow();
        return new Reply.Stream(stream.status(), stream.headers(), new Reply.Flow() {
            @Override
            public void start(Reply.Outlet out) {
                guard(flow, out, token, role);
            }

            @Override
            public void refuse(Reply.Outlet out, ProblemDetails why) {
                flow.refuse(out, why);
            }
        });
    }

    private void guard(Reply.Flow flow, Reply.Outlet out, String token, Role role) {
        AtomicBoolean closed = new AtomicBoolean();
        Admission admission = admit(
                token,
                role,
                why -> out.later(() -> {
                    flow.refuse(out, why);
                    vertx.setTimer(
                            PATIENCE_MILLIS,
                            late -> out.later(() -> {
                                // Else its connection may serve another request already.
                                if (!closed.get()) {
                                    out.cut();
                                }
                            }));
                }));
        out.onClose(() -> {
            closed.set(true);
            admission.leave();
        });
        flow.start(out);
    }

    private void look() {
        if (!present.isEmpty() && looking.compareAndSet(false, true)) {
            Thread.ofVirtual().name("admissions").start(() -> {
                try {
                    lookAtAll();
                } finally {
                    looking.set(false);
                }
            });
        }
    }

    private void lookAtAll() {
        Map<Right, Optional<ProblemDetails>> refusals = new HashMap<>();
        for (Admission admission : present) {
            refusals.computeIfAbsent(admission.right, this::refusal).ifPresent(admission::refuse);
        }
    }

    private Optional<ProblemDetails> refusal(Right right) {
        try {
            authenticator.require(right.token(), right.role());
            return Optional.empty();
        } catch (RuntimeException refused) {
            return Optional.of(Api.details(refused));
        }
    }
}
