// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import java.util.Map;

/**
 * What became of a function's packets.
 *
 * @param drops by cause
 */
public record FunctionAccount(
        long received,
        long receivedBytes,
        long created,
        long sent,
        long sentBytes,
        long consumed,
        long dropped,
        Map<String, Long> drops) {
    /** That of a function that has done nothing yet. */
    public static final FunctionAccount NONE = new FunctionAccount(0, 0, 0, 0, 0, 0, 0, Map.of());

    /** The account of a hop. */
    public static FunctionAccount of(Hop hop) {
        return new FunctionAccount(
                hop.received(),
                hop.receivedBytes(),
                hop.created(),
                hop.sent(),
                hop.sentBytes(),
                hop.consumed(),
                hop.dropped(),
                hop.drops());
    }
}
