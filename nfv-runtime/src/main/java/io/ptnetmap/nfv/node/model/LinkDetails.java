// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import io.ptnetmap.nfv.chain.Chain.Policy;
import java.util.Optional;

/**
 * A link of a chain.
 *
 * @param name {@code FROM..TO}
 * @param type what the descriptor asks for
 * @param kind what it is: {@code call}, {@code thread}, {@code pipe}, {@code vale}, or {@code -} where it does not run
 * @param copies {@code zero-copy} or {@code copy}
 * @param reason why
 * @param used slots that hold packets towards the chain's end
 * @param waitNanos of sampled packets to the chain's end, from being put onto the link to being taken from it
 * @param backwardWaitNanos and of those to its beginning
 */
public record LinkDetails(
        String chain,
        String name,
        String from,
        String to,
        String type,
        Policy policy,
        String kind,
        Optional<String> copies,
        Optional<String> reason,
        int slots,
        int used,
        Optional<Timing> waitNanos,
        Optional<Timing> backwardWaitNanos) {}
