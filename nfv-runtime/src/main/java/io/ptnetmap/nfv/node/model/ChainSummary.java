// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A chain in a list.
 *
 * @param functions names, in the chain's order
 */
public record ChainSummary(
        String name,
        long revision,
        DesiredState desired,
        ChainState state,
        List<String> functions,
        Optional<Instant> started,
        Optional<String> error) {}
