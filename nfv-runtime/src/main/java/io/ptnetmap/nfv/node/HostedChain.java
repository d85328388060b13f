// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.NetmapException;
import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.deploy.ChainFailedException;
import io.ptnetmap.nfv.deploy.ChainLauncher;
import io.ptnetmap.nfv.deploy.ChainRequestException;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.ChainStates;
import io.ptnetmap.nfv.deploy.ChangePlan;
import io.ptnetmap.nfv.deploy.ChangeRefusedException;
import io.ptnetmap.nfv.deploy.ChangeReport;
import io.ptnetmap.nfv.deploy.KeptState;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.engine.FunctionFailedException;
import io.ptnetmap.nfv.node.model.ChainState;
import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.registry.FunctionLoadException;
import io.ptnetmap.nfv.telemetry.Latency;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * A chain of this node, whether it runs or not. What changes it is done by {@link #serial} only; what looks at it may be any
 * thread.
 */
final class HostedChain {
    private static final Logger LOG = LoggerFactory.getLogger(HostedChain.class);
    private static final Duration LOOK = Duration.ofMillis(250);

    private final String name;
    private final ChainLauncher launcher;
    private final NodeSettings settings;
    private final Preparation preparation;
    private final ChainStates states;
    private final Events events;
    private final Runnable afterEnd;
    private final Serial serial;

    private volatile StoredChain stored;
    private volatile ChainState state = ChainState.STOPPED;
    private volatile Optional<String> error = Optional.empty();
    private volatile Optional<String> failedFunction = Optional.empty();
    private volatile Optional<Prepared> prepared = Optional.empty();
    private volatile Optional<Running> running = Optional.empty();
    private volatile Optional<Instant> started = Optional.empty();
    private volatile Accounts past = Accounts.NONE;
    private volatile Latency pastLatency = Latency.NONE;

    /** A run, and the thread that waits for its end. */
    private static final class Running {
        private final ChainRun run;
        private volatile Prepared prepared;
        private volatile boolean leaving;
        private Thread watch = Thread.currentThread();

        Running(Prepared prepared, ChainRun run) {
            this.prepared = prepared;
            this.run = run;
        }
    }

    /**
     * @param states of its functions, which outlive the node
     * @param afterEnd is called when the chain has ended by itself
     */
    HostedChain(
            StoredChain stored,
            ChainLauncher launcher,
            NodeSettings settings,
            Preparation preparation,
            ChainStates states,
            Events events,
            Runnable afterEnd) {
        this.name = stored.name();
        this.stored = stored;
        this.launcher = launcher;
        this.settings = settings;
        this.preparation = preparation;
        this.states = states;
        this.events = events;
        this.afterEnd = afterEnd;
        this.serial = new Serial(name);
        if (stored.ended()) {
            state = ChainState.ENDED;
        }
    }

    String name() {
        return name;
    }

    Serial serial() {
        return serial;
    }

    StoredChain stored() {
        return stored;
    }

    void stored(StoredChain newer) {
        stored = newer;
    }

    ChainState state() {
        return state;
    }

    Optional<String> error() {
        return error;
    }

    Optional<String> failedFunction() {
        return failedFunction;
    }

    Optional<Instant> started() {
        return started;
    }

    /** What runs or, where nothing does, what would. */
    Optional<Prepared> prepared() {
        return running.map(now -> now.prepared).or(() -> prepared);
    }

    boolean isRunning() {
        return running.isPresent();
    }

    Optional<ChainRun> run() {
        return running.map(now -> now.run);
    }

    /** What is kept of the functions' states, whether the chain runs or not. */
    Map<String, KeptState> keptStates() {
        return states.kept();
    }

    /** The accounts now. */
    Accounts accounts(boolean reported) {
        Optional<Running> now = running;
        return now.isPresent() ? past.plus(now.get().run, reported) : past;
    }

    /** How long sampled packets took, those of its earlier runs included. */
    Latency latency() {
        return run().map(ChainRun::latency).map(pastLatency::plus).orElse(pastLatency);
    }

    /** What is to run from now on; whatever runs goes on. */
    void prepare(Prepared next) {
        Optional<Prepared> before = prepared;
        prepared = Optional.of(next);
        before.filter(old ->
                        old != next && running.map(now -> now.prepared != old).orElse(true))
                .ifPresent(Prepared::close);
    }

    /**
     * Starts what is prepared.
     *
     * @throws ChainStartException if it cannot start; nothing of it is left running then
     */
    void start() {
        Prepared next = prepared.orElseThrow(
                () -> new ChainStartException("the stored descriptor cannot be used: " + error.orElse("")));
        enter(ChainState.STARTING);
        try {
            preparation.publish(next);
            ChainRun run = launcher.launch(
                    next.chain(),
                    new LaunchOptions(
                            next.functions().registry(),
                            Optional.empty(),
                            settings.machines(),
                            Optional.empty(),
                            Optional.of(states),
                            launched -> {}));
            run.expectChanges();
            Running now = new Running(next, run);
            running = Optional.of(now);
            started = Optional.of(Instant.now());
            now.watch = Thread.ofVirtual().name("chain-" + name + "-watch").start(() -> watch(now));
            enter(ChainState.RUNNING);
        } catch (NodeConfigurationException refused) {
            ChainStartException failure = refusal(next, refused);
            fail(failure.getMessage(), Optional.of(refused.node()));
            throw failure;
        } catch (ChainFailedException
                | FunctionLoadException
                | NetmapException
                | LinuxException
                | UncheckedIOException refused) {
            fail(refused.getMessage(), functionOf(refused));
            throw new ChainStartException(refused.getMessage());
        } catch (RuntimeException | Error bug) {
            LOG.error("chain '{}' cannot start", name, bug);
            fail("internal error: " + bug, Optional.empty());
            throw new ChainStartException("internal error: " + bug);
        }
    }

    private void watch(Running now) {
        MDC.put(Serial.CHAIN, name);
        try {
            HealthWatch health = new HealthWatch(name, events);
            while (!now.leaving) {
                if (now.run.await(LOOK)) {
                    serial.execute(() -> ended(now));
                    return;
                }
                health.look(now.run.health());
            }
        } catch (RuntimeException failure) {
            serial.execute(() -> failed(now, failure));
        } catch (InterruptedException nobodyDoesThat) {
            Thread.currentThread().interrupt();
        }
    }

    private void ended(Running now) {
        if (isCurrent(now)) {
            release(now);
            enter(ChainState.ENDED);
            afterEnd.run();
        }
    }

    private void failed(Running now, RuntimeException failure) {
        if (isCurrent(now)) {
            LOG.warn("chain '{}' has failed: {}", name, failure.getMessage());
            release(now);
            fail(String.valueOf(failure.getMessage()), functionOf(failure));
        }
    }

    private boolean isCurrent(Running now) {
        return !now.leaving && running.filter(current -> current == now).isPresent();
    }

    /** What it would take to change what runs to something else; empty where nothing runs, or only anew. */
    Optional<ChangePlan> plan(Prepared next) {
        return running.filter(now -> now.prepared.functions() == next.functions())
                .map(now -> now.run.plan(next.chain()));
    }

    /**
     * Changes what runs, while packets flow.
     *
     * @throws ChainStartException if it cannot be changed; all is as before then
     */
    ChangeReport change(Prepared next) {
        Running now = running.orElseThrow();
        enter(ChainState.CHANGING);
        try {
            // First what may be needed by processes that the change starts; a change that fails leaves it to be written
            // again.
            preparation.publish(next);
            ChangeReport report = now.run.change(next.chain());
            now.prepared = next;
            prepare(next);
            enter(ChainState.RUNNING);
            return report;
        } catch (ChangeRefusedException refused) {
            goOn(now);
            throw refusal(next, refused);
        } catch (UncheckedIOException refused) {
            goOn(now);
            throw new ChainStartException(refused.getMessage());
        } catch (RuntimeException | Error bug) {
            LOG.error("chain '{}' cannot be changed", name, bug);
            goOn(now);
            throw new ChainStartException("internal error: " + bug);
        }
    }

    /** As it was, after a change that has failed. */
    private void goOn(Running now) {
        try {
            preparation.publish(now.prepared);
        } catch (UncheckedIOException failure) {
            LOG.warn("the file of chain '{}' is not what runs: {}", name, failure.getMessage());
        }
        enter(ChainState.RUNNING);
    }

    private static ChainStartException refusal(Prepared next, ChangeRefusedException refused) {
        if (refused.node().isEmpty()) {
            return new ChainStartException(refused.getMessage());
        }
        return refusal(next, new NodeConfigurationException(refused.node(), refused.field(), refused.getMessage()));
    }

    private static ChainStartException refusal(Prepared next, NodeConfigurationException refused) {
        return new ChainStartException(
                refused.getMessage(),
                Preparation.refusal(
                        RefusedException.Reason.INVALID,
                        "function '" + refused.node() + "'",
                        next.descriptor().explain(refused)));
    }

    /**
     * Puts a function in quarantine to work again.
     *
     * @throws ChainStartException if it cannot be
     */
    void restore(String function) {
        try {
            running.orElseThrow(() -> new ChainStartException("the chain does not run"))
                    .run
                    .restore(function);
        } catch (ChainRequestException refused) {
            throw new ChainStartException(refused.getMessage());
        }
    }

    /** Drains what runs, if anything does, and ends it. */
    void stop() {
        Optional<Running> now = running;
        if (now.isPresent()) {
            enter(ChainState.STOPPING);
            drain(now.get());
        }
        enter(ChainState.STOPPED);
    }

    /** Drains what runs, so that something else can take its place. */
    void makeRoom() {
        Optional<Running> now = running;
        if (now.isPresent()) {
            enter(ChainState.CHANGING);
            drain(now.get());
        }
    }

    private void drain(Running now) {
        now.leaving = true;
        try {
            now.run.drain(settings.drain());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failure) {
            LOG.warn("chain '{}' could not be drained: {}", name, failure.getMessage());
        }
        try {
            now.watch.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        release(now);
    }

    private void release(Running now) {
        try {
            past = past.plus(now.run, true);
            pastLatency = pastLatency.plus(now.run.latency().ended());
        } catch (RuntimeException failure) {
            LOG.warn("the last accounts of chain '{}' are lost: {}", name, failure.getMessage());
        }
        running = Optional.empty();
        now.run.close();
        if (prepared.map(next -> next != now.prepared).orElse(true)) {
            now.prepared.close();
        }
    }

    /** Nothing of it is left. */
    void discard() {
        prepared.ifPresent(Prepared::close);
        prepared = Optional.empty();
        preparation.forget(name);
        try {
            states.retain(Set.of());
        } catch (IOException failure) {
            // The next start removes them.
            LOG.warn("states of chain '{}', which is no more, remain: {}", name, FileErrors.why(failure));
        }
    }

    void fail(String message, Optional<String> function) {
        error = Optional.of(message);
        failedFunction = function;
        function.ifPresent(failing ->
                events.publish(Event.Type.FUNCTION_FAILED, Optional.of(name), Optional.of(failing), message, Map.of()));
        state = ChainState.FAILED;
        tell(message);
    }

    private void enter(ChainState next) {
        error = Optional.empty();
        failedFunction = Optional.empty();
        if (state != next) {
            state = next;
            tell("");
        }
    }

    private void tell(String message) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("state", state);
        data.put("desired", stored.desired());
        data.put("revision", stored.revision());
        events.publish(Event.Type.CHAIN_STATE, Optional.of(name), Optional.empty(), message, data);
    }

    private static Optional<String> functionOf(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof FunctionFailedException function) {
                return Optional.of(function.function());
            }
        }
        return Optional.empty();
    }
}
