// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.capture.ProbeRequest;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.Latency;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
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
        /** How long did packets take? */
        LATENCY,
        /** What has a probe seen? With a {@link ProbeRequest} in JSON. */
        PROBE,
        /** End the quarantine of a function. With its name. */
        RESTORE,
        /** Do your share of a change; the order follows on the same line. */
        CHANGE,
        /** Take down what a function knows; the order follows on the same line. */
        TAKE_STATE,
        /** Write a piece of a file, which follows on the same line. */
        PUT_FILE,
        /** Say a piece of a file; which one follows on the same line. */
        TAKE_FILE,
        /** Stop, and end the process. */
        EXIT
    }

    /**
     * What a supervisor says.
     *
     * @param argument empty where the command has none
     */
    record Request(Command command, String argument) {
        /** @throws JacksonException if the argument is something else */
        ProbeRequest probe() {
            return JSON.readValue(argument, ProbeRequest.class);
        }

        /** The order of a change. */
        ChangeOrder change() {
            return JSON.readValue(argument, ChangeOrder.class);
        }

        /** The order to take a state down. */
        StateOrder state() {
            return JSON.readValue(argument, StateOrder.class);
        }

        /** The piece of a file. */
        FilePiece piece() {
            return JSON.readValue(argument, FilePiece.class);
        }
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
     * @param books the same, exact while packets flow
     * @param timeUse where their time has gone
     * @param reports of the functions, only when asked for
     * @param latency of sampled packets, only when asked for
     * @param health of the functions
     * @param probe what it has seen, only when asked for
     * @param refusal why the command was not carried out, while the part goes on; empty if it was
     * @param change how far the part has got with its share of a change; null where that is not the matter
     * @param state how far it has got with taking a state down; null where that is not the matter: where it is, nothing is said of
     *     all that has to be asked of workers
     * @param piece of a file that was asked for; null where that is not the matter
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
            Conservation books,
            TimeUse timeUse,
            Map<String, Map<String, Object>> reports,
            Latency latency,
            ChainHealth health,
            ProbeReply probe,
            String refusal,
            ChangeState change,
            StateOrder.Progress state,
            FilePiece piece) {
        /**
         * Has an error be thrown where there is one.
         *
         * @param whose reply it is, for messages
         * @throws NodeConfigurationException if the configuration of a function was refused
         * @throws ChainFailedException if the command or the part failed
         */
        void requireNoError(Object whose) {
            if (!node.isEmpty()) {
                throw new NodeConfigurationException(node, field, error);
            }
            if (!error.isEmpty()) {
                throw new ChainFailedException(whose + ": " + error);
            }
        }
    }

    private static final ScheduledExecutorService CLOCK = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("control-clock").unstarted(task));

    /** Far more than a reply about the largest chain has. */
    private static final int MAX_LINE_LENGTH = 1 << 24;

    private final InputStream in;
    private final OutputStream out;
    private final Closeable conversation;
    /** Questions so far, and those of them that need no answer any more. Written by whoever asks. */
    private volatile long asked;

    private volatile long answered;

    Control(SocketChannel channel) {
        this(Channels.newInputStream(channel), Channels.newOutputStream(channel), channel);
    }

    /** @param conversation ends it when it is closed */
    Control(InputStream in, OutputStream out, Closeable conversation) {
        this.in = new BufferedInputStream(in);
        this.out = out;
        this.conversation = conversation;
    }

    /** Has Jackson learn what a reply is like, for the first one takes it longer than the rest of a part's start. */
    static void warmUp() {
        Reply empty = new Reply(
                "",
                "",
                "",
                0,
                0,
                false,
                new Engine.Status(true, false, 0),
                List.of(),
                Conservation.NONE,
                Conservation.NONE,
                TimeUse.NONE,
                Map.of(),
                Latency.NONE,
                ChainHealth.NONE,
                ProbeReply.NOTHING,
                "",
                null,
                null,
                null);
        copy(empty, Reply.class);
    }

    /** Writes something and reads it again, as it goes from process to process. */
    static <T> T copy(T value, Class<T> type) {
        return JSON.readValue(JSON.writeValueAsString(value), type);
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
    Reply ask(Command command, Duration limit) throws IOException {
        return ask(command, "", limit);
    }

    /** Sends an order and waits for the reply. */
    Reply ask(ChangeOrder order, Duration limit) throws IOException {
        return ask(Command.CHANGE, JSON.writeValueAsString(order), limit);
    }

    /** Sends an order and waits for the reply. */
    Reply ask(StateOrder order, Duration limit) throws IOException {
        return ask(Command.TAKE_STATE, JSON.writeValueAsString(order), limit);
    }

    /** Sends the piece of a file, or the wish for one, and waits for the reply. */
    Reply ask(Command command, FilePiece piece, Duration limit) throws IOException {
        return ask(command, JSON.writeValueAsString(piece), limit);
    }

    /** The same with an argument, which is one line. */
    synchronized Reply ask(Command command, String argument, Duration limit) throws IOException {
        ScheduledFuture<?> end = CLOCK.schedule(this::close, limit.toMillis(), TimeUnit.MILLISECONDS);
        asked++;
        try {
            send(argument.isEmpty() ? command.name() : command.name() + ' ' + argument);
            return JSON.readValue(receive(), Reply.class);
        } catch (JacksonException cutShort) {
            throw new IOException("the conversation has ended in the middle of a reply", cutShort);
        } finally {
            end.cancel(false);
            answered = asked;
        }
    }

    /** Whatever is being asked at this moment, by another thread, has to be answered within this limit. */
    void hurry(Duration limit) {
        long pending = asked;
        if (answered < pending) {
            CLOCK.schedule(() -> endUnlessAnswered(pending), limit.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void endUnlessAnswered(long question) {
        if (answered < question) {
            close();
        }
    }

    /** What the supervisor asks for next; fails at the end of the conversation. */
    Request nextRequest() throws IOException {
        String line = receive();
        int space = line.indexOf(' ');
        try {
            return space < 0
                    ? new Request(Command.valueOf(line), "")
                    : new Request(Command.valueOf(line.substring(0, space)), line.substring(space + 1));
        } catch (IllegalArgumentException cutShort) {
            throw new IOException("not a command: " + line, cutShort);
        }
    }

    /** A request as the argument of {@link Command#PROBE}. */
    static String argument(ProbeRequest request) {
        return JSON.writeValueAsString(request);
    }

    void reply(Reply reply) throws IOException {
        send(JSON.writeValueAsString(reply));
    }

    private void send(String line) throws IOException {
        out.write((line + '\n').getBytes(StandardCharsets.UTF_8));
    }

    private String receive() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the conversation has ended");
            }
            if (line.size() == MAX_LINE_LENGTH) {
                throw new IOException("not a reply: a line without end");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        try {
            conversation.close();
        } catch (IOException ignored) {
            // Nothing depends on it any more.
        }
    }
}
