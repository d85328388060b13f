// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Runs a part of a chain in this process for a supervisor elsewhere, and answers it. One thread builds, another serves.
 */
final class PartServer {
    private final String place;
    private final int descriptor;
    private final Supplier<Engine> builder;

    private volatile Engine engine;
    private volatile Throwable failure;
    /** Whether this run of the chain was being ended, so that no later one can go on with this process. */
    private boolean ending;

    /**
     * @param place where the part runs, for its accounts
     * @param descriptor tells chain descriptors apart
     * @param builder makes the part's engine
     */
    PartServer(String place, int descriptor, Supplier<Engine> builder) {
        this.place = place;
        this.descriptor = descriptor;
        this.builder = builder;
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
        Control.Command command;
        do {
            command = control.nextCommand();
            control.reply(answer(command));
        } while (command != Control.Command.EXIT);
    }

    private Control.Reply answer(Control.Command command) {
        Engine running = engine;
        if (failure != null) {
            return refusal(failure);
        }
        if (running == null) {
            return reply(null, List.of(), TimeUse.NONE, null, Map.of());
        }
        ending |= command == Control.Command.STOP_SOURCES || command == Control.Command.STOP;
        try {
            switch (command) {
                case STOP_SOURCES -> running.stopSources();
                case STOP -> running.stop();
                case EXIT -> running.close();
                default -> {}
            }
            Map<String, Map<String, Object>> reports =
                    command == Control.Command.REPORTS ? running.reports() : Map.of();
            return reply(running, running.hops(place), running.timeUse(place), running.status(), reports);
        } catch (RuntimeException failed) {
            return refusal(failed);
        }
    }

    private Control.Reply reply(
            Engine running,
            List<ChainSnapshot.Hop> hops,
            TimeUse timeUse,
            Engine.Status status,
            Map<String, Map<String, Object>> reports) {
        return new Control.Reply(
                "",
                "",
                "",
                ProcessHandle.current().pid(),
                descriptor,
                running != null && !ending,
                status,
                hops,
                running == null ? null : running.conservation(),
                running == null ? null : running.books(),
                timeUse,
                reports);
    }

    private Control.Reply refusal(Throwable cause) {
        NodeConfigurationException refusal = cause instanceof NodeConfigurationException refused
                ? refused
                : new NodeConfigurationException("", "", "");
        return new Control.Reply(
                cause.getMessage() == null ? cause.toString() : cause.getMessage(),
                refusal.node(),
                refusal.field(),
                ProcessHandle.current().pid(),
                descriptor,
                false,
                null,
                List.of(),
                null,
                null,
                TimeUse.NONE,
                Map.of());
    }
}
