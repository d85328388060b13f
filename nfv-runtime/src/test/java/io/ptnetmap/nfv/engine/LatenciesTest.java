// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.telemetry.Distribution;
import io.ptnetmap.nfv.telemetry.Latency.Kind;
import io.ptnetmap.nfv.telemetry.Latency.Times;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    private static final long NOW = 1000 * Latencies.PERIOD_NANOS;

    private final Latencies latencies = new Latencies();

    private Times link(long nowNanos) {
        return latencies.times(nowNanos).get(Kind.LINK);
    }

    @Test
    void whereNothingWasTimedThereIsNothing() {
        assertEquals(Map.of(), latencies.times(NOW));
    }

    @Test
    void percentilesAreRightToOneSixteenth() {
        Random random = new Random(3);
        // From some hundred nanoseconds to some seconds, each order of magnitude alike.
        long[] times = LongStream.generate(() -> (long) Math.exp(5 + 17 * random.nextDouble()))
                .limit(20_000)
                .toArray();
        LongStream.of(times).forEach(time -> latencies.record(Kind.LINK, time, NOW));
        long[] sorted = LongStream.of(times).sorted().toArray();
        Distribution recent = link(NOW).recent();
        for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 0.999, 1}) {
            double exact = sorted[(int) Math.ceil(share * sorted.length) - 1];
            assertEquals(exact, recent.at(share), exact / 16 + 8, "at " + share);
        }
        assertEquals(LongStream.of(times).sum(), link(NOW).totalNanos());
        assertEquals(times.length, link(NOW).samples());
    }

    @Test
    void timesAreForgottenAfterTwoPeriodsAndRemainCounted() {
        latencies.record(Kind.LINK, 1000, NOW + Latencies.PERIOD_NANOS - 1);
        assertEquals(1, link(NOW + Latencies.PERIOD_NANOS - 1).recent().count());
        latencies.record(Kind.LINK, 1000, NOW + Latencies.PERIOD_NANOS);
        assertEquals(2, link(NOW + 2 * Latencies.PERIOD_NANOS - 1).recent().count());
        assertEquals(1, link(NOW + 2 * Latencies.PERIOD_NANOS).recent().count(), "the first is gone");
        assertEquals(0, link(NOW + 3 * Latencies.PERIOD_NANOS).recent().count());
        assertEquals(2, link(NOW + 3 * Latencies.PERIOD_NANOS).samples());
        latencies.record(Kind.LINK, 1000, NOW + 9 * Latencies.PERIOD_NANOS);
        assertEquals(1, link(NOW + 9 * Latencies.PERIOD_NANOS).recent().count(), "nothing of long ago");
    }

    @Test
    void timesBeyondAllBoundsCountAsTheLongestAndTheShortest() {
        latencies.record(Kind.LINK, Long.MAX_VALUE / 2, NOW);
        latencies.record(Kind.LINK, -5, NOW);
        Distribution recent = link(NOW).recent();
        assertEquals(2, recent.count());
        assertTrue(recent.at(1) >= Latencies.LONGEST_NANOS, "longest " + recent.at(1));
        assertTrue(recent.at(0.5) < 16, "shortest " + recent.at(0.5));
    }
}
