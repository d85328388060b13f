// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.Counter;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.PacketSource;
import io.ptnetmap.nfv.api.StateScan;
import io.ptnetmap.nfv.api.Stateful;
import io.ptnetmap.nfv.chain.Chain.OnFailure;
import io.ptnetmap.nfv.chain.Chain.Reaction;
import io.ptnetmap.nfv.chain.ChainFiles;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainHealth.Recovery;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A function in a chain, with its account. What the function throws while packets flow is dealt with here, as its {@link OnFailure}
 * says; where that is to stop the chain, and in start and stop, it becomes a {@link FunctionFailedException} that names the
 * function.
 *
 * <p>A function that is quarantined gives way to one that passes all packets, or drops them: so whether there is one costs
 * nothing. For the worker that runs it, but for names, account and failures.
 */
final class Instance {
    private static final Logger LOG = LoggerFactory.getLogger(Instance.class);

    private final String name;
    private final String type;
    private final boolean readOnly;
    private final boolean source;
    private final boolean port;
    private final Account account;
    private final Failures failures;
    private NetworkFunction function;
    private ChainFiles files = ChainFiles.in(Path.of(""));
    private LongSupplier clock = System::nanoTime;
    private volatile Optional<Recovery> recovery = Optional.empty();
    private boolean stopped;
    private boolean observer;

    private Instance(
            String name,
            String type,
            NetworkFunction function,
            boolean readOnly,
            boolean port,
            Account account,
            OnFailure onFailure) {
        this.name = name;
        this.type = type;
        this.function = function;
        this.readOnly = readOnly;
        this.port = port;
        this.account = account;
        this.source = function instanceof PacketSource;
        this.failures = new Failures(onFailure);
    }

    /** A port at an end of the chain: everything passes. */
    static Instance ofPort(String name, String specification, Account account) {
        return new Instance(name, specification, (batch, out) -> {}, true, true, account, OnFailure.STOP);
    }

    /** A function with an account of its own; what it throws ends its worker. */
    static Instance of(String name, String type, NetworkFunction function) {
        return of(name, type, function, new Account(), OnFailure.STOP);
    }

    /** A function that goes on with an account. */
    static Instance of(String name, String type, NetworkFunction function, Account account, OnFailure onFailure) {
        FunctionType described = function.getClass().getAnnotation(FunctionType.class);
        return new Instance(name, type, function, described != null && described.readOnly(), false, account, onFailure);
    }

    /** Of the function in the chain. */
    String name() {
        return name;
    }

    /** Of the function, or a port's specification. */
    String type() {
        return type;
    }

    /** What it does now. */
    NetworkFunction function() {
        return function;
    }

    /** Whether its verdicts are ignored. */
    boolean readOnly() {
        return readOnly;
    }

    Account account() {
        return account;
    }

    Failures failures() {
        return failures;
    }

    /** Whether this is a port at an end of the chain. */
    boolean isPort() {
        return port;
    }

    /** Has the function look at packets in parallel to others. Before it runs. */
    void observe() {
        observer = true;
    }

    /** Whether others look at the same packets in parallel, which none of them may touch. */
    boolean isObserver() {
        return observer;
    }

    /** Whether this is no source, or one that will make no more packets. */
    boolean exhausted() {
        try {
            return !(function instanceof PacketSource packets) || packets.exhausted();
        } catch (Throwable failure) {
            fail(failure);
            return false;
        }
    }

    /** For how long a source has no packet to make; 0 where one may come at any time. */
    long idleNanos(long nowNanos) {
        try {
            return function instanceof PacketSource packets ? packets.idleNanos(nowNanos) : 0;
        } catch (Throwable failure) {
            fail(failure);
            return 0;
        }
    }

    /**
     * Starts the function, with what is kept of an earlier one.
     *
     * @param filesFrom where the files are that it names
     * @param batchClock what its batches are timed with
     * @throws NodeConfigurationException if it refuses its configuration
     */
    void start(ChainFiles filesFrom, LongSupplier batchClock, Resumption resumption) {
        files = filesFrom;
        clock = batchClock;
        function = begin(function, resumption);
    }

    /**
     * Starts a function, with what is kept of an earlier one. If it cannot use that, another one takes its place, which knows
     * nothing.
     *
     * @return the function that has been started
     */
    NetworkFunction begin(NetworkFunction first, Resumption resumption) {
        start(first);
        if (!(first instanceof Stateful<?> young)) {
            return first;
        }
        try {
            StateForm.resume(resumption.states(), name, type, young, clock)
                    .ifPresent(resumed -> resumed(resumed.takeover(), resumed.ageMillis()));
            return first;
        } catch (IOException | RuntimeException | Error unusable) {
            LOG.warn(
                    "what is kept of function '{}' cannot be used, so it begins with nothing: {}",
                    name,
                    unusable.getMessage());
            LOG.debug("while function '{}' took over what is kept of it", name, unusable);
            recovery = Optional.of(Recovery.refused(String.valueOf(unusable.getMessage())));
            stopQuietly(first);
            NetworkFunction second = resumption.maker().apply(name);
            start(second);
            return second;
        }
    }

    private void resumed(Stateful.Takeover takeover, long ageMillis) {
        LOG.info(
                "function '{}' goes on from what it knew {} ms ago: {}{}",
                name,
                ageMillis,
                takeover.taken(),
                takeover.dropped().isEmpty() ? "" : ", without " + takeover.dropped());
        recovery = Optional.of(Recovery.of(Duration.ofMillis(ageMillis), takeover.taken(), takeover.dropped()));
    }

    private void start(NetworkFunction starting) {
        try {
            starting.start(context());
        } catch (ConfigurationException refusal) {
            throw new NodeConfigurationException(name, refusal);
        } catch (Throwable failure) {
            throw new FunctionFailedException(name, failure);
        }
    }

    private FunctionContext context() {
        return new FunctionContext() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public DropCause dropCause(String causeName) {
                return account.cause(causeName);
            }

            @Override
            public Counter counter(String counterName, String description) {
                return account.counter(counterName, description);
            }

            @Override
            public Path resolve(String path) {
                return files.resolve(path);
            }

            @Override
            public long nowNanos() {
                return clock.getAsLong();
            }
        };
    }

    void process(Batch batch) {
        if (source && batch.side() == Side.OUT) {
            batch.dropAll(account.returnedToSource);
            return;
        }
        try {
            function.process(batch, batch);
        } catch (Throwable failure) {
            fail(failure);
            batch.abandon(account.exception, failures.reaction() == Reaction.OPEN);
        }
    }

    void tick(long nowNanos) {
        try {
            function.tick(nowNanos);
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    /** Books what the function has thrown, and puts it into quarantine if that happens too often. */
    private void fail(Throwable failure) {
        FunctionFailedException named = new FunctionFailedException(name, failure);
        if (failures.reaction() == Reaction.STOP) {
            throw named;
        }
        LOG.debug("in function '{}'", name, failure);
        if (failures.note(named.getMessage(), System.nanoTime())) {
            LOG.warn("{}; it is called no more until it is restored", named.getMessage());
            quarantine();
        }
    }

    private void quarantine() {
        NetworkFunction broken = function;
        function = failures.reaction() == Reaction.OPEN ? (batch, out) -> {} : blocker();
        failures.quarantine();
        // It may have files to close.
        stopQuietly(broken);
    }

    private void stopQuietly(NetworkFunction broken) {
        try {
            broken.stop();
        } catch (Throwable expected) {
            LOG.debug("while function '{}' was stopped", name, expected);
        }
    }

    private NetworkFunction blocker() {
        return (batch, out) -> {
            for (int i = 0; i < batch.size(); i++) {
                out.drop(i, account.quarantined);
            }
        };
    }

    /**
     * Ends the quarantine, if there still is one.
     *
     * @param fresh takes the place of the function that has failed; it {@linkplain #begin has been started}
     */
    void restore(NetworkFunction fresh) {
        if (failures.isQuarantined() && !stopped) {
            function = fresh;
            failures.restored();
        } else {
            stopQuietly(fresh);
        }
    }

    /**
     * What is being taken down of a function.
     *
     * @param version form of what the scan writes
     * @param millis when it began, since 1970
     */
    record Scan(StateScan scan, int version, long millis) {}

    /** Begins to take down what the function knows; empty where that is not its kind, or it is in quarantine. */
    Optional<Scan> scan() {
        if (!(function instanceof Stateful<?> known)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Scan(known.scan(), known.stateVersion(), System.currentTimeMillis()));
        } catch (RuntimeException | Error failure) {
            throw new FunctionFailedException(name, failure);
        }
    }

    /** Whether the function does its work, and what has become of what was kept of an earlier one. */
    ChainHealth.Function health(String process) {
        return failures.health(name, process, recovery);
    }

    /**
     * Hands what the function knows over to one that takes its place; empty where it knows nothing of that kind. One of another
     * class can make nothing of it.
     */
    Optional<Stateful.Takeover> handOver(Instance successor) {
        if (!(function instanceof Stateful<?> old)) {
            return Optional.empty();
        }
        if (!(successor.function instanceof Stateful<?> young) || old.getClass() != young.getClass()) {
            return Optional.of(nothingOf(type));
        }
        try {
            return Optional.of(hand(old, young));
        } catch (RuntimeException | Error failure) {
            throw new FunctionFailedException(name, failure);
        }
    }

    private static Stateful.Takeover nothingOf(String otherType) {
        return new Stateful.Takeover(Map.of(), Map.of("all that a " + otherType + " knew", 1L));
    }

    /** Writes what the function knows; returns false where that is not its kind. */
    boolean write(DataOutput out) throws IOException {
        if (!(function instanceof Stateful<?> old)) {
            return false;
        }
        try {
            out.writeUTF(type);
            out.writeInt(old.stateVersion());
            write(old, out);
            return true;
        } catch (RuntimeException | Error failure) {
            throw new FunctionFailedException(name, failure);
        }
    }

    private static <S> void write(Stateful<S> stateful, DataOutput out) throws IOException {
        stateful.write(stateful.handOver(), out);
    }

    /** Takes over what a function in another process has written. */
    Stateful.Takeover read(DataInput in) throws IOException {
        String writer = in.readUTF();
        if (!writer.equals(type) || !(function instanceof Stateful<?> young)) {
            return nothingOf(writer);
        }
        try {
            return read(young, in, clock.getAsLong());
        } catch (RuntimeException | Error failure) {
            throw new FunctionFailedException(name, failure);
        }
    }

    private static <S> Stateful.Takeover read(Stateful<S> stateful, DataInput in, long nowNanos) throws IOException {
        int version = in.readInt();
        return stateful.takeOver(stateful.read(in, version, nowNanos));
    }

    /** Both are of one class, and so is what they know. */
    @SuppressWarnings("unchecked")
    private static <S> Stateful.Takeover hand(Stateful<S> from, Stateful<?> to) {
        return ((Stateful<S>) to).takeOver(from.handOver());
    }

    void stop() {
        stopped = true;
        try {
            function.stop();
        } catch (Throwable failure) {
            throw new FunctionFailedException(name, failure);
        }
    }

    /** What the function reports, its counters included. */
    Map<String, Object> report() {
        Map<String, Object> report = new LinkedHashMap<>();
        account.counters().forEach(counter -> report.put(counter.name(), counter.value()));
        try {
            report.putAll(function.report());
        } catch (Throwable failure) {
            FunctionFailedException named = new FunctionFailedException(name, failure);
            if (failures.reaction() == Reaction.STOP) {
                throw named;
            }
            report.put("error", named.getMessage());
        }
        return report;
    }
}
