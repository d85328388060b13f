// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import java.time.Duration;

/**
 * How long to wait before what has died is started again: not at all the first time, then each time twice as long as before, up
 * to half a minute; after a minute of life it begins anew. Single-threaded.
 */
final class RestartPace {
    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_PAUSE_NANOS = 30_000_000_000L;
    private static final long CALM_NANOS = 60_000_000_000L;

    private long pause;
    private long startedNanos;

    /** It has been started. */
    void started(long nowNanos) {
        startedNanos = nowNanos;
    }

    /** The pause after it has died. */
    Duration died(long nowNanos) {
        if (nowNanos - startedNanos > CALM_NANOS) {
            pause = 0;
        }
        long now = pause;
        pause = Math.clamp(2 * pause, FIRST_PAUSE_NANOS, LONGEST_PAUSE_NANOS);
        return Duration.ofNanos(now);
    }
}
