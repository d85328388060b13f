// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a chain in a process of its own, or in a virtual machine. If that dies it is started again; what it had counted
 * up to the last look stays in the accounts, what it held is lost and shows as unaccounted.
 */
final class RemotePart implements ChainPart {
    private static final Logger LOG = LoggerFactory.getLogger(RemotePart.class);
    private static final int MOST_RESTARTS = 10;
    private static final long RESTART_WINDOW_NANOS = 60_000_000_000L;
    private static final Duration EXIT_LIMIT = Duration.ofSeconds(3);

    private final PartRunner runner;
    private final String place;
    private Control control;
    private Control.Reply last;
    private Totals gone = new Totals(List.of(), new Conservation(0, 0, 0, 0, 0, 0), 0);
    private int restarts;
    private long windowStart = System.nanoTime();
    private boolean sourcesStopped;
    private boolean stopped;
    private boolean closed;
    /** Why the part is given up. Its accounts remain as they were at the last look. */
    private Optional<ChainFailedException> failure = Optional.empty();

    /** Accounts of processes that are no more. */
    private record Totals(List<ChainSnapshot.Hop> hops, Conservation conservation, long moved) {}

    /** @param place name of the function that it is the process of, or of the virtual machine */
    RemotePart(PartRunner runner, String place) {
        this.runner = runner;
        this.place = place;
    }

    /** Name of the function that it is the process of, or of the virtual machine. */
    String place() {
        return place;
    }

    /** Starts what the part runs in. Does not wait for it. */
    synchronized void launch() {
        runner.launch();
    }

    private void disconnect() {
        if (control != null) {
            control.close();
            control = null;
        }
    }

    @Override
    public synchronized void start() {
        long deadline = System.nanoTime() + runner.startLimit().toNanos();
        while (!connectAndAsk(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
            if (System.nanoTime() - deadline > 0) {
                throw new ChainFailedException(runner + " did not get ready in time", runner.lastWords());
            }
            if (!runner.isAlive()) {
                throw new ChainFailedException(runner + " ended while starting", runner.lastWords());
            }
            sleep();
        }
    }

    private boolean connectAndAsk(Duration limit) {
        try {
            if (control == null) {
                control = runner.connect();
            }
            Control.Reply reply = control.ask(Control.Command.STATUS, limit);
            requireNoError(reply);
            if (reply.ready()) {
                last = reply;
            }
            return reply.ready();
        } catch (IOException notYet) {
            disconnect();
            return false;
        }
    }

    private void requireNoError(Control.Reply reply) {
        if (!reply.node().isEmpty()) {
            throw new NodeConfigurationException(reply.node(), reply.field(), reply.error());
        }
        if (!reply.error().isEmpty()) {
            throw new ChainFailedException(runner + ": " + reply.error());
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ChainFailedException("interrupted while a process was starting");
        }
    }

    /** Asks; where the process has died, starts it again and asks the new one. */
    private Control.Reply ask(Control.Command command) {
        while (!stopped && !closed && failure.isEmpty()) {
            try {
                Control.Reply reply = control.ask(command, runner.answerLimit());
                requireNoError(reply);
                last = reply;
                return reply;
            } catch (IOException died) {
                restartOrGiveUp();
            } catch (ChainFailedException failed) {
                failure = Optional.of(failed);
            }
        }
        return last;
    }

    private void restartOrGiveUp() {
        try {
            restart();
            if (sourcesStopped) {
                control.ask(Control.Command.STOP_SOURCES, runner.answerLimit());
            }
        } catch (IOException diedAgain) {
            LOG.debug("noticed again at the next command", diedAgain);
        } catch (ChainFailedException failed) {
            failure = Optional.of(failed);
        } catch (NodeConfigurationException refused) {
            failure = Optional.of(new ChainFailedException(
                    "function '" + refused.node() + "' refuses its configuration when started again: "
                            + refused.getMessage(),
                    refused));
        }
    }

    private void requireNotFailed() {
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private void restart() {
        disconnect();
        long now = System.nanoTime();
        if (now - windowStart > RESTART_WINDOW_NANOS) {
            windowStart = now;
            restarts = 0;
        }
        if (++restarts > MOST_RESTARTS) {
            throw new ChainFailedException(runner + " died " + restarts + " times within a minute", runner.lastWords());
        }
        LOG.warn("{} has died and is started again", runner);
        runner.lastWords().forEach(LOG::info);
        // What waited for it still waits, for the next one to count.
        Totals soFar = new Totals(hopsSoFar(), conservationSoFar().withHeld(0), movedSoFar());
        runner.relaunch();
        start();
        gone = soFar;
    }

    private List<ChainSnapshot.Hop> hopsSoFar() {
        if (gone.hops().isEmpty()) {
            return last.hops();
        }
        return IntStream.range(0, last.hops().size())
                .mapToObj(i -> last.hops().get(i).plus(gone.hops().get(i)))
                .toList();
    }

    private Conservation conservationSoFar() {
        return gone.conservation().plus(last.conservation());
    }

    private long movedSoFar() {
        return gone.moved() + last.status().moved();
    }

    @Override
    public synchronized Engine.Status status() {
        Engine.Status status = ask(Control.Command.STATUS).status();
        requireNotFailed();
        return new Engine.Status(status.idle(), status.sourcesExhausted(), movedSoFar());
    }

    @Override
    public synchronized List<ChainSnapshot.Hop> hops() {
        ask(Control.Command.STATUS);
        return hopsSoFar();
    }

    @Override
    public synchronized Conservation conservation() {
        ask(Control.Command.STATUS);
        return conservationSoFar();
    }

    @Override
    public synchronized Conservation books() {
        ask(Control.Command.STATUS);
        return gone.conservation().plus(last.books());
    }

    /** Of the present process: where the time of those before it went is in none of its recordings either. */
    @Override
    public synchronized TimeUse timeUse() {
        return ask(Control.Command.STATUS).timeUse();
    }

    @Override
    public synchronized Map<String, Map<String, Object>> reports() {
        return new LinkedHashMap<>(ask(Control.Command.REPORTS).reports());
    }

    @Override
    public ChangeState prepare(Chain target, LinkIds ids) {
        return change(ChangeOrder.prepare(target, ids));
    }

    @Override
    public synchronized ChangeState change(ChangeOrder order) {
        if (failure.isPresent() || control == null) {
            return ChangeState.refusal(
                    "", "", failure.map(Throwable::getMessage).orElse(runner + " does not run any more"));
        }
        try {
            Control.Reply reply = control.ask(order, runner.answerLimit());
            if (!reply.error().isEmpty()) {
                return ChangeState.refusal(reply.node(), reply.field(), runner + ": " + reply.error());
            }
            last = reply;
            return reply.change();
        } catch (IOException died) {
            return ChangeState.refusal("", "", runner + " has died meanwhile; it is started again");
        }
    }

    @Override
    public synchronized void stopSources() {
        sourcesStopped = true;
        ask(Control.Command.STOP_SOURCES);
    }

    @Override
    public synchronized void stop() {
        ask(Control.Command.STOP);
        last = ask(Control.Command.REPORTS);
        stopped = true;
        requireNotFailed();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (control == null || last == null) {
            runner.kill();
        } else {
            askToEnd();
        }
        disconnect();
        runner.awaitEnd();
    }

    private void askToEnd() {
        try {
            control.ask(Control.Command.EXIT, EXIT_LIMIT);
        } catch (IOException deaf) {
            runner.kill();
        }
    }
}
