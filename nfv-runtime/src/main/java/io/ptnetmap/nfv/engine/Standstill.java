// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Some workers that stand still between two rounds, each with no batch half done, so that another thread may do with what they
 * run as it likes; they see all of it when they go on.
 */
final class Standstill implements AutoCloseable {
    /** For a worker that is within a long batch, the others shall not wait longer. */
    private static final long MOST_NANOS = 100_000_000;

    private final CountDownLatch over = new CountDownLatch(1);
    private final CountDownLatch arrived;
    private final Thread owner = Thread.currentThread();

    private Standstill(Collection<Worker> workers) {
        arrived = new CountDownLatch(workers.size());
    }

    /** Begins one; empty where not all of the workers came to stand in time, of which none stands then. */
    static Optional<Standstill> of(Collection<Worker> workers) {
        Standstill standstill = new Standstill(workers);
        List<CompletableFuture<Void>> asked = new ArrayList<>();
        workers.forEach(worker -> asked.add(worker.ask(standstill::stand)));
        if (standstill.allArrived()) {
            return Optional.of(standstill);
        }
        standstill.close();
        return Optional.empty();
    }

    private Void stand() {
        arrived.countDown();
        // A worker that has ended asks whoever asks it to answer himself.
        if (Thread.currentThread() != owner) {
            await(over);
        }
        return null;
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

    private boolean allArrived() {
        try {
            return arrived.await(MOST_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Lets the workers go on. */
    @Override
    public void close() {
        over.countDown();
    }
}
