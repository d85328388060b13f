// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;

/** An HTTP response as a way to a reader. */
final class ResponseOutlet implements Reply.Outlet {
    private final Vertx vertx;
    private final Context context;
    private final HttpServerResponse response;
    private final HttpConnection connection;
    private final Runnable ending;
    private final List<Long> timers = new ArrayList<>();
    private final List<Runnable> listeners = new ArrayList<>();
    private boolean closed;

    /**
     * To be made on the request's context.
     *
     * @param ending what is done before the response comes to its own end
     */
    ResponseOutlet(Vertx vertx, HttpServerRequest request, Runnable ending) {
        this.vertx = vertx;
        this.ending = ending;
        context = vertx.getOrCreateContext();
        response = request.response();
        connection = request.connection();
        closed = response.closed();
        response.closeHandler(gone -> close());
        response.exceptionHandler(gone -> close());
    }

    private void close() {
        if (!closed) {
            closed = true;
            timers.forEach(vertx::cancelTimer);
            listeners.forEach(Runnable::run);
        }
    }

    @Override
    public boolean isFull() {
        return closed || response.writeQueueFull();
    }

    @Override
    public void write(byte[] bytes) {
        if (!closed) {
            response.write(Buffer.buffer(bytes));
        }
    }

    @Override
    public void end() {
        if (!closed) {
            ending.run();
            response.end();
            close();
        }
    }

    @Override
    public void cut() {
        Channels.cut(connection);
        close();
    }

    @Override
    public void onRoom(Runnable listener) {
        if (!closed) {
            response.drainHandler(room -> listener.run());
        }
    }

    @Override
    public void onClose(Runnable listener) {
        if (closed) {
            listener.run();
        } else {
            listeners.add(listener);
        }
    }

    @Override
    public void later(Runnable task) {
        context.runOnContext(nothing -> task.run());
    }

    @Override
    public void every(long millis, Runnable task) {
        if (!closed) {
            timers.add(vertx.setPeriodic(millis, again -> task.run()));
        }
    }
}
