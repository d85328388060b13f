// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import java.util.Optional;

/**
 * Whether, and how, an engine finds out how long packets take.
 *
 * @param on whether it does at all
 * @param board for links to other processes, if there are any
 */
record Sampling(boolean on, Optional<StampBoard> board) {
    /** As long as nobody says otherwise. */
    static final Sampling USUAL = new Sampling(true, Optional.empty());
}
