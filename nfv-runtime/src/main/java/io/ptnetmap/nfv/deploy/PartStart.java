// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.chain.NodeConfigurationException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;

/**
 * A start of what a part runs in, until packets can flow there. The first one is waited for; one after a death goes on by itself, on a
 * thread of its own, for a machine boots for longer than whoever asks for its chain is to wait. Thread-safe.
 */
final class PartStart {
    private static final Executor THREADS =
            task -> Thread.ofPlatform().daemon().name("restart").start(task);
    private static final long LOOK_MILLIS = 5;

    private final PartRunner runner;
    private volatile Optional<Control> control = Optional.empty();
    private volatile boolean cancelled;
    private final CompletableFuture<Ready> outcome = new CompletableFuture<>();

    /**
     * A part where packets can flow.
     *
     * @param control the conversation with it
     * @param reply what it has said first
     */
    record Ready(Control control, Control.Reply reply) {}

    private PartStart(PartRunner runner) {
        this.runner = runner;
    }

    /**
     * Waits until what has been {@linkplain PartRunner#launch launched} is ready.
     *
     * @throws ChainFailedException if it has ended, or does not get ready in time
     * @throws NodeConfigurationException if it refuses the configuration of one of its functions
     */
    static Ready await(PartRunner runner) {
        return new PartStart(runner).await();
    }

    /** Ends what is left of it and starts it anew, which takes its time. Nobody else may use the runner until that {@link #isOver}. */
    static PartStart again(PartRunner runner) {
        PartStart start = new PartStart(runner);
        start.outcome.completeAsync(start::startAgain, THREADS);
        return start;
    }

    private Ready startAgain() {
        try {
            runner.relaunch();
            return await();
        } catch (RuntimeException | Error failed) {
            // It must not come up when its next one does, or when nobody reckons with it any more.
            runner.kill();
            throw failed;
        }
    }

    /** Whether there is an {@link #outcome}. */
    boolean isOver() {
        return outcome.isDone();
    }

    /** Waits until it is over. */
    void join() {
        outcome.handle((ready, failure) -> failure).join();
    }

    /**
     * What has come of it when it is over.
     *
     * @throws ChainFailedException if it has ended, or has not got ready in time
     * @throws NodeConfigurationException if it refuses the configuration of one of its functions
     */
    Ready outcome() {
        if (outcome.state() == Future.State.SUCCESS) {
            return outcome.resultNow();
        }
        Throwable failure = outcome.exceptionNow();
        throw switch (failure) {
            case ChainFailedException failed -> failed;
            case NodeConfigurationException refused -> refused;
            default -> new ChainFailedException(runner + " cannot be started: " + failure, failure);
        };
    }

    /** Gives it up, and waits until nothing is done for it any more; what it has launched may still have to be ended. */
    void cancel() {
        cancelled = true;
        control.ifPresent(Control::close);
        join();
    }

    private void disconnect() {
        control.ifPresent(Control::close);
        control = Optional.empty();
    }

    private Ready await() {
        try {
            long deadline = System.nanoTime() + runner.startLimit().toNanos();
            while (true) {
                Optional<Ready> ready = look(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
                if (ready.isPresent()) {
                    return ready.get();
                }
                requireHope(deadline);
                sleep();
            }
        } catch (RuntimeException | Error failed) {
            disconnect();
            throw failed;
        }
    }

    private Optional<Ready> look(Duration limit) {
        try {
            Control conversation = control.isPresent() ? control.get() : runner.connect();
            control = Optional.of(conversation);
            // Looked at after the conversation is known: it is closed by the one that gives the start up, or not begun.
            if (cancelled) {
                return Optional.empty();
            }
            Control.Reply reply = conversation.ask(Control.Command.STATUS, limit);
            reply.requireNoError(runner);
            return reply.ready() ? Optional.of(new Ready(conversation, reply)) : Optional.empty();
        } catch (IOException notYet) {
            disconnect();
            return Optional.empty();
        }
    }

    private void requireHope(long deadline) {
        if (cancelled) {
            throw new ChainFailedException(runner + " is not needed any more");
        }
        if (System.nanoTime() - deadline > 0) {
            throw new ChainFailedException(runner + " did not get ready in time", runner.lastWords());
        }
        if (!runner.isAlive()) {
            throw new ChainFailedException(runner + " ended while starting", runner.lastWords());
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ChainFailedException("interrupted while a process was starting");
        }
    }
}
