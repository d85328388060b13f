// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.node.model.Event.Type;
import io.ptnetmap.nfv.node.model.Json;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What has happened, the last {@value #KEPT} of it. Thread-safe. */
public final class Events {
    static final int KEPT = 10_000;

    /** Later nodes go on with greater numbers, so that a reader of an earlier one learns that it has missed some. */
    private final History<Published> history = new History<>(KEPT, Instant.now().getEpochSecond() << 20);

    /** An event and its JSON, which is made once for all readers. */
    public record Published(Event event, String json) {
        static Published of(Event event) {
            return new Published(event, Json.text(event));
        }
    }

    void publish(
            Type type, Optional<String> chain, Optional<String> function, String message, Map<String, Object> data) {
        Optional<String> text = message.isEmpty() ? Optional.empty() : Optional.of(message);
        Optional<Map<String, Object>> details = data.isEmpty() ? Optional.empty() : Optional.of(data);
        history.add(id -> Published.of(new Event(id, Instant.now(), type, chain, function, text, details)));
    }

    /** The events. */
    public History<Published> history() {
        return history;
    }

    /** What a reader gets whose last event is no longer among them. */
    public static Published gap(long before, long first) {
        return Published.of(new Event(
                first - 1,
                Instant.now(),
                Type.GAP,
                Optional.empty(),
                Optional.empty(),
                Optional.of("events between " + before + " and " + first + " are no longer known"),
                Optional.empty()));
    }
}
