// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.History;
import io.ptnetmap.nfv.node.model.Json;
import io.ptnetmap.nfv.node.model.ProblemDetails;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * A series as server-sent events. The reader's place in the series is all that is kept of it; one that falls so far behind that
 * what comes next is no longer there, or takes nothing for {@value #PATIENCE_MILLIS} ms, is cut off.
 */
final class EventStream<T> implements Reply.Flow {
    static final long COMMENT_MILLIS = 15_000;
    static final long PATIENCE_MILLIS = 30_000;

    /** Name of the message that says why a stream ends before its end. */
    private static final String REFUSED = "refused";

    private static final int BATCH = 100;
    private static final byte[] COMMENT = ": \n\n".getBytes(StandardCharsets.US_ASCII);

    private final History<T> history;
    private final ToLongFunction<T> number;
    private final Function<T, Optional<String>> message;
    private final boolean follow;
    private final Readers readers;
    private Optional<String> greeting = Optional.empty();
    private long place;
    private long lastRoom = System.nanoTime();

    /** How many readers of streams there are, and may be. Thread-safe. */
    static final class Readers {
        private final int most;
        private final AtomicInteger present = new AtomicInteger();

        Readers(int most) {
            this.most = most;
        }

        /** @throws ApiException if there are too many */
        void enter() {
            if (present.incrementAndGet() > most) {
                present.decrementAndGet();
                throw new ApiException(
                        503, most + " readers of streams are here already", List.of(), Map.of("retry-after", "10"));
            }
        }

        void leave() {
            present.decrementAndGet();
        }

        int present() {
            return present.get();
        }
    }

    /**
     * @param place number of the last item that the reader knows
     * @param message of an item, ready to be sent; nothing for items that are not for this reader
     * @param follow whether to go on at the series' present end
     */
    EventStream(
            History<T> history,
            long place,
            ToLongFunction<T> number,
            Function<T, Optional<String>> message,
            boolean follow,
            Readers readers) {
        this.history = history;
        this.place = place;
        this.number = number;
        this.message = message;
        this.follow = follow;
        this.readers = readers;
    }

    /** A message of that name and content. */
    static String message(Optional<Long> id, String name, String json) {
        return id.map(number -> "id: " + number + "\n").orElse("") + "event: " + name + "\ndata: " + json + "\n\n";
    }

    /** As the last message, says why nothing more is for this reader. */
    static void end(Reply.Outlet out, ProblemDetails why) {
        if (out.isFull()) {
            out.cut();
        } else {
            out.write(message(Optional.empty(), REFUSED, Json.text(why)).getBytes(StandardCharsets.UTF_8));
            out.end();
        }
    }

    /**
     * The answer.
     *
     * @param first what comes before the series, ready to be sent
     */
    Reply reply(Optional<String> first) {
        readers.enter();
        greeting = first;
        return new Reply.Stream(
                200,
                Map.of("content-type", "text/event-stream", "cache-control", "no-store", "x-accel-buffering", "no"),
                this);
    }

    @Override
    public void refuse(Reply.Outlet out, ProblemDetails why) {
        end(out, why);
    }

    @Override
    public void start(Reply.Outlet out) {
        greeting.ifPresent(text -> out.write(text.getBytes(StandardCharsets.UTF_8)));
        AtomicBoolean called = new AtomicBoolean();
        History.Subscription subscription = follow
                ? history.subscribe(() -> {
                    if (called.compareAndSet(false, true)) {
                        out.later(() -> {
                            called.set(false);
                            send(out);
                        });
                    }
                })
                : () -> {};
        out.onClose(() -> {
            subscription.close();
            readers.leave();
        });
        out.onRoom(() -> send(out));
        out.every(COMMENT_MILLIS, () -> {
            if (!out.isFull()) {
                out.write(COMMENT);
            } else if (System.nanoTime() - lastRoom > PATIENCE_MILLIS * 1_000_000) {
                out.cut();
            }
        });
        // So that the head of the answer goes at once.
        out.write(COMMENT);
        send(out);
    }

    private void send(Reply.Outlet out) {
        while (!out.isFull()) {
            lastRoom = System.nanoTime();
            if (place + 1 < history.first()) {
                out.cut();
                return;
            }
            List<T> items = history.after(place, BATCH);
            if (items.isEmpty()) {
                if (!follow) {
                    out.end();
                }
                return;
            }
            StringBuilder text = new StringBuilder();
            for (T item : items) {
                message.apply(item).ifPresent(text::append);
                place = number.applyAsLong(item);
            }
            if (!text.isEmpty()) {
                out.write(text.toString().getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
