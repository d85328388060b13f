// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Latency;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Runs a part of a chain in this process for a supervisor elsewhere, and answers it. One thread builds, another serves.
 */
final class PartServer {
    private final String place;
    private final PartFiles files;
    private final Supplier<Engine> builder;
    private final Predicate<Node> here;
    private final Function<ChangeOrder, Chain> reader;

    private volatile Engine engine;
    private int descriptor;
    private int descriptorAfterwards;
    private Optional<ChangeShare> share = Optional.empty();
    /** By function: each is asked for in its own time. */
    private final Map<String, StatePass> passes = new HashMap<>();

    private volatile Throwable failure;
    /** Whether this run of the chain was being ended, so that no later one can go on with this process. */
    private boolean ending;

    /**
     * @param place where the part runs, for its accounts
     * @param descriptor tells chain descriptors apart
     * @param files that it has in common with the supervisor
     * @param builder makes the part's engine
     * @param here which nodes of a chain run in this part
     * @param reader gives the chain that an order is about
     */
    PartServer(
            String place,
            int descriptor,
            PartFiles files,
            Supplier<Engine> builder,
            Predicate<Node> here,
            Function<ChangeOrder, Chain> reader) {
        this.place = place;
        this.descriptor = descriptor;
        this.files = files;
        this.builder = builder;
        this.here = here;
        this.reader = reader;
    }

    /** Builds the engine and starts it, on a thread of its own: the supervisor is told meanwhile that it is not ready. */
    void start() {
        Thread.ofPlatform().daemon().name("build").start(this::build);
    }

    private void build() {
        try {
            Engine built = builder.get();
            CleanHeap.make();
            built.start();
            engine = built;
        } catch (RuntimeException | Error refused) {
            failure = refused;
        }
    }

    /**
     * Answers until the supervisor wants the part to end.
     *
     * @throws IOException if the conversation ends before that
     */
    void serve(Control control) throws IOException {
        try {
            Control.Request request;
            do {
                request = control.nextRequest();
                control.reply(answer(request));
            } while (request.command() != Control.Command.EXIT);
        } finally {
            // Nobody is there any more to look at what they see, nor to end what was begun.
            Optional.ofNullable(engine).ifPresent(Engine::closeProbes);
            share.ifPresent(ChangeShare::leaveOff);
        }
    }

    private Control.Reply answer(Control.Request request) {
        Control.Command command = request.command();
        Engine running = engine;
        if (failure != null) {
            return refusal(failure);
        }
        if (running == null) {
            return bare("", null);
        }
        ending |= command == Control.Command.STOP_SOURCES || command == Control.Command.STOP;
        try {
            switch (command) {
                case TAKE_STATE -> {
                    return bare("", "", "", null, takeState(running, request.state()), null);
                }
                case PUT_FILE, TAKE_FILE -> {
                    return bare("", "", "", null, null, exchange(command, request.piece()));
                }
                case CHANGE -> {
                    // Packets wait: it is answered at once, and without what only workers can tell between two batches.
                    return bare("", change(running, request.change()));
                }
                default -> {}
            }
            switch (command) {
                case STOP_SOURCES -> running.stopSources();
                case STOP -> running.stop();
                case EXIT -> running.close();
                default -> {}
            }
            Map<String, Map<String, Object>> reports =
                    command == Control.Command.REPORTS ? running.reports() : Map.of();
            Latency latency = command == Control.Command.LATENCY ? running.latency() : Latency.NONE;
            ProbeReply probe =
                    command == Control.Command.PROBE ? running.probe(request.probe(), place) : ProbeReply.NOTHING;
            String refusal = command == Control.Command.RESTORE ? restore(running, request.argument()) : "";
            return reply(
                    running,
                    running.hops(place),
                    running.timeUse(place),
                    running.status(),
                    reports,
                    latency,
                    probe,
                    refusal);
        } catch (RuntimeException failed) {
            return refusal(failed);
        }
    }

    /** Returns why it cannot be done; empty if it is done. */
    private static String restore(Engine running, String function) {
        try {
            return running.restore(function) ? "" : "no function '" + function + "' here";
        } catch (RuntimeException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    private ChangeState change(Engine running, ChangeOrder order) {
        if (share.isEmpty()) {
            share = Optional.of(new ChangeShare(running));
        }
        if (order.step() == ChangeOrder.Step.PREPARE) {
            return share.get().prepare(() -> reader.apply(order), order.links(), here);
        }
        ChangeState state = share.get().carryOut(order);
        if (order.step() == ChangeOrder.Step.COMMIT && state.done()) {
            descriptor = descriptorAfterwards;
        }
        return state;
    }

    private StateOrder.Progress takeState(Engine running, StateOrder order) {
        return passes.computeIfAbsent(order.function(), function -> new StatePass(running))
                .answer(order, files.path(order.file()));
    }

    private FilePiece exchange(Control.Command command, FilePiece piece) {
        try {
            if (command == Control.Command.TAKE_FILE) {
                return files.take(piece);
            }
            files.put(piece);
            return null;
        } catch (IOException failure) {
            throw new UncheckedIOException(piece.file() + ": " + FileErrors.why(failure), failure);
        }
    }

    /** Tells the chain as it will be after a change that is being prepared from others. */
    void descriptorAfterwards(int changed) {
        descriptorAfterwards = changed;
    }

    private Control.Reply reply(
            Engine running,
            List<ChainSnapshot.Hop> hops,
            TimeUse timeUse,
            Engine.Status status,
            Map<String, Map<String, Object>> reports,
            Latency latency,
            ProbeReply probe,
            String refusal) {
        return new Control.Reply(
                "",
                "",
                "",
                ProcessHandle.current().pid(),
                descriptor,
                !ending,
                status,
                hops,
                running.conservation(),
                running.books(),
                timeUse,
                reports,
                latency,
                running.health(place),
                probe,
                refusal,
                null,
                null,
                null);
    }

    private Control.Reply refusal(Throwable cause) {
        NodeConfigurationException refusal = cause instanceof NodeConfigurationException refused
                ? refused
                : new NodeConfigurationException("", "", "");
        return bare(
                cause.getMessage() == null ? cause.toString() : cause.getMessage(),
                refusal.node(),
                refusal.field(),
                null,
                null,
                null);
    }

    private Control.Reply bare(String error, ChangeState change) {
        return bare(error, "", "", change, null, null);
    }

    /** One without accounts. */
    private Control.Reply bare(
            String error, String node, String field, ChangeState change, StateOrder.Progress state, FilePiece piece) {
        return new Control.Reply(
                error,
                node,
                field,
                ProcessHandle.current().pid(),
                descriptor,
                false,
                null,
                List.of(),
                null,
                null,
                TimeUse.NONE,
                Map.of(),
                Latency.NONE,
                ChainHealth.NONE,
                ProbeReply.NOTHING,
                "",
                change,
                state,
                piece);
    }
}
