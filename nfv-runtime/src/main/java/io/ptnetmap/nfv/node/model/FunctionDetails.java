// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A function or port of a chain.
 *
 * @param type of the function, or the port's specification
 * @param placement {@code same}, {@code own} or {@code vm NAME}
 * @param process where it runs: {@code same}, or {@code pid 123}
 * @param error what it has thrown last
 * @param report what it says about its work
 * @param persisted what is kept of its state; empty if nothing is to be kept
 */
public record FunctionDetails(
        String chain,
        String name,
        String type,
        boolean port,
        String placement,
        Optional<String> process,
        int worker,
        FunctionState state,
        Optional<String> error,
        OptionalInt restarts,
        Optional<FunctionAccount> account,
        Optional<Map<String, Object>> report,
        Optional<PersistedState> persisted) {}
