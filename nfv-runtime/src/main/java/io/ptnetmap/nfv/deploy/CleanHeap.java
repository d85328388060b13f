// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Collects garbage before the first packet. What the start of a chain has made, and what stays of it, would otherwise be
 * copied by the first collection that the data path has to wait for: afterwards a collection finds hardly anything alive.
 */
final class CleanHeap {
    private static final AtomicBoolean MADE = new AtomicBoolean();

    private CleanHeap() {}

    /** Once in a process: at the start of a further chain, the collection would hold up those that run. */
    static void make() {
        if (MADE.compareAndSet(false, true)) {
            System.gc();
        }
    }
}
