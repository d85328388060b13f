// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is kept of a function's state for after a crash.
 *
 * @param boundNanos how old it may be then, as the chain says
 * @param taken when it was taken down; empty if none has been yet
 * @param ageNanos how long ago that was, by the node's clock
 * @param entries of the function's tables in it
 * @param bytes that it takes
 * @param restored what became of what had been kept, when the function was started; empty if nothing had been
 */
public record PersistedState(
        long boundNanos,
        Optional<Instant> taken,
        OptionalLong ageNanos,
        OptionalLong entries,
        OptionalLong bytes,
        Optional<RestoredState> restored) {
    /**
     * What became of a state that had been kept.
     *
     * @param refusal why it could not be used; empty if it was
     * @param ageNanos how old it was
     * @param taken entries that the function knows again, by what they are
     * @param dropped entries that were left, by what they are and why
     */
    public record RestoredState(
            Instant time,
            Optional<String> refusal,
            long ageNanos,
            Map<String, Long> taken,
            Map<String, Long> dropped) {}
}
