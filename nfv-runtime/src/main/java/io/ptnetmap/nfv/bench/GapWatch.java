// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.nfv.engine.BatchListener;
import io.ptnetmap.nfv.engine.Profiler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Watches for times in which a worker at full rate did not come to its next batch: whatever stopped it, Java, another process
 * or the hypervisor. Thread-safe.
 */
final class GapWatch implements Profiler {
    private static final long LONG_NANOS = 1_000_000;

    private final List<WorkerGaps> workers = new CopyOnWriteArrayList<>();

    /**
     * What was found, of all workers.
     *
     * @param overMillisecond gaps of more than a millisecond
     * @param longestNanos the longest gap
     */
    record Gaps(long overMillisecond, long longestNanos) {}

    /** Written by one worker; a reset by another thread may come a batch late. */
    private static final class WorkerGaps implements BatchListener {
        private long last;
        private long longest;
        private long count;
        private volatile boolean reset = true;
        private volatile Gaps found = new Gaps(0, 0);

        @Override
        public void begin(long nowNanos) {
            if (reset) {
                reset = false;
                last = nowNanos;
                longest = 0;
                count = 0;
            }
            long gap = nowNanos - last;
            last = nowNanos;
            if (gap > LONG_NANOS) {
                count++;
            }
            if (gap > longest || gap > LONG_NANOS) {
                longest = Math.max(longest, gap);
                found = new Gaps(count, longest);
            }
        }
    }

    @Override
    public BatchListener listener() {
        WorkerGaps gaps = new WorkerGaps();
        workers.add(gaps);
        return gaps;
    }

    /** Forgets what was found so far. */
    void reset() {
        workers.forEach(worker -> {
            worker.found = new Gaps(0, 0);
            worker.reset = true;
        });
    }

    Gaps found() {
        return new Gaps(
                workers.stream()
                        .mapToLong(worker -> worker.found.overMillisecond())
                        .sum(),
                workers.stream()
                        .mapToLong(worker -> worker.found.longestNanos())
                        .max()
                        .orElse(0));
    }
}
