// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestartPaceTest {
    @Test
    void pausesDoubleUpToHalfAMinuteAndBeginAnewAfterACalmOne() {
        RestartPace pace = new RestartPace();
        long now = 1_000_000_000_000L;
        List<Long> millis = new ArrayList<>();
        pace.started(now);
        for (int i = 0; i < 12; i++) {
            Duration pause = pace.died(now);
            millis.add(pause.toMillis());
            now += pause.toNanos();
            pace.started(now);
            now += Duration.ofSeconds(1).toNanos();
        }
        assertEquals(List.of(0L, 100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 12800L, 25600L, 30000L, 30000L), millis);
        assertEquals(Duration.ZERO, pace.died(now + Duration.ofSeconds(61).toNanos()));
    }
}
