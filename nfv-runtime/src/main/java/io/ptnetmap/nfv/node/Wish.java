// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import java.util.Optional;

/**
 * What is common to requests that change something.
 *
 * @param condition under which to follow it
 * @param key repeats the answer to the same request instead of following it twice
 * @param digest of the request, that tells whether it is the same
 */
public record Wish(Precondition condition, Optional<String> key, String digest) {
    /** Without condition or key. */
    public static final Wish PLAIN = new Wish(Precondition.NONE, Optional.empty(), "");
}
