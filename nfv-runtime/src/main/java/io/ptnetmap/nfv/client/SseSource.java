// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.ptnetmap.nfv.node.model.ProblemDetails;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Server-sent events; a new connection goes on after the last one that came by the old one. */
final class SseSource<T> implements LiveStream.Source<T> {
    /** Three times as long as it takes until the node sends at least a comment. */
    private static final Duration SILENCE = Duration.ofSeconds(45);

    /** Name of the message by which a node says that it shows no more, as after the token was removed. */
    private static final String REFUSED = "refused";

    private final Connection connection;
    private final Request request;
    private final Function<byte[], T> parser;
    private final boolean goesOn;
    private Optional<String> lastId;

    /**
     * @param lastId of the event to go on after
     * @param goesOn whether it has no end of its own
     */
    SseSource(
            Connection connection,
            Request request,
            Function<byte[], T> parser,
            Optional<String> lastId,
            boolean goesOn) {
        this.connection = connection;
        this.request = request.accept("text/event-stream");
        this.parser = parser;
        this.lastId = lastId;
        this.goesOn = goesOn;
    }

    @Override
    public Future<HttpClientResponse> open() {
        return connection.open(request.header("Last-Event-ID", lastId), SILENCE);
    }

    @Override
    public boolean goesOn() {
        return goesOn;
    }

    @Override
    public Decoder<T> decoder() {
        ServerSentEvents events = new ServerSentEvents();
        return (Buffer bytes, Consumer<T> values) -> {
            events.decode(bytes, message -> {
                byte[] json = message.data().getBytes(StandardCharsets.UTF_8);
                if (message.type().equals(REFUSED)) {
                    throw new NodeException(Documents.read(json, ProblemDetails.class));
                }
                values.accept(parser.apply(json));
            });
            lastId = events.lastId().or(() -> lastId);
        };
    }
}
