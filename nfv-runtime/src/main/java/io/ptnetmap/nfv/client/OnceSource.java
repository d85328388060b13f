// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.function.Supplier;

/** One answer that may take any time; when its connection is lost, it is over. */
record OnceSource<T>(Connection connection, Request request, Supplier<Decoder<T>> decoders)
        implements LiveStream.Source<T> {
    @Override
    public Future<HttpClientResponse> open() {
        return connection.open(request, Duration.ZERO);
    }

    @Override
    public Decoder<T> decoder() {
        return decoders.get();
    }

    @Override
    public boolean goesOn() {
        return false;
    }
}
