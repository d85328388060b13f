// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/**
 * Answers of a node as one stream: one after the other, where the source goes on after a connection is lost. Works on the context
 * of its first answer; its methods may be called from anywhere.
 */
final class LiveStream<T> implements NodeStream<T> {
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;

    private final Vertx vertx;
    private final Context context;
    private final Source<T> source;
    private final Deque<T> ready = new ArrayDeque<>();
    private Optional<HttpClientResponse> answer = Optional.empty();
    private Optional<Handler<T>> handler = Optional.empty();
    private Optional<Handler<Void>> endHandler = Optional.empty();
    private Optional<Handler<Throwable>> exceptionHandler = Optional.empty();
    private Optional<Throwable> untoldFailure = Optional.empty();
    private long demand = Long.MAX_VALUE;
    private boolean delivering;
    private boolean complete;
    private boolean ended;

    /** Where the answers come from. */
    interface Source<T> {
        /** Asks for the answer, for the first time or after a connection was lost. */
        Future<HttpClientResponse> open();

        /** For the bytes of one answer. */
        Decoder<T> decoder();

        /** Whether there is something to go on with after the end of an answer. */
        boolean goesOn();
    }

    private LiveStream(Vertx vertx, Source<T> source, HttpClientResponse first) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.source = source;
        receive(first);
    }

    /** Asks a source; the stream is there as soon as the first answer begins. */
    static <T> Future<NodeStream<T>> open(Vertx vertx, Source<T> source) {
        return source.open().map(first -> new LiveStream<>(vertx, source, first));
    }

    private void receive(HttpClientResponse newAnswer) {
        answer = Optional.of(newAnswer);
        Decoder<T> decoder = source.decoder();
        newAnswer.handler(bytes -> {
            try {
                decoder.decode(bytes, ready::add);
            } catch (JacksonException | NodeException | StreamEndedException why) {
                fail(why);
            }
            deliver();
        });
        newAnswer.exceptionHandler(_ -> lost(newAnswer));
        newAnswer.endHandler(_ -> lost(newAnswer));
        newAnswer.resume();
    }

    /** An answer's end, whether its own or that of the connection: both may be told. */
    private void lost(HttpClientResponse which) {
        if (!complete && answer.filter(current -> current == which).isPresent()) {
            answer = Optional.empty();
            if (source.goesOn()) {
                openAgain(FIRST_PAUSE_MILLIS);
            } else {
                complete = true;
                deliver();
            }
        }
    }

    private void openAgain(long pauseMillis) {
        vertx.setTimer(pauseMillis, _ -> {
            if (!complete) {
                source.open().onSuccess(this::receiveIfOpen).onFailure(failure -> {
                    if (failure instanceof NodeUnreachableException) {
                        openAgain(Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS));
                    } else {
                        fail(failure);
                    }
                });
            }
        });
    }

    private void receiveIfOpen(HttpClientResponse newAnswer) {
        if (complete) {
            newAnswer.request().reset();
        } else {
            receive(newAnswer);
        }
    }

    private void fail(Throwable failure) {
        if (!complete) {
            shut();
            untoldFailure = Optional.of(failure);
            deliver();
        }
    }

    private void shut() {
        complete = true;
        answer.ifPresent(current -> current.request().reset());
        answer = Optional.empty();
    }

    private void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        try {
            while (handler.isPresent() && demand > 0 && !ready.isEmpty()) {
                if (demand != Long.MAX_VALUE) {
                    demand--;
                }
                handler.get().handle(ready.poll());
            }
        } finally {
            delivering = false;
        }
        if (ready.isEmpty()) {
            answer.ifPresent(HttpClientResponse::resume);
            tellEnd();
        } else {
            answer.ifPresent(HttpClientResponse::pause);
        }
    }

    /** Once each, even if the handlers come after the end. */
    private void tellEnd() {
        if (complete && ready.isEmpty()) {
            if (untoldFailure.isPresent() && exceptionHandler.isPresent()) {
                Throwable failure = untoldFailure.get();
                untoldFailure = Optional.empty();
                exceptionHandler.get().handle(failure);
            }
            if (!ended && endHandler.isPresent()) {
                ended = true;
                endHandler.get().handle(null);
            }
        }
    }

    private LiveStream<T> onContext(Runnable work) {
        if (Vertx.currentContext() == context) {
            work.run();
        } else {
            context.runOnContext(_ -> work.run());
        }
        return this;
    }

    @Override
    public NodeStream<T> handler(Handler<T> newHandler) {
        return onContext(() -> {
            handler = Optional.ofNullable(newHandler);
            deliver();
        });
    }

    @Override
    public NodeStream<T> endHandler(Handler<Void> newHandler) {
        return onContext(() -> {
            endHandler = Optional.ofNullable(newHandler);
            tellEnd();
        });
    }

    @Override
    public NodeStream<T> exceptionHandler(Handler<Throwable> newHandler) {
        return onContext(() -> {
            exceptionHandler = Optional.ofNullable(newHandler);
            tellEnd();
        });
    }

    @Override
    public NodeStream<T> pause() {
        return onContext(() -> demand = 0);
    }

    @Override
    public NodeStream<T> resume() {
        return fetch(Long.MAX_VALUE);
    }

    @Override
    public NodeStream<T> fetch(long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException("amount: " + amount + " is less than 0");
        }
        return onContext(() -> {
            demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
            deliver();
        });
    }

    @Override
    public void close() {
        onContext(() -> {
            ready.clear();
            shut();
            deliver();
        });
    }
}
