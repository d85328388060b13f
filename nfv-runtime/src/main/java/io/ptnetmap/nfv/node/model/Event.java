// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Something that has happened. */
public record Event(
        long id,
        Instant time,
        Type type,
        Optional<String> chain,
        Optional<String> function,
        Optional<String> message,
        Optional<Map<String, Object>> data) {
    /** What. */
    public enum Type {
        NODE_STARTED,
        CHAIN_ACCEPTED,
        CHAIN_STATE,
        CHAIN_DELETED,
        OPERATION,
        FUNCTION_FAILED,
        FUNCTION_QUARANTINED,
        FUNCTION_RESTORED,
        /** A function has gone on from what was kept of its state. */
        STATE_RESTORED,
        /** What was kept of a function's state could not be used: it has begun with nothing. */
        STATE_REFUSED,
        PROCESS_DIED,
        PROCESS_RESTARTED,
        /** What came before is no longer kept. */
        GAP
    }
}
