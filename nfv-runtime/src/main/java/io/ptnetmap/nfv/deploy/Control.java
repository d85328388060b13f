// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The conversation between a chain's supervisor and the processes of its parts: lines of JSON, one reply to each command, over a
 * Unix socket or the virtio port of a virtual machine.
 */
final class Control implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** What a supervisor can ask for. */
    enum Command {
        /** Who are you? */
        HELLO,
        STATUS,
        STOP_SOURCES,
        STOP,
        REPORTS,
        /** Stop, and end the process. */
        EXIT
    }

    /**
     * A reply: everything a supervisor wants to know, whatever the command was.
     *
     * @param error empty, or why the command or the whole part failed
     * @param node whose configuration was refused, empty where that is not the matter
     * @param field which field of it
     * @param pid of the process
     * @param descriptor tells chain descriptors apart
     * @param ready whether packets can flow
     * @param status null before the part is ready
     * @param hops accounts of the functions
     * @param conservation their sum
     * @param reports of the functions, only when asked for
     */
    record Reply(
            String error,
            String node,
            String field,
            long pid,
            int descriptor,
            boolean ready,
            Engine.Status status,
            List<ChainSnapshot.Hop> hops,
            Conservation conservation,
            Map<String, Map<String, Object>> reports) {}

    private static final ScheduledExecutorService CLOCK = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("control-clock").unstarted(task));

    private final ByteChannel channel;
    private final BufferedReader in;
    private final Writer out;

    Control(ByteChannel channel) {
        this.channel = channel;
        this.in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        this.out = Channels.newWriter(channel, StandardCharsets.UTF_8);
    }

    /** Connects to a part's process; fails where none serves the socket. */
    static Control connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new Control(channel);
        } catch (IOException refused) {
            channel.close();
            throw refused;
        }
    }

    /**
     * Sends a command and waits for the reply.
     *
     * @param limit after which the conversation is ended
     */
    synchronized Reply ask(Command command, Duration limit) throws IOException {
        ScheduledFuture<?> end = CLOCK.schedule(this::close, limit.toMillis(), TimeUnit.MILLISECONDS);
        try {
            send(command.name());
            return JSON.readValue(receive(), Reply.class);
        } catch (JacksonException cutShort) {
            throw new IOException("the conversation has ended in the middle of a reply", cutShort);
        } finally {
            end.cancel(false);
        }
    }

    /** The next command of the supervisor; fails at the end of the conversation. */
    Command nextCommand() throws IOException {
        String line = receive();
        try {
            return Command.valueOf(line);
        } catch (IllegalArgumentException cutShort) {
            throw new IOException("not a command: " + line, cutShort);
        }
    }

    void reply(Reply reply) throws IOException {
        send(JSON.writeValueAsString(reply));
    }

    private void send(String line) throws IOException {
        out.write(line);
        out.write('\n');
        out.flush();
    }

    private String receive() throws IOException {
        String line = in.readLine();
        if (line == null) {
            throw new IOException("the conversation has ended");
        }
        return line;
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
