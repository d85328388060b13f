// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.NodeLog;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.eventbus.bridge.tcp.impl.protocol.FrameHelper;
import io.vertx.ext.eventbus.bridge.tcp.impl.protocol.FrameParser;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Programs at the event bus that mean it no good. */
class EventBusAbuseTest {
    private static final int MOST_TAKEN = 64 << 20;

    @TempDir
    static Path directory;

    private static Node node;
    private static NodeLog log;
    private static NodeServer server;
    private static String token;
    private static int port;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        log = NodeLog.follow();
        Path state = directory.resolve("state");
        node = Node.open(NodeFixture.settings(state), new Launcher());
        TokenFile tokens = new TokenFile(state);
        token = tokens.add("admin", Role.ADMIN, Optional.empty());
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        server = NodeServer.start(
                node,
                tokens,
                log,
                ServerSettings.of(
                        new InetSocketAddress("127.0.0.1", 0),
                        Optional.empty(),
                        Optional.empty(),
                        OptionalInt.of(port)));
    }

    @AfterAll
    static void stop() {
        server.close();
        node.close();
        log.close();
    }

    private static String request(String path) {
        return "{\"type\":\"send\",\"address\":\"nfv.api\",\"replyAddress\":\"r\",\"body\":{\"path\":\"" + path
                + "\",\"token\":\"" + token + "\"}}";
    }

    // --- Frames --------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, -1, Integer.MIN_VALUE, EventBusBridge.MOST_FRAME + 1, 0x504f5354})
    void aFrameThatIsTooLongIsRefusedByItsLength(int length) throws IOException {
        try (BusProgram program = new BusProgram(port)) {
            program.out.writeInt(length);
            program.out.write("x".repeat(10_000).getBytes());
            program.assertRefused("frame_too_long");
            program.assertCut();
        }
    }

    @Test
    void theLongestFrameIsTaken() throws IOException {
        try (BusProgram program = new BusProgram(port)) {
            String around = "{\"type\":\"ping\",\"x\":\"\"}";
            program.send(around.replace("\"\"", "\"" + "y".repeat(EventBusBridge.MOST_FRAME - around.length()) + "\""));
            assertEquals("pong", program.receive().get("type").asString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "7", "\"x\"", "{\"type\":\"ping\"} x", "{\"a\":\u0000}", "nonsense"})
    void whatIsNoJsonObjectIsSaidToBeNone(String frame) throws IOException {
        try (BusProgram program = new BusProgram(port)) {
            program.send(frame);
            JsonNode answer = program.receive();
            assertTrue(
                    List.of("invalid_json", "unknown_type")
                            .contains(answer.get("message").asString("")),
                    answer::toString);
            program.assertWorks();
        }
    }

    @Test
    void deepFramesAreRefusedAndHarmNothing() throws IOException {
        try (BusProgram program = new BusProgram(port)) {
            program.send("{\"type\":".repeat(100_000));
            program.assertRefused("invalid_json");
            program.send("{\"type\":\"ping\",\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
            program.assertRefused("invalid_json");
            program.assertWorks();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\":7}|unknown_type",
                "{\"type\":\"message\",\"address\":\"nfv.api\"}|unknown_type",
                "{\"type\":\"send\"}|missing_address",
                "{\"type\":\"send\",\"address\":{}}|missing_address",
                "{\"type\":\"send\",\"address\":\"elsewhere\",\"body\":{}}|access_denied",
                "{\"type\":\"send\",\"address\":\"__vertx.reply.1\",\"body\":{}}|access_denied",
                "{\"type\":\"send\",\"address\":\"nfv.events\",\"body\":{}}|access_denied",
                "{\"type\":\"publish\",\"address\":\"nfv.api\",\"body\":{}}|access_denied",
                "{\"type\":\"publish\",\"address\":\"nfv.events\",\"body\":{}}|access_denied",
                "{\"type\":\"register\",\"address\":\"nfv.api\"}|access_denied",
                "{\"type\":\"register\",\"address\":\"nfv.events\"}|access_denied",
                "{\"type\":\"register\",\"address\":\"nfv.events\",\"headers\":7}|access_denied",
                "{\"type\":\"register\",\"address\":\"nfv.events\",\"headers\":{\"token\":{}}}|access_denied",
                "{\"type\":\"register\",\"address\":\"nfv.events\",\"headers\":{\"token\":\"wrong\"}}|access_denied",
                "{\"type\":\"unregister\",\"address\":\"elsewhere\"}|access_denied"
            })
    void whatNobodyMayDoIsRefused(String frame, String word) throws IOException {
        try (BusProgram program = new BusProgram(port)) {
            program.send(frame);
            program.assertRefused(word);
            program.assertWorks();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "null|400",
                "7|400",
                "99999999999999999999999999|400",
                "[]|400",
                "{\"path\":7}|400",
                "{\"path\":null}|400",
                "{\"path\":\"v1/node\"}|400",
                "{\"path\":\"/v1/node\\nfake\"}|400",
                "{\"method\":\"GET\\n\",\"path\":\"/v1/node\"}|400",
                "{\"path\":\"/v1/node\",\"token\":null}|400",
                "{\"path\":\"/v1/node\",\"token\":\"wrong\"}|401",
                "{\"path\":\"/v1/node\",\"headers\":7}|401",
                "{\"path\":\"/v1/nothing\",\"token\":\"TOKEN\"}|404",
                "{\"path\":\"/v1/events\",\"token\":\"TOKEN\"}|406",
                "{\"path\":\"/v1/node\",\"token\":\"TOKEN\",\"headers\":{\"accept\":{}}}|200"
            })
    void requestsOfRubbishAreAnswered(String body, int status) throws IOException {
        try (BusProgram program = new BusProgram(port)) {
            program.send("{\"type\":\"send\",\"address\":\"nfv.api\",\"replyAddress\":\"r\",\"body\":"
                    + body.replace("TOKEN", token) + "}");
            JsonNode answer = program.receive();
            assertEquals(status, answer.at("/body/status").asInt(), answer::toString);
            program.assertWorks();
        }
    }

    @Test
    void addressesAndBodiesHaveTheirLimitsHereToo() throws IOException {
        try (BusProgram program = new BusProgram(port)) {
            program.send(request("/" + "a".repeat(1_000_000)));
            assertEquals(414, program.receive().at("/body/status").asInt());
            program.send(
                    "{\"type\":\"send\",\"address\":\"nfv.api\",\"replyAddress\":\"r\",\"body\":{\"method\":\"PUT\","
                            + "\"path\":\"/v1/chains/x\",\"token\":\"" + token + "\",\"body\":\""
                            + "#".repeat((1 << 20) + 1) + "\"}}");
            assertEquals(413, program.receive().at("/body/status").asInt());
        }
    }

    // --- Pace ----------------------------------------------------------------------------------------------

    @Test
    void whoSendsAByteNowAndThenIsNotWaitedFor() throws IOException, InterruptedException {
        try (BusProgram program = new BusProgram(port)) {
            long began = System.nanoTime();
            program.out.writeInt(1000);
            boolean open = true;
            while (open && System.nanoTime() - began < 20_000_000_000L) {
                Thread.sleep(250);
                open = program.in.available() == 0;
                program.out.write(' ');
            }
            assertFalse(open, "still waited for after 20 s");
            program.assertRefused("too_slow");
            program.assertCut();
        }
    }

    @Test
    void whoAsksAndDoesNotReadIsHeldUpOrCutOff() throws IOException, InterruptedException {
        try (BusProgram program = new BusProgram(port)) {
            byte[] frame = BusProgram.frame(request("/openapi.yaml"));
            AtomicLong sent = new AtomicLong();
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    for (; sent.get() < MOST_TAKEN; sent.addAndGet(frame.length)) {
                        program.out.write(frame);
                    }
                } catch (IOException cutOff) {
                    // Which is the point.
                }
            });
            sender.join(15_000);
            assertFalse(sender.isAlive(), "still connected, after " + sent.get() + " bytes");
            assertTrue(sent.get() < MOST_TAKEN, "all was taken");
        }
        try (BusProgram other = new BusProgram(port)) {
            other.assertWorks();
        }
    }

    @Test
    void manyAreServedAndTooManyAreToldSo() throws IOException, InterruptedException {
        List<BusProgram> programs = new ArrayList<>();
        try {
            for (int i = 0; i < EventBusBridge.MOST_PROGRAMS; i++) {
                programs.add(new BusProgram(port));
                programs.getLast().assertWorks();
            }
            try (BusProgram oneMore = new BusProgram(port)) {
                oneMore.assertRefused("busy");
                oneMore.assertCut();
            }
            for (BusProgram program : programs) {
                for (int i = 0; i < 3 * EventBusBridge.MOST_UNDER_WAY; i++) {
                    program.send(request("/v1/node"));
                }
            }
            for (BusProgram program : programs) {
                for (int i = 0; i < 3 * EventBusBridge.MOST_UNDER_WAY; i++) {
                    assertEquals(200, program.receive().at("/body/status").asInt());
                }
            }
        } finally {
            for (BusProgram program : programs) {
                program.close();
            }
        }
        for (int i = 0; i < 100; i++) {
            try (BusProgram program = new BusProgram(port)) {
                program.assertWorks();
                return;
            } catch (AssertionError | EOFException notYetGone) {
                Thread.sleep(20);
            }
        }
        throw new AssertionError("those who have gone still count");
    }

    @Test
    void whoRegistersTwiceHearsOnceAndWhoUnregistersNothing() throws IOException {
        String register =
                "{\"type\":\"register\",\"address\":\"nfv.events\",\"headers\":{\"token\":\"" + token + "\"}}";
        String apply = """
                {"type": "send", "address": "nfv.api", "replyAddress": "r", "body": {"method": "PUT", "path": "/v1/chains/NAME",
                 "query": "start=false", "token": "TOKEN", "headers": {"Content-Type": "application/yaml", "Prefer": "wait=5"},
                 "body": "chain: NAME\\nfunctions: [{type: trickle}, {type: hole}]\\n"}}
                """.replace("TOKEN", token);
        try (BusProgram program = new BusProgram(port)) {
            for (int i = 0; i < 5; i++) {
                program.send(register);
            }
            program.send(apply.replace("NAME", "once"));
            int heard = 0;
            for (JsonNode frame = program.receive();
                    !frame.get("address").asString().equals("r");
                    frame = program.receive()) {
                heard += frame.at("/body/type").asString().equals("chain-accepted") ? 1 : 0;
            }
            assertEquals(1, heard);
            program.send("{\"type\":\"unregister\",\"address\":\"nfv.events\"}");
            program.assertWorks();
            program.send(apply.replace("NAME", "twice"));
            assertEquals("r", program.receive().get("address").asString());
        }
    }

    // --- Vert.x's own words --------------------------------------------------------------------------------

    @Test
    void vertxUnderstandsAndIsUnderstood() throws InterruptedException {
        Vertx vertx = Vertx.vertx();
        try {
            BlockingQueue<JsonObject> frames = new LinkedBlockingQueue<>();
            NetSocket socket = NodeServer.await(vertx.createNetClient().connect(port, "127.0.0.1"));
            socket.handler(new FrameParser(frame -> frames.add(frame.result())));
            FrameHelper.sendFrame("ping", socket);
            assertEquals("pong", frames.take().getString("type"));
            JsonObject request = new JsonObject().put("path", "/v1/node").put("token", token);
            FrameHelper.sendFrame("send", EventBusFront.API, "reply-1", request, socket);
            JsonObject answer = frames.take();
            assertEquals("message", answer.getString("type"));
            assertEquals("reply-1", answer.getString("address"));
            assertEquals(200, answer.getJsonObject("body").getInteger("status"));
            FrameHelper.sendFrame("register", EventBusFront.EVENTS, null, socket);
            assertEquals("err", frames.take().getString("type"));
        } finally {
            NodeServer.await(vertx.close());
        }
    }
}
