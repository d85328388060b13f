// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/**
 * Some workers that stand still between two rounds, each with no batch half done, while something is done with what they run; they
 * see all of it when they go on. The last of them to come does it: whoever wants it may have to wait for a processor, and how long
 * packets wait must not depend on that.
 */
final class Standstill<T> {
    /** For a worker that is within a long batch, the others shall not wait longer. */
    private static final long MOST_NANOS = 100_000_000;

    private final LongFunction<T> deed;
    private final Thread owner = Thread.currentThread();
    private final AtomicInteger missing;
    private final AtomicBoolean decided = new AtomicBoolean();
    private final CountDownLatch over = new CountDownLatch(1);
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private volatile long since;

    private Standstill(int workers, LongFunction<T> deed) {
        this.missing = new AtomicInteger(workers);
        this.deed = deed;
    }

    /**
     * Has something done while workers stand still.
     *
     * @param deed gets the {@link System#nanoTime} since which the first of them has stood
     * @return what it returns; empty where not all of the workers came to stand in time: then it is not done
     * @throws RuntimeException what it throws
     */
    static <T> Optional<T> of(Collection<Worker> workers, LongFunction<T> deed) {
        if (workers.isEmpty()) {
            return Optional.of(deed.apply(System.nanoTime()));
        }
        Standstill<T> standstill = new Standstill<>(workers.size(), deed);
        workers.forEach(worker -> worker.ask(standstill::stand));
        return standstill.isInTime() ? Optional.of(standstill.done()) : Optional.empty();
    }

    private Void stand() {
        synchronized (this) {
            since = since == 0 ? System.nanoTime() : since;
        }
        if (missing.decrementAndGet() == 0 && decided.compareAndSet(false, true)) {
            act();
        } else if (Thread.currentThread() != owner) {
            // A worker that has ended asks whoever asks it to answer himself.
            await(over);
        }
        return null;
    }

    private void act() {
        try {
            result.complete(deed.apply(since));
        } catch (RuntimeException | Error failure) {
            result.completeExceptionally(failure);
        } finally {
            over.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it is done, or under way; if not, it never will be. */
    private boolean isInTime() {
        try {
            result.get(MOST_NANOS, TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException failed) {
            return true;
        } catch (TimeoutException late) {
            return isUnderWay();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return isUnderWay();
        }
    }

    private boolean isUnderWay() {
        if (decided.compareAndSet(false, true)) {
            over.countDown();
            return false;
        }
        return true;
    }

    private T done() {
        try {
            return result.join();
        } catch (CompletionException failure) {
            switch (failure.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw failure;
            }
        }
    }
}
