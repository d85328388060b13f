// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A chain and its state.
 *
 * @param revision grows with each accepted change
 * @param error why it has failed
 * @param descriptor as JSON
 * @param operation address of the operation that goes on
 */
public record ChainDetails(
        String name,
        long revision,
        DesiredState desired,
        ChainState state,
        Optional<String> error,
        ObjectNode descriptor,
        Instant created,
        Instant changed,
        Optional<Instant> started,
        Optional<String> operation,
        Optional<Balance> conservation) {}
