// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A program at the bridge to the event bus, by its protocol: a length and JSON. */
final class BusProgram implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    final DataInputStream in;
    final DataOutputStream out;

    /** @param port of the bridge, on this machine */
    BusProgram(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    /** JSON as it goes over the wire. */
    static byte[] frame(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    void send(String json) throws IOException {
        out.write(frame(json));
    }

    JsonNode receive() throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return JsonMapper.shared().readTree(bytes);
    }

    /** A request, in JSON, and the answer to it, if nothing else comes before that. */
    JsonNode call(String body) throws IOException {
        send("{\"type\":\"send\",\"address\":\"nfv.api\",\"replyAddress\":\"r1\",\"body\":" + body + "}");
        return receive().get("body");
    }

    void assertRefused(String word) throws IOException {
        JsonNode frame = receive();
        assertEquals("err", frame.get("type").asString(), frame::toString);
        assertEquals(word, frame.get("message").asString(), frame::toString);
        assertFalse(frame.get("detail").asString().isEmpty(), frame::toString);
    }

    void assertCut() throws IOException {
        try {
            assertEquals(-1, in.read());
        } catch (SocketException reset) {
            // Cut, too.
        }
    }

    /** What has happened before may come first. */
    void assertWorks() throws IOException {
        send("{\"type\":\"ping\"}");
        JsonNode frame = receive();
        while (frame.path("address").asString("").equals(EventBusFront.EVENTS)) {
            frame = receive();
        }
        assertEquals("pong", frame.get("type").asString(), frame::toString);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
