// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.telemetry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.ptnetmap.nfv.telemetry.Latency.Kind;
import io.ptnetmap.nfv.telemetry.Latency.Times;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DistributionTest {
    private static Distribution of(long... times) {
        Map<Long, Long> counts = new TreeMap<>();
        LongStream.of(times).forEach(time -> counts.merge(time, 1L, Long::sum));
        return new Distribution(
                counts.keySet().stream().mapToLong(Long::longValue).toArray(),
                counts.values().stream().mapToLong(Long::longValue).toArray());
    }

    @Test
    void noTimesHaveNoPercentiles() {
        assertEquals(0, Distribution.NONE.count());
        assertEquals(0, Distribution.NONE.at(0.5));
        assertEquals(0, Distribution.NONE.at(1));
    }

    @Test
    void percentilesAreThoseOfTheSortedTimes() {
        Random random = new Random(1);
        long[] times =
                LongStream.generate(() -> random.nextInt(500)).limit(1234).toArray();
        long[] sorted = LongStream.of(times).sorted().toArray();
        Distribution distribution = of(times);
        for (double share : new double[] {0.001, 0.5, 0.9, 0.99, 0.999, 1}) {
            assertEquals(sorted[(int) Math.ceil(share * sorted.length) - 1], distribution.at(share), "at " + share);
        }
        assertEquals(sorted[0], distribution.at(0));
    }

    @Test
    void theSumOfTwoIsTheDistributionOfAllTimes() {
        Random random = new Random(2);
        for (int size : new int[] {0, 1, 7, 300}) {
            long[] some =
                    LongStream.generate(() -> random.nextInt(50)).limit(size).toArray();
            long[] others = LongStream.generate(() -> 25 + random.nextInt(50))
                    .limit(100)
                    .toArray();
            Distribution all = of(LongStream.concat(LongStream.of(some), LongStream.of(others))
                    .toArray());
            for (Distribution sum :
                    new Distribution[] {of(some).plus(of(others)), of(others).plus(of(some))}) {
                assertArrayEquals(all.nanos(), sum.nanos());
                assertArrayEquals(all.counts(), sum.counts());
            }
        }
    }

    @Test
    void whatProcessesHaveSeenIsPutTogetherTimeByTime() {
        // The mean of the two medians is 500,050; of 101 times the median is one of the 100 short ones.
        Latency busy = at("f", new Times(100, 10_000, new Distribution(new long[] {100}, new long[] {100})));
        Latency idle = at("f", new Times(1, 1_000_000, of(1_000_000)));
        Times sum = busy.plus(idle).at("f", Kind.LINK).orElseThrow();
        assertEquals(101, sum.samples());
        assertEquals(1_010_000, sum.totalNanos());
        assertEquals(100, sum.recent().at(0.5));
        assertEquals(1_000_000, sum.recent().at(1));
        assertEquals(Optional.empty(), busy.plus(idle).at("f", Kind.CHAIN));
        assertEquals(Optional.empty(), busy.plus(idle).at("g", Kind.LINK));
    }

    @Test
    void functionsThatHaveEndedHaveCountsButNoRecentTimes() {
        Times ended =
                at("f", new Times(3, 6, of(1, 2, 3))).ended().at("f", Kind.LINK).orElseThrow();
        assertEquals(3, ended.samples());
        assertEquals(6, ended.totalNanos());
        assertEquals(0, ended.recent().count());
    }

    @Test
    void everyClassHasACount() {
        assertThrows(IllegalArgumentException.class, () -> new Distribution(new long[1], new long[2]));
    }

    private static Latency at(String function, Times times) {
        return new Latency(Map.of(function, Map.of(Kind.LINK, times)));
    }
}
