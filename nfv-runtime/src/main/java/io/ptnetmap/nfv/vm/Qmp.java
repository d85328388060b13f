// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The conversation with QEMU, by its machine protocol (QEMU's manual, "QEMU Machine Protocol Specification"): lines of JSON, one
 * reply to each command, and events in between. Thread-safe.
 */
final class Qmp implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Qmp.class);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final SocketChannel channel;
    private final Writer out;
    /** Replies of QEMU that nobody has read yet: the greeting first. An empty one stands for the end. */
    private final BlockingQueue<Optional<JsonNode>> replies = new ArrayBlockingQueue<>(16);

    private boolean negotiated;
    private volatile Optional<String> lastEvent = Optional.empty();

    /** @param channel connected to QEMU's monitor; closed with this */
    Qmp(SocketChannel channel) {
        this.channel = channel;
        this.out = Channels.newWriter(channel, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        Thread.ofPlatform().daemon().name("qmp").start(() -> read(in));
    }

    private void read(BufferedReader in) {
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonNode message = JSON.readTree(line);
                if (message.has("event")) {
                    lastEvent = Optional.of(describe(message));
                    LOG.info("QEMU: {}", lastEvent.get());
                } else if (!replies.offer(Optional.of(message))) {
                    throw new IOException("replies that nobody has asked for");
                }
            }
        } catch (IOException | JacksonException ended) {
            LOG.debug("QEMU's monitor", ended);
        } finally {
            replies.offer(Optional.empty());
        }
    }

    private static String describe(JsonNode event) {
        JsonNode data = event.path("data");
        return event.path("event").asString("?") + (data.isEmpty() ? "" : " " + data);
    }

    /** The latest event that QEMU has told of, such as {@code SHUTDOWN {"guest":true,...}}. */
    Optional<String> lastEvent() {
        return lastEvent;
    }

    /**
     * Has a command executed.
     *
     * @return what it returns
     * @throws IOException if QEMU refuses it, does not answer in time, or is gone
     */
    synchronized JsonNode execute(String command, Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        if (!negotiated) {
            if (!reply("its greeting", deadline).has("QMP")) {
                throw new IOException("what answers at QEMU's monitor is not QEMU");
            }
            negotiated = true;
            ask("qmp_capabilities", deadline);
        }
        return ask(command, deadline);
    }

    private JsonNode ask(String command, long deadline) throws IOException {
        out.write(JSON.writeValueAsString(Map.of("execute", command)) + "\n");
        out.flush();
        JsonNode reply = reply(command, deadline);
        if (reply.has("error")) {
            throw new IOException("QEMU refuses " + command + ": "
                    + reply.path("error").path("desc").asString("no reason given"));
        }
        return reply.path("return");
    }

    private JsonNode reply(String what, long deadline) throws IOException {
        try {
            Optional<JsonNode> reply = replies.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (reply == null) {
                throw new IOException("QEMU does not answer: " + what);
            }
            if (reply.isEmpty()) {
                replies.offer(reply);
                throw new IOException("QEMU has ended the conversation: " + what);
            }
            return reply.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted: " + what, interrupted);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException ignored) {
            // Nothing depends on it any more.
        }
    }
}
