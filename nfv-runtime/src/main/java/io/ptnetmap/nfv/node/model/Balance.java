// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import io.ptnetmap.nfv.telemetry.Conservation;

/** A {@link Conservation} with its verdict: every packet is accounted for where {@code unaccounted} is 0. */
public record Balance(
        long received, long created, long sent, long dropped, long consumed, long held, long unaccounted) {
    /** The balance of these accounts. */
    public static Balance of(Conservation accounts) {
        return new Balance(
                accounts.received(),
                accounts.created(),
                accounts.sent(),
                accounts.dropped(),
                accounts.consumed(),
                accounts.held(),
                accounts.unaccounted());
    }
}
