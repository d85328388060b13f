// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.api.StateScan;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Takes down what one function knows, once, while its worker goes on. For one thread, which is not that worker's. */
final class StateTaker {
    /** A worker that is asked for a step pauses this many times as long before the next one. */
    private static final int REST = 9;
    /** A worker that says nothing for so long is in a function that does not return. */
    private static final long ANSWER_MILLIS = 10_000;

    private final Instance instance;
    private final Worker worker;
    private final BooleanSupplier unchanged;

    /** What a worker has done in a step. */
    private record Step(boolean more, long nanos) {}

    /**
     * @param worker that runs the instance
     * @param unchanged whether it still does; asked by the worker
     */
    StateTaker(Instance instance, Worker worker, BooleanSupplier unchanged) {
        this.instance = instance;
        this.worker = worker;
        this.unchanged = unchanged;
    }

    /** As {@link Engine#takeState}. */
    Optional<StateTaken> take(OutputStream out, Duration patience) throws IOException, InterruptedException {
        long hurry = System.nanoTime() + patience.toNanos();
        Optional<Instance.Scan> begun = ask(instance::scan).flatMap(found -> found);
        if (begun.isEmpty()) {
            return Optional.empty();
        }
        StateScan scan = begun.get().scan();
        StateForm.Writer writer = new StateForm.Writer(
                out, instance.type(), begun.get().version(), begun.get().millis());
        boolean more = true;
        while (more) {
            Optional<Step> step = ask(() -> step(scan));
            if (step.isEmpty()) {
                return Optional.empty();
            }
            scan.write(writer.content());
            more = step.get().more();
            if (more) {
                rest(Math.min(REST * step.get().nanos(), hurry - System.nanoTime()));
            }
        }
        return Optional.of(new StateTaken(Instant.ofEpochMilli(begun.get().millis()), scan.entries(), writer.finish()));
    }

    private Step step(StateScan scan) {
        long began = System.nanoTime();
        try {
            boolean more = scan.take();
            return new Step(more, System.nanoTime() - began);
        } catch (Error failure) {
            // It is for whoever has asked, not for the worker.
            throw new FunctionFailedException(instance.name(), failure);
        }
    }

    private static void rest(long nanos) throws InterruptedException {
        if (nanos > 0) {
            LockSupport.parkNanos(nanos);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    /** Has the worker do something; nothing where it is no longer its business. */
    private <T> Optional<T> ask(Supplier<T> question) throws InterruptedException {
        CompletableFuture<Optional<T>> answer =
                worker.ask(() -> isAtWork() ? Optional.of(question.get()) : Optional.empty());
        try {
            return answer.get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException deaf) {
            return Optional.empty();
        } catch (ExecutionException failure) {
            Throwable cause = failure.getCause();
            throw cause instanceof FunctionFailedException named
                    ? named
                    : new FunctionFailedException(instance.name(), cause);
        }
    }

    /** After the worker's end its functions have been stopped, perhaps in the middle of a batch. */
    private boolean isAtWork() {
        return worker.isRunning()
                && unchanged.getAsBoolean()
                && !instance.failures().isQuarantined();
    }
}
