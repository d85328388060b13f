// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.json.JsonMapper;

/** What any program may do on a processor, a part of its time: it reads and writes JSON, and has nothing to do with a node. */
final class OtherWork {
    private static final long SLICE_NANOS = 10_000_000;

    private OtherWork() {}

    /**
     * Does so for a while.
     *
     * @param cpu where
     * @param share of the time, 0 to 1
     * @param json what is read and written
     */
    static void run(int cpu, double share, long nanos, String json) {
        try (PinnedThread thread = new PinnedThread(cpu)) {
            thread.call(() -> work(share, nanos, json));
        }
    }

    /** Returns how many characters were written, so that the compiler keeps the work. */
    private static int work(double share, long nanos, String json) {
        int written = 0;
        long end = System.nanoTime() + nanos;
        for (long slice = System.nanoTime(); slice - end < 0; slice += SLICE_NANOS) {
            while (System.nanoTime() - slice < share * SLICE_NANOS) {
                written += JsonMapper.shared()
                        .writeValueAsString(JsonMapper.shared().readTree(json))
                        .length();
            }
            long rest = slice + SLICE_NANOS - System.nanoTime();
            if (rest > 0) {
                LockSupport.parkNanos(rest);
            }
        }
        return written;
    }
}
