// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.linux.Linux;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Answers about all chains at once, which take hundreds of times as long as others: on threads that stand back behind those of
 * single requests, so that nobody waits for somebody else's scrape or dashboard.
 */
final class BulkWork {
    /** A third of what others get where there are not enough processors: behind requests, and not starved by compilers. */
    private static final int NICE = 5;

    private static final int IDLE_SECONDS = 10;
    private static final Executor THREADS = threads();

    private BulkWork() {}

    private static Executor threads() {
        // Shared memory bandwidth is the data path's, too: not all processors.
        int most = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                most, most, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), BulkWork::thread);
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    private static Thread thread(Runnable work) {
        return Thread.ofPlatform().name("bulk").daemon().unstarted(() -> {
            Linux.yieldToOthers(NICE);
            work.run();
        });
    }

    /** Waits for an answer; what its maker throws is thrown here. */
    static <T> T answer(Supplier<T> maker) {
        try {
            return CompletableFuture.supplyAsync(maker, THREADS).join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw failure;
        }
    }
}
