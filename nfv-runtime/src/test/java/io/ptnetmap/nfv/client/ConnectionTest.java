// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectionTest {
    private static final long HELD_UP_MILLIS = 300;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        get(vertx.close());
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** The same, where the thread that says what is to follow is held up each time after it has said it. */
    @SuppressWarnings("unchecked")
    private static <T> Future<T> heldUp(Future<T> future) {
        return (Future<T>) Proxy.newProxyInstance(
                Future.class.getClassLoader(), new Class<?>[] {Future.class}, (_, method, arguments) -> {
                    try {
                        Object result = method.invoke(future, arguments);
                        TimeUnit.MILLISECONDS.sleep(HELD_UP_MILLIS);
                        return result instanceof Future<?> next ? heldUp(next) : result;
                    } catch (InvocationTargetException failure) {
                        throw failure.getCause();
                    }
                });
    }

    @Test
    void anAnswerWaitsForItsReaderHoweverShortItIsAndHoweverLateTheReader() throws Exception {
        int port = get(vertx.createHttpServer()
                        .requestHandler(request -> request.response().end("short"))
                        .listen(0, "127.0.0.1"))
                .actualPort();
        HttpClient http = vertx.createHttpClient();
        Future<HttpClientRequest> request = http.request(HttpMethod.GET, port, "127.0.0.1", "/");
        HttpClientResponse answer = get(Connection.paused(heldUp(request)));
        TimeUnit.MILLISECONDS.sleep(HELD_UP_MILLIS);
        Buffer whole = Buffer.buffer();
        Future<Void> ended = Future.future(end -> {
            answer.handler(whole::appendBuffer);
            answer.endHandler(_ -> end.complete());
        });
        answer.resume();
        get(ended);
        assertEquals("short", whole.toString());
    }
}
