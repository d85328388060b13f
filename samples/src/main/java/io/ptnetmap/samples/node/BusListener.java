// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples.node;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import io.vertx.core.parsetools.RecordParser;
import java.util.function.Consumer;

/**
 * Takes part in the event bus of a node that was started with {@code --bus PORT}: asks it for its chains, and gets its events. The
 * bridge's frames are JSON behind its length in four bytes; programs in other languages do the same.
 */
public final class BusListener {
    private static final int LENGTH_BYTES = 4;

    private final String token;
    private final Consumer<JsonObject> messages;
    private boolean lengthRead;

    /**
     * @param token what the node knows its user by
     * @param messages gets what the bus brings: answers at {@code chains}, events at {@code nfv.events}
     */
    public BusListener(String token, Consumer<JsonObject> messages) {
        this.token = token;
        this.messages = messages;
    }

    /** Connects to the bridge at a port of this machine and asks. */
    public Future<NetSocket> connect(Vertx vertx, int port) {
        return vertx.createNetClient().connect(port, "127.0.0.1").onSuccess(this::begin);
    }

    private void begin(NetSocket socket) {
        RecordParser parser = RecordParser.newFixed(LENGTH_BYTES);
        parser.handler(bytes -> {
            if (lengthRead) {
                messages.accept(new JsonObject(bytes));
            }
            parser.fixedSizeMode(lengthRead ? LENGTH_BYTES : bytes.getInt(0));
            lengthRead = !lengthRead;
        });
        socket.handler(parser);
        send(
                socket,
                new JsonObject()
                        .put("type", "register")
                        .put("address", "nfv.events")
                        .put("headers", new JsonObject().put("token", token)));
        send(
                socket,
                new JsonObject()
                        .put("type", "send")
                        .put("address", "nfv.api")
                        .put("replyAddress", "chains")
                        .put(
                                "body",
                                new JsonObject()
                                        .put("method", "GET")
                                        .put("path", "/v1/chains")
                                        .put("token", token)));
    }

    private static void send(NetSocket socket, JsonObject frame) {
        Buffer text = frame.toBuffer();
        socket.write(Buffer.buffer().appendInt(text.length()).appendBuffer(text));
    }
}
