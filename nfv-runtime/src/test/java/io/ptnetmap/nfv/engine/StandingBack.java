// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.linux.Linux;

/**
 * Lets the workers of chains that move as many packets as they can stand back behind what is started beside them: otherwise a
 * process that comes into such a chain, and the next test, would take several times as long on a machine with two processors.
 */
final class StandingBack {
    private static final int NICE = 5;

    private StandingBack() {}

    /** To be called where a function is started, which is on its worker's thread, but for one that comes into a running chain. */
    static void worker() {
        if (Thread.currentThread().getName().startsWith("worker-")) {
            Linux.yieldToOthers(NICE);
        }
    }
}
