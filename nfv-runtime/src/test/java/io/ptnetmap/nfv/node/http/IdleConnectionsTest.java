// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.node.http.NodeFixture.Answer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that are kept after an answer, of whatever kind it was: who asks nothing more is waited for no longer than others. */
class IdleConnectionsTest {
    private static final int MOST = 2;
    private static final int HEAD_MILLIS = 60_000;

    @TempDir
    static Path directory;

    private static NodeFixture node;
    private static NodeServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        node = new NodeFixture(directory.resolve("state"));
        assertEquals(200, node.put("edge", NodeFixture.chain("edge", "one")).status());
        server = NodeServer.start(
                node.node,
                new TokenFile(node.state),
                node.log,
                new ServerSettings(
                        List.of(new InetSocketAddress("127.0.0.1", 0)),
                        Optional.empty(),
                        Optional.empty(),
                        OptionalInt.empty(),
                        Set.of(),
                        MOST,
                        MOST));
    }

    @AfterAll
    static void stop() {
        server.close();
        node.close();
    }

    /** A connection over which something was asked, and answered to its end. */
    private static RawClient after(String asked) throws IOException {
        RawClient client = new RawClient(server.port());
        Answer answer = client.ask(
                asked + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + node.tokens.get(Role.OPERATE)
                        + "\r\n\r\n",
                asked.startsWith("HEAD "));
        assertEquals(200, answer.status(), answer.body());
        if (client.isOver()) {
            assertFalse(client.rest().isEmpty());
        }
        return client;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/node",
                "GET /v1/events?follow=false",
                "HEAD /v1/events",
                "GET /v1/chains/edge/links/trickle..label/packets?count=1",
                "GET /v1/chains/edge/trace?count=1"
            })
    void whoseAnswerIsOverMakesRoomForOthers(String asked) throws IOException {
        try (RawClient idle = after(asked);
                RawClient later = after("GET /health/live");
                RawClient further = after("GET /health/live")) {
            assertTrue(idle.isCut(), "it keeps its place");
            assertFalse(later.patience(200).isCut());
            assertFalse(further.patience(200).isCut());
        }
    }

    @Test
    void whoseStreamIsOverMayAskOn() throws IOException {
        try (RawClient client = after("GET /v1/events?follow=false")) {
            assertEquals(
                    200,
                    client.ask("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", false)
                            .status());
        }
    }

    @Test
    @Tag("soak")
    void whoAsksNothingMoreAfterAStreamIsCutOff() throws IOException {
        try (RawClient client = after("GET /v1/events?follow=false").patience(HEAD_MILLIS + 10_000)) {
            assertTrue(client.isCut(), "it may stay for ever");
        }
    }
}
