// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.model.ProblemDetails;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets programs of this machine take part in the event bus, by the protocol of Vert.x's TCP bridge: frames of a length (four
 * bytes, big endian) and a JSON object. They may send to {@link EventBusFront#API} and listen at {@link EventBusFront#EVENTS}.
 *
 * <p>Whatever a program does, it costs a bounded time and amount of memory: there is a most of programs, and for each of them a
 * longest frame, a time for a frame to come in, a most of requests under way, behind which nothing more is read, and of
 * answers and events that it has not taken, beyond which it is cut off. What is refused is answered by a frame of type {@code
 * err}, whose {@code detail} says what to do instead.
 */
final class EventBusBridge {
    /** Longest frame: a request with the longest body, with room for what JSON makes of it. */
    static final int MOST_FRAME = 2 * Api.MOST_BODY;

    static final int MOST_PROGRAMS = 100;
    static final int MOST_UNDER_WAY = 16;
    /** Bytes for a program that it has not taken. */
    static final int MOST_UNREAD = 4 << 20;
    /** From a frame's first byte to its last. */
    static final long FRAME_MILLIS = 10_000;
    /** Without a frame, of a program that neither listens nor waits for an answer. */
    static final long IDLE_MILLIS = 60_000;

    private static final Logger LOG = LoggerFactory.getLogger(EventBusBridge.class);
    private static final int LENGTH_BYTES = 4;
    private static final long DISCARD_MILLIS = 500;
    /** Somewhat longer than a request may wait for what it has started. */
    private static final long ANSWER_MILLIS = 70_000;

    private final Vertx vertx;
    private final Authenticator authenticator;
    private final Admissions admissions;
    private final Set<Program> programs = ConcurrentHashMap.newKeySet();
    private final NetServer server;

    EventBusBridge(Vertx vertx, Authenticator authenticator, Admissions admissions) {
        this.vertx = vertx;
        this.authenticator = authenticator;
        this.admissions = admissions;
        NetServerOptions options = new NetServerOptions().setTcpKeepAlive(true).setTcpNoDelay(true);
        server = vertx.createNetServer(options).connectHandler(this::connected);
    }

    /** Listens at a port of the loopback address; returns it once it is listened at. */
    int listen(int port) throws InterruptedException {
        return NodeServer.await(server.listen(port, "127.0.0.1")).actualPort();
    }

    private void connected(NetSocket socket) {
        Program program = new Program(socket);
        if (programs.size() >= MOST_PROGRAMS) {
            program.error("busy", MOST_PROGRAMS + " programs are here already; try again later");
            socket.close();
            return;
        }
        programs.add(program);
        program.begin();
    }

    /** A program at the other end of a socket. All of it happens on the socket's event loop. */
    private final class Program {
        private final NetSocket socket;
        private final Context context = vertx.getOrCreateContext();
        private Buffer input = Buffer.buffer();
        private int underWay;
        private boolean taking;
        private Optional<MessageConsumer<JsonObject>> listener = Optional.empty();
        private Optional<Admissions.Admission> admission = Optional.empty();
        private Optional<Long> deadline = Optional.empty();
        private boolean closed;

        Program(NetSocket socket) {
            this.socket = socket;
        }

        void begin() {
            socket.setWriteQueueMaxSize(MOST_UNREAD);
            socket.closeHandler(gone -> end());
            socket.exceptionHandler(gone -> socket.close());
            socket.handler(this::received);
            expect();
        }

        private void end() {
            closed = true;
            programs.remove(this);
            expect();
            unregister();
        }

        private void unregister() {
            listener.ifPresent(MessageConsumer::unregister);
            listener = Optional.empty();
            admission.ifPresent(Admissions.Admission::leave);
            admission = Optional.empty();
        }

        // --- Frames ------------------------------------------------------------------------------------------

        private void received(Buffer chunk) {
            if (closed) {
                return;
            }
            boolean begins = input.length() == 0;
            input.appendBuffer(chunk);
            if (take() || begins) {
                expect();
            }
        }

        /** Takes up frames that have come whole; returns whether there were any. */
        private boolean take() {
            int at = 0;
            taking = true;
            while (!closed && underWay < MOST_UNDER_WAY && input.length() - at >= LENGTH_BYTES) {
                int length = input.getInt(at);
                if (length < 0 || length > MOST_FRAME) {
                    taking = false;
                    cut("frame_too_long", "a frame may have " + MOST_FRAME + " bytes at most");
                    return false;
                }
                int end = at + LENGTH_BYTES + length;
                if (end > input.length()) {
                    break;
                }
                Buffer frame = input.getBuffer(at + LENGTH_BYTES, end);
                at = end;
                take(frame);
            }
            taking = false;
            input = at == 0 ? input : input.getBuffer(at, input.length());
            if (underWay >= MOST_UNDER_WAY) {
                socket.pause();
            } else {
                socket.resume();
            }
            return at > 0;
        }

        /** By when the program must go on. */
        private void expect() {
            deadline.ifPresent(vertx::cancelTimer);
            deadline = Optional.empty();
            if (closed) {
                return;
            }
            if (input.length() > 0 && underWay < MOST_UNDER_WAY) {
                deadline = Optional.of(vertx.setTimer(
                        FRAME_MILLIS,
                        late -> cut("too_slow", "a frame must come within " + FRAME_MILLIS / 1000 + " seconds")));
            } else if (listener.isEmpty() && underWay == 0) {
                deadline = Optional.of(vertx.setTimer(
                        IDLE_MILLIS, late -> cut("idle", "connect again when there is something to ask")));
            }
        }

        private void take(Buffer frame) {
            JsonObject message;
            try {
                message = new JsonObject(frame);
            } catch (RuntimeException rubbish) {
                // Vert.x has several, not for all kinds of it a DecodeException.
                LOG.debug("a frame is no JSON object", rubbish);
                error("invalid_json", "a frame is a length and a JSON object");
                return;
            }
            String type = text(message, "type").orElse("");
            String address = text(message, "address").orElse("");
            switch (type) {
                case "ping" -> send(new JsonObject().put("type", "pong"));
                case "send" -> {
                    if (address.equals(EventBusFront.API)) {
                        ask(message);
                    } else {
                        deny(address, "send to " + EventBusFront.API);
                    }
                }
                case "publish" -> deny(address, "nobody publishes here but the node");
                case "register", "unregister" -> {
                    if (!address.equals(EventBusFront.EVENTS)) {
                        deny(address, "register at " + EventBusFront.EVENTS);
                    } else if (type.equals("register")) {
                        register(message);
                    } else {
                        unregister();
                    }
                }
                default -> error("unknown_type", "a frame's type is send, register, unregister or ping");
            }
        }

        private void deny(String address, String instead) {
            if (address.isEmpty()) {
                error("missing_address", "say at which address: " + instead);
            } else {
                error("access_denied", instead);
            }
        }

        private static Optional<String> text(JsonObject message, String key) {
            return message.getValue(key) instanceof String text ? Optional.of(text) : Optional.empty();
        }

        // --- What a program may do -----------------------------------------------------------------------------

        private void ask(JsonObject message) {
            underWay++;
            // What is no object is answered as a malformed request.
            JsonObject body = message.getValue("body") instanceof JsonObject json ? json : null;
            DeliveryOptions options = new DeliveryOptions().setSendTimeout(ANSWER_MILLIS);
            vertx.eventBus()
                    .<JsonObject>request(EventBusFront.API, body, options)
                    .onComplete(result -> {
                        text(message, "replyAddress").ifPresent(address -> answer(address, result));
                        finished();
                    });
        }

        private void answer(String address, AsyncResult<Message<JsonObject>> result) {
            if (result.succeeded()) {
                send(new JsonObject()
                        .put("type", "message")
                        .put("address", address)
                        .put("headers", new JsonObject())
                        .put("body", result.result().body()));
            } else {
                ReplyException failure = result.cause() instanceof ReplyException reply
                        ? reply
                        : new ReplyException(ReplyFailure.ERROR, "internal error");
                send(new JsonObject()
                        .put("type", "err")
                        .put("address", address)
                        .put("failureCode", failure.failureCode())
                        .put("failureType", failure.failureType().name())
                        .put("message", failure.getMessage()));
            }
        }

        /** One thing less is under way: there is room for what was not taken up before. */
        private void finished() {
            underWay--;
            if (!taking) {
                take();
                expect();
            }
        }

        /** Who registers shows a token among the message's headers. To look for it may take a moment, so another thread does. */
        private void register(JsonObject message) {
            underWay++;
            String token = message.getValue("headers") instanceof JsonObject headers
                    ? text(headers, "token").orElse("")
                    : "";
            Thread.ofVirtual().name("bus-token").start(() -> {
                boolean admitted = mayRead(token);
                context.runOnContext(nothing -> {
                    if (!admitted) {
                        error("access_denied", "send a token that is valid, as headers.token");
                    } else if (!closed) {
                        // Who registers again goes on with the later token.
                        admission.ifPresent(Admissions.Admission::leave);
                        admission = Optional.of(
                                admissions.admit(token, Role.READ, why -> context.runOnContext(again -> refuse(why))));
                        if (listener.isEmpty()) {
                            listener = Optional.of(vertx.eventBus().consumer(EventBusFront.EVENTS, this::happened));
                        }
                    }
                    finished();
                });
            });
        }

        private boolean mayRead(String token) {
            try {
                authenticator.require(token, Role.READ);
                return true;
            } catch (RuntimeException refused) {
                LOG.debug("a program may not listen", refused);
                return false;
            }
        }

        /** It may listen no more, but ask and register again. */
        private void refuse(ProblemDetails why) {
            if (listener.isPresent()) {
                unregister();
                error(
                        "access_denied",
                        why.detail().orElse(why.title()) + "; register again with a token that is valid");
                expect();
            }
        }

        private void happened(Message<JsonObject> event) {
            send(new JsonObject()
                    .put("type", "message")
                    .put("address", EventBusFront.EVENTS)
                    .put("headers", new JsonObject())
                    .put("body", event.body()));
        }

        // --- Answers -----------------------------------------------------------------------------------------

        private void error(String word, String detail) {
            send(new JsonObject().put("type", "err").put("message", word).put("detail", detail));
        }

        private void send(JsonObject frame) {
            if (closed) {
                return;
            }
            if (socket.writeQueueFull()) {
                LOG.warn("a program at the event bus is cut off: it has not read {} bytes", MOST_UNREAD);
                closed = true;
                Channels.cut(socket);
                return;
            }
            Buffer bytes = frame.toBuffer();
            socket.write(Buffer.buffer(LENGTH_BYTES + bytes.length())
                    .appendInt(bytes.length())
                    .appendBuffer(bytes));
        }

        /** Says why, and throws away for a moment what still comes: a program that still sends would not see it otherwise. */
        private void cut(String word, String detail) {
            error(word, detail);
            closed = true;
            expect();
            input = Buffer.buffer();
            socket.handler(discarded -> {}).resume();
            vertx.setTimer(DISCARD_MILLIS, late -> Channels.cut(socket));
        }
    }
}
