// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.nfv.client.ServerSentEvents.Message;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerSentEventsTest {
    private static final String TEXT = """
            \ufeff: a comment
            retry: 250

            event: first
            id: 1
            data: {"a": "\u00e4\u20ac\ud83d\ude00"}

            data
            data:  two
            id:2

            id: bad\0id
            event: without-data

            unknown: field
            data:x
            retry: soon

            data: never ended
            """;
    private static final List<Message> MESSAGES = List.of(
            new Message("first", "{\"a\": \"\u00e4\u20ac\ud83d\ude00\"}"),
            new Message("message", "\n two"),
            new Message("message", "x"));

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n"})
    void messagesAreTheSameHoweverTheirBytesCome(String lineEnd) {
        byte[] bytes = TEXT.replace("\n", lineEnd).getBytes(StandardCharsets.UTF_8);
        for (int piece = 1; piece <= bytes.length; piece++) {
            ServerSentEvents events = new ServerSentEvents();
            List<Message> messages = new ArrayList<>();
            for (int at = 0; at < bytes.length; at += piece) {
                events.decode(Buffer.buffer(bytes).slice(at, Math.min(bytes.length, at + piece)), messages::add);
            }
            assertEquals(MESSAGES, messages, "in pieces of " + piece);
            assertEquals(Optional.of("2"), events.lastId());
        }
    }
}
