// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.model.ProblemDetails;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** The same question again and again, answered by server-sent events; an answer that there is no room for is left out. */
final class StatisticsStream implements Reply.Flow {
    private final Supplier<String> answer;
    private final long interval;
    private final EventStream.Readers readers;
    private long lastRoom = System.nanoTime();

    /**
     * @param answer messages ready to be sent; may block
     * @param interval milliseconds
     */
    StatisticsStream(Supplier<String> answer, long interval, EventStream.Readers readers) {
        this.answer = answer;
        this.interval = interval;
        this.readers = readers;
    }

    Reply reply() {
        readers.enter();
        return new Reply.Stream(
                200,
                Map.of("content-type", "text/event-stream", "cache-control", "no-store", "x-accel-buffering", "no"),
                this);
    }

    @Override
    public void refuse(Reply.Outlet out, ProblemDetails why) {
        EventStream.end(out, why);
    }

    @Override
    public void start(Reply.Outlet out) {
        AtomicBoolean asking = new AtomicBoolean();
        out.onClose(readers::leave);
        Runnable ask = () -> {
            if (out.isFull()) {
                if (System.nanoTime() - lastRoom > EventStream.PATIENCE_MILLIS * 1_000_000) {
                    out.cut();
                }
            } else if (asking.compareAndSet(false, true)) {
                lastRoom = System.nanoTime();
                Thread.ofVirtual().name("statistics").start(() -> {
                    try {
                        byte[] text = answer.get().getBytes(StandardCharsets.UTF_8);
                        out.later(() -> out.write(text.length == 0 ? new byte[] {':', '\n', '\n'} : text));
                    } finally {
                        asking.set(false);
                    }
                });
            }
        };
        ask.run();
        out.every(interval, ask);
    }
}
