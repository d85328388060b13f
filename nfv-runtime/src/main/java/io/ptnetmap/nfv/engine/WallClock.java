// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** The time of day to the nanosecond, steady from when it was made on. */
final class WallClock {
    private final long offset;

    WallClock() {
        Instant now = Instant.now();
        offset = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - System.nanoTime();
    }

    /** Nanoseconds since the epoch at a {@link System#nanoTime}. */
    long epochNanos(long nanoTime) {
        return offset + nanoTime;
    }
}
