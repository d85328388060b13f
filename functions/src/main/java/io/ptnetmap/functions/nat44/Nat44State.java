// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import io.ptnetmap.nfv.api.flow.FlowRows;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a {@link Nat44} knows, for its successor.
 *
 * @param live the one that has it, where that is in this process
 * @param sessions of inside with outside endpoints, each with its external endpoint; whatever has bindings has sessions
 * @param fragments fragmented datagrams, each with source, destination and MAC address after translation
 */
record Nat44State(Optional<Nat44> live, Supplier<FlowRows> sessions, Supplier<FlowRows> fragments) {
    // The words of a session's row.
    static final int EXTERNAL_ADDRESS = 0;
    static final int EXTERNAL_PORT = 1;
    static final int INSIDE_MAC = 2;
    static final int TCP = 3;

    static final int SESSION_WORDS = 4;
}
