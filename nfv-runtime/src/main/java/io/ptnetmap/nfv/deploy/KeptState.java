// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import java.time.Duration;
import java.time.Instant;

/**
 * What is kept of a function's state.
 *
 * @param at when it was taken down
 * @param entries of the function's tables in it
 * @param bytes that it takes
 */
public record KeptState(Instant at, long entries, long bytes) {
    /** How long ago it was taken down. */
    public Duration age() {
        Duration age = Duration.between(at, Instant.now());
        return age.isNegative() ? Duration.ZERO : age;
    }
}
