// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.Events;
import io.ptnetmap.nfv.node.History;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The API on Vert.x's event bus: events at {@value #EVENTS}, and at {@value #API} requests, {@code {method, path, query,
 * headers, body, token}}, answered by {@code {status, headers, body}}. An {@link EventBusBridge} lets programs of this machine
 * take part in it.
 */
final class EventBusFront implements AutoCloseable {
    static final String EVENTS = "nfv.events";
    static final String API = "nfv.api";

    private static final int BATCH = 1000;

    private final Vertx vertx;
    private final Api api;
    private final Authenticator authenticator;
    private final Admissions admissions;
    private final History<Events.Published> events;
    private long place;
    private History.Subscription subscription = () -> {};

    EventBusFront(
            Vertx vertx,
            Api api,
            Authenticator authenticator,
            Admissions admissions,
            History<Events.Published> events) {
        this.vertx = vertx;
        this.api = api;
        this.authenticator = authenticator;
        this.admissions = admissions;
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
        } catch (IllegalArgumentException malformed) {
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

    /** @throws IllegalArgumentException if it is none */
    private static Request request(Object message) {
        if (!(message instanceof JsonObject json)) {
            throw new IllegalArgumentException();
        }
        Map<String, String> headers = new HashMap<>();
        if (json.getValue("headers") instanceof JsonObject given) {
            given.forEach(header -> headers.put(header.getKey(), String.valueOf(header.getValue())));
        }
        if (json.containsKey("token")) {
            headers.put("authorization", "Bearer " + text(json, "token", ""));
        }
        return new Request(
                text(json, "method", "GET"),
                text(json, "path", "/"),
                text(json, "query", ""),
                headers,
                String.valueOf(json.getValue("body", "")).getBytes(StandardCharsets.UTF_8),
                Optional.empty());
    }

    private static String text(JsonObject json, String key, String otherwise) {
        Object value = json.getValue(key, otherwise);
        if (value instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException(key + " is no text");
    }

    /** Lets programs of this machine take part, through a TCP port; returns it once it is listened at. */
    int bridge(int port) throws InterruptedException {
        return new EventBusBridge(vertx, authenticator, admissions).listen(port);
    }

    @Override
    public void close() {
        subscription.close();
    }
}
