// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.linux.Mapping;
import io.ptnetmap.memory.Memory;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * How far apart two processors are: what a cache line takes from one to the other and back. A hypervisor may run two virtual
 * processors on one core, on two that share a cache, or on two that do not, and move them at any time; figures of what goes from
 * one to the other can be compared only where this one is alike.
 */
final class CacheLine {
    private static final int TURNS = 200;
    private static final int SAMPLES = 101;
    /** Lines of the two, far enough apart that no prefetcher takes them together. */
    private static final int LINE = 256;

    private CacheLine() {}

    /**
     * Median over some milliseconds, in nanoseconds; 0 where there is only one processor.
     *
     * @param cpus two processors
     */
    static double roundTripNanos(List<Integer> cpus) {
        if (cpus.getFirst().equals(cpus.getLast())) {
            return 0;
        }
        try (Mapping lines = Mapping.anonymous(2 * LINE);
                PinnedThread here = new PinnedThread(cpus.getFirst());
                PinnedThread there = new PinnedThread(cpus.getLast())) {
            long forth = lines.address();
            long back = forth + LINE;
            // As many once before, so that both loops are compiled.
            CompletableFuture<Void> echo = there.start(() -> {
                for (int turn = 1; turn <= 2 * SAMPLES * TURNS; turn++) {
                    await(forth, turn);
                    Memory.putIntRelease(back, turn);
                }
                return null;
            });
            double[] samples = here.call(() -> {
                measure(forth, back, 0);
                return measure(forth, back, SAMPLES * TURNS);
            });
            PinnedThread.result(echo);
            Arrays.sort(samples);
            return samples[SAMPLES / 2];
        }
    }

    private static double[] measure(long forth, long back, int turnsBefore) {
        double[] samples = new double[SAMPLES];
        int turn = turnsBefore;
        for (int i = 0; i < SAMPLES; i++) {
            long start = System.nanoTime();
            for (int k = 0; k < TURNS; k++) {
                turn++;
                Memory.putIntRelease(forth, turn);
                await(back, turn);
            }
            samples[i] = (double) (System.nanoTime() - start) / TURNS;
        }
        return samples;
    }

    private static void await(long word, int turn) {
        while (Memory.getIntAcquire(word) != turn) {
            Thread.onSpinWait();
        }
    }
}
