// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.node.model.Event.Type;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainHealth.FunctionState;
import io.ptnetmap.nfv.telemetry.ChainHealth.PartState;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Makes events of what changes in a chain's health. For one thread. */
final class HealthWatch {
    private final String chain;
    private final Events events;
    private final Map<String, ChainHealth.Function> functions = new HashMap<>();
    private final Map<ChainHealth.PartId, ChainHealth.Part> parts = new HashMap<>();
    /** How often they had been started again when they were last seen running. */
    private final Map<ChainHealth.PartId, Long> arrivals = new HashMap<>();

    HealthWatch(String chain, Events events) {
        this.chain = chain;
        this.events = events;
    }

    void look(ChainHealth now) {
        now.functions().forEach(this::look);
        now.parts().forEach(this::look);
    }

    private void look(ChainHealth.Function now) {
        ChainHealth.Function before = functions.get(now.name());
        if (now.equals(before)) {
            return;
        }
        functions.put(now.name(), now);
        boolean was = before != null && before.state() == FunctionState.QUARANTINED;
        boolean is = now.state() == FunctionState.QUARANTINED;
        if (now.failures() > (before == null ? 0 : before.failures())) {
            tell(Type.FUNCTION_FAILED, now, Map.of("failures", now.failures()));
        }
        if (is && !was) {
            tell(Type.FUNCTION_QUARANTINED, now, Map.of("policy", now.policy()));
        } else if (was && !is) {
            tell(Type.FUNCTION_RESTORED, now, Map.of());
        }
        now.recovery()
                .filter(recovery -> before == null || !before.recovery().equals(now.recovery()))
                .ifPresent(recovery -> tell(now, recovery));
    }

    private void tell(ChainHealth.Function function, ChainHealth.Recovery recovery) {
        boolean refused = !recovery.refusal().isEmpty();
        Map<String, Object> data = refused
                ? Map.of()
                : Map.of(
                        "age-nanos",
                        recovery.age().toNanos(),
                        "taken",
                        recovery.taken(),
                        "dropped",
                        recovery.dropped());
        events.publish(
                refused ? Type.STATE_REFUSED : Type.STATE_RESTORED,
                Optional.of(chain),
                Optional.of(function.name()),
                refused ? "begins with nothing, for what was kept of it cannot be used: " + recovery.refusal() : "",
                data);
    }

    private void tell(Type type, ChainHealth.Function function, Map<String, Object> data) {
        String message = type == Type.FUNCTION_RESTORED ? "" : function.lastError();
        events.publish(type, Optional.of(chain), Optional.of(function.name()), message, data);
    }

    private void look(ChainHealth.Part now) {
        ChainHealth.Part before = parts.get(now.id());
        if (now.equals(before)) {
            return;
        }
        parts.put(now.id(), now);
        if (deaths(now) > (before == null ? 0 : deaths(before))) {
            tell(Type.PROCESS_DIED, now);
        }
        if (now.state() == PartState.RUNNING) {
            Long arrival = arrivals.put(now.id(), now.restarts());
            if (now.restarts() > (arrival == null ? 0 : arrival)) {
                tell(Type.PROCESS_RESTARTED, now);
            }
        }
    }

    /** How often it has ended by now: each time but the last it was started again. */
    private static long deaths(ChainHealth.Part part) {
        boolean started = part.state() == PartState.RUNNING || part.state() == PartState.STARTING;
        return part.restarts() + (started ? 0 : 1);
    }

    private void tell(Type type, ChainHealth.Part part) {
        events.publish(
                type,
                Optional.of(chain),
                Optional.empty(),
                part.name(),
                Map.of("restarts", part.restarts(), "last-words", part.lastWords()));
    }
}
