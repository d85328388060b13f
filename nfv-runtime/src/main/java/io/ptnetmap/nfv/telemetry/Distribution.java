// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.telemetry;

import java.util.Arrays;

/**
 * How often which times have occurred. Percentiles of several such, of several processes for example, are those of their {@linkplain
 * #plus sum}, never a mean of theirs.
 *
 * @param nanos the longest time of each class of times, ascending
 * @param counts how many times of each class there were
 */
public record Distribution(long[] nanos, long[] counts) {
    /** Of no times. */
    public static final Distribution NONE = new Distribution(new long[0], new long[0]);

    public Distribution {
        if (nanos.length != counts.length) {
            throw new IllegalArgumentException(nanos.length + " classes of times, " + counts.length + " counts");
        }
    }

    /** How many times there are. */
    public long count() {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    /**
     * The time that this share of all times is not above, as precise as the classes are.
     *
     * @param share 0 to 1; 1 asks for the longest time
     * @return nanoseconds, 0 where there are none
     */
    public long at(double share) {
        long wanted = Math.max(1, (long) Math.ceil(share * count()));
        long passed = 0;
        for (int i = 0; i < counts.length; i++) {
            passed += counts[i];
            if (passed >= wanted) {
                return nanos[i];
            }
        }
        return 0;
    }

    /** Both together. */
    public Distribution plus(Distribution other) {
        if (other.counts.length == 0) {
            return this;
        }
        if (counts.length == 0) {
            return other;
        }
        int most = counts.length + other.counts.length;
        long[] allNanos = new long[most];
        long[] allCounts = new long[most];
        int size = 0;
        int here = 0;
        int there = 0;
        while (here < counts.length || there < other.counts.length) {
            boolean first = there == other.counts.length || here < counts.length && nanos[here] <= other.nanos[there];
            boolean second = here == counts.length || there < other.counts.length && other.nanos[there] <= nanos[here];
            allNanos[size] = first ? nanos[here] : other.nanos[there];
            allCounts[size++] = (first ? counts[here++] : 0) + (second ? other.counts[there++] : 0);
        }
        return new Distribution(Arrays.copyOf(allNanos, size), Arrays.copyOf(allCounts, size));
    }
}
