// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import io.ptnetmap.nfv.api.flow.FlowRows;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a {@link Firewall} knows, for its successor.
 *
 * @param rules its rules, as text that tells them apart
 * @param hits packets per rule, and behind these the packets that no rule matched
 * @param acceptedByState packets accepted for their state
 * @param connections what it follows, where that is in this process
 * @param fragments what it remembers of datagrams, where that is in this process
 * @param flowRows the flows, wherever they come from
 * @param fragmentRows the datagrams, wherever they come from
 */
record FirewallState(
        List<String> rules,
        long[] hits,
        long acceptedByState,
        Optional<Connections> connections,
        Optional<FragmentVerdicts> fragments,
        Supplier<FlowRows> flowRows,
        Supplier<FlowRows> fragmentRows) {}
