// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.vertx.core.Handler;
import io.vertx.core.streams.ReadStream;

/**
 * What a node sends as it happens. A stream is paused at first and begins to flow when it gets a handler. While it is paused for
 * long, the node drops it, or what it would have shown; the node never waits.
 *
 * <p>Handlers are called one at a time on one Vert.x context: that of the verticle that has asked, or else one of an event loop,
 * and must not block. The exception handler hears why a stream has failed, before the end handler. Methods may be called from any
 * thread.
 *
 * @param <T> what the stream is of
 */
public interface NodeStream<T> extends ReadStream<T>, AutoCloseable {
    @Override
    NodeStream<T> handler(Handler<T> handler);

    @Override
    NodeStream<T> endHandler(Handler<Void> handler);

    @Override
    NodeStream<T> exceptionHandler(Handler<Throwable> handler);

    @Override
    NodeStream<T> pause();

    @Override
    NodeStream<T> resume();

    @Override
    NodeStream<T> fetch(long amount);

    /** Ends the stream; its end handler is called, nothing else comes. */
    @Override
    void close();
}
