// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.Events;
import io.ptnetmap.nfv.node.History;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServerOptions;
import io.vertx.ext.bridge.BridgeOptions;
import io.vertx.ext.bridge.PermittedOptions;
import io.vertx.ext.eventbus.bridge.tcp.BridgeEvent;
import io.vertx.ext.eventbus.bridge.tcp.TcpEventBusBridge;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The API on Vert.x's event bus: events at {@value #EVENTS}, and at {@value #API} requests, {@code {method, path, query,
 * headers, body, token}}, answered by {@code {status, headers, body}}. A bridge lets programs of this machine take part in it.
 */
final class EventBusFront implements AutoCloseable {
    static final String EVENTS = "nfv.events";
    static final String API = "nfv.api";

    private static final int BATCH = 1000;

    private final Vertx vertx;
    private final Api api;
    private final Authenticator authenticator;
    private final History<Events.Published> events;
    private long place;
    private History.Subscription subscription = () -> {};

    EventBusFront(Vertx vertx, Api api, Authenticator authenticator, History<Events.Published> events) {
        this.vertx = vertx;
        this.api = api;
        this.authenticator = authenticator;
        this.events = events;
        this.place = events.last();
    }

    /** Begins. */
    void start() {
        vertx.eventBus().<JsonObject>consumer(API, this::requested);
        subscription = events.subscribe(() -> vertx.runOnContext(nothing -> publish()));
        publish();
    }

    private synchronized void publish() {
        for (Events.Published published : events.after(place, BATCH)) {
            place = published.event().id();
            vertx.eventBus().publish(EVENTS, new JsonObject(published.json()));
        }
    }

    private void requested(Message<JsonObject> message) {
        Thread.ofVirtual().name("bus-request").start(() -> {
            try {
                JsonObject answer = answer(message.body());
                vertx.runOnContext(nothing -> message.reply(answer));
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private JsonObject answer(Object body) throws InterruptedException {
        Reply reply;
        try {
            reply = api.handle(request(body));
        } catch (ClassCastException | IllegalArgumentException malformed) {
            reply = Api.problem(400, "a request is {method, path, query, headers, body, token}", Optional.empty());
        }
        if (reply instanceof Reply.Stream stream) {
            stream.flow().start(new ClosedOutlet());
            reply = Api.problem(406, "streams do not go over the bus; register at " + EVENTS, Optional.empty());
        }
        String text = new String(((Reply.Whole) reply).body(), StandardCharsets.UTF_8);
        boolean json = reply.headers().getOrDefault("content-type", "").contains("json") && text.startsWith("{");
        return new JsonObject()
                .put("status", reply.status())
                .put("headers", new JsonObject(new HashMap<>(reply.headers())))
                .put("body", json ? new JsonObject(text) : text);
    }

    private static Request request(Object message) {
        if (!(message instanceof JsonObject json)) {
            throw new IllegalArgumentException();
        }
        Map<String, String> headers = new HashMap<>();
        json.getJsonObject("headers", new JsonObject())
                .forEach(header -> headers.put(header.getKey(), String.valueOf(header.getValue())));
        Optional.ofNullable(json.getString("token"))
                .ifPresent(token -> headers.put("authorization", "Bearer " + token));
        String path = json.getString("path", "/");
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException();
        }
        Object body = json.getValue("body", "");
        return new Request(
                json.getString("method", "GET"),
                path,
                json.getString("query", ""),
                headers,
                String.valueOf(body).getBytes(StandardCharsets.UTF_8),
                Optional.empty());
    }

    /** Lets programs of this machine take part, through a TCP port; returns it once it is listened at. */
    void bridge(int port) throws InterruptedException {
        BridgeOptions permitted = new BridgeOptions()
                .addInboundPermitted(new PermittedOptions().setAddress(API))
                .addOutboundPermitted(new PermittedOptions().setAddress(EVENTS));
        NodeServer.await(TcpEventBusBridge.create(vertx, permitted, new NetServerOptions(), this::admit)
                .listen(port, "127.0.0.1"));
    }

    @Override
    public void close() {
        subscription.close();
    }

    /** Who registers shows a token among the message's headers; each request has one of its own. */
    private void admit(BridgeEvent event) {
        switch (event.type()) {
            case REGISTER -> event.complete(mayRead(event.getRawMessage()));
            case PUBLISH -> event.complete(false);
            default -> event.complete(true);
        }
    }

    private boolean mayRead(JsonObject message) {
        try {
            String token = message.getJsonObject("headers", new JsonObject()).getString("token", "");
            return authenticator.principal(token).role().includes(Role.READ);
        } catch (ApiException | ClassCastException refused) {
            return false;
        }
    }
}
