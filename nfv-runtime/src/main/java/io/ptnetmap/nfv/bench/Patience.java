// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

/** How a process waits that has a processor to itself: it spins, now and then gives way, and in the end gives up. */
final class Patience {
    static final long STALL_NANOS = 10_000_000_000L;
    private static final int IDLE_SYNCS = 1024;

    private int idle;
    private long idleSince;

    /** There was something to do. */
    void over() {
        idle = 0;
    }

    /** There was nothing to do. */
    void rest() {
        Thread.onSpinWait();
        idle++;
        // Not before, so that what comes soon is not missed for looking at the clock.
        if (idle == IDLE_SYNCS) {
            idleSince = System.nanoTime();
        }
        if (idle % IDLE_SYNCS == 0) {
            Thread.yield();
            if (System.nanoTime() - idleSince > STALL_NANOS) {
                throw new BenchException("nothing has moved for 10 s: has the other end died?");
            }
        }
    }
}
