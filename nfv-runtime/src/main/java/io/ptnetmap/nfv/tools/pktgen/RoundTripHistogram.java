// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;

/** Round trip times by powers of two, in nanoseconds. Added to by one thread, read by another. */
final class RoundTripHistogram {
    private final AtomicLongArray buckets = new AtomicLongArray(Long.SIZE + 1);
    private volatile long sum;
    private volatile long least = Long.MAX_VALUE;

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer; the reader's reset may cost it one value
    void add(long nanos) {
        buckets.incrementAndGet(Long.SIZE - Long.numberOfLeadingZeros(nanos));
        sum += nanos;
        if (nanos < least) {
            least = nanos;
        }
    }

    /** What has come since the last call: count, least and mean, then how many were below each power of two. */
    String takeLine(String prefix) {
        StringBuilder counts = new StringBuilder();
        long count = 0;
        for (int i = 0; i < buckets.length(); i++) {
            long here = buckets.getAndSet(i, 0);
            count += here;
            if (here != 0) {
                counts.append(String.format(Locale.ROOT, " <%d:%d", 1L << i, here));
            }
        }
        long nanos = sum;
        sum = 0;
        long shortest = least;
        least = Long.MAX_VALUE;
        return count == 0
                ? prefix + "count 0"
                : prefix + "count " + count + " RTT: min " + shortest + " av " + nanos / count + " ns" + counts;
    }
}
