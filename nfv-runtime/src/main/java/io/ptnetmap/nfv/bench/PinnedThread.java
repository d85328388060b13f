// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.linux.Linux;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** A thread that stays on one processor, for what is measured in this process. */
final class PinnedThread implements AutoCloseable {
    private final ExecutorService executor;

    PinnedThread(int cpu) {
        executor = Executors.newSingleThreadExecutor(
                task -> Thread.ofPlatform().name("bench-" + cpu).daemon().unstarted(() -> {
                    Linux.pinThread(cpu);
                    task.run();
                }));
    }

    /** Has the thread do something. */
    <T> CompletableFuture<T> start(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, executor);
    }

    /** Has the thread do something and waits for it; fails as the work does. */
    <T> T call(Supplier<T> work) {
        return result(start(work));
    }

    /** Waits for what was {@linkplain #start started}; fails as the work does. */
    static <T> T result(CompletableFuture<T> work) {
        try {
            return work.join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof RuntimeException cause ? cause : failure;
        }
    }

    /** Ends the thread after what it does. */
    @Override
    public void close() {
        executor.close();
    }
}
