// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.Counter;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.PacketSource;
import io.ptnetmap.nfv.api.Stateful;
import io.ptnetmap.nfv.chain.ChainFiles;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A function in a chain, with its account. Whatever the function throws becomes a {@link FunctionFailedException} that names
 * it.
 *
 * @param name in the chain
 * @param type of the function, or a port's specification
 * @param function what it does
 * @param readOnly whether its verdicts are ignored
 * @param account what became of its packets
 */
record Instance(String name, String type, NetworkFunction function, boolean readOnly, Account account) {
    /** A port at an end of the chain: everything passes. */
    static Instance ofPort(String name, String specification, Account account) {
        return new Instance(name, specification, (batch, out) -> {}, true, account);
    }

    /** A function with an account of its own. */
    static Instance of(String name, String type, NetworkFunction function) {
        return of(name, type, function, new Account());
    }

    /** A function that goes on with an account. */
    static Instance of(String name, String type, NetworkFunction function, Account account) {
        FunctionType described = function.getClass().getAnnotation(FunctionType.class);
        return new Instance(name, type, function, described != null && described.readOnly(), account);
    }

    boolean isSource() {
        return function instanceof PacketSource;
    }

    /**
     * Starts the function.
     *
     * @param files where the files are that it names
     * @param clock what its batches are timed with
     * @throws NodeConfigurationException if it refuses its configuration
     */
    void start(ChainFiles files, LongSupplier clock) {
        try {
            function.start(context(files, clock));
        } catch (ConfigurationException refusal) {
            throw new NodeConfigurationException(name, refusal);
        } catch (RuntimeException | Error failure) {
            throw new FunctionFailedException(name, failure);
        }
    }

    private FunctionContext context(ChainFiles files, LongSupplier clock) {
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
        try {
            function.process(batch, batch);
        } catch (RuntimeException | Error failure) {
            throw new FunctionFailedException(name, failure);
        }
    }

    void tick(long nowNanos) {
        try {
            function.tick(nowNanos);
        } catch (RuntimeException | Error failure) {
            throw new FunctionFailedException(name, failure);
        }
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
            return read(young, in);
        } catch (RuntimeException | Error failure) {
            throw new FunctionFailedException(name, failure);
        }
    }

    private static <S> Stateful.Takeover read(Stateful<S> stateful, DataInput in) throws IOException {
        int version = in.readInt();
        return stateful.takeOver(stateful.read(in, version));
    }

    /** Both are of one class, and so is what they know. */
    @SuppressWarnings("unchecked")
    private static <S> Stateful.Takeover hand(Stateful<S> from, Stateful<?> to) {
        return ((Stateful<S>) to).takeOver(from.handOver());
    }

    void stop() {
        try {
            function.stop();
        } catch (RuntimeException | Error failure) {
            throw new FunctionFailedException(name, failure);
        }
    }

    /** What the function reports, its counters included. */
    Map<String, Object> report() {
        Map<String, Object> report = new LinkedHashMap<>();
        account.counters().forEach(counter -> report.put(counter.name(), counter.value()));
        try {
            report.putAll(function.report());
        } catch (RuntimeException | Error failure) {
            throw new FunctionFailedException(name, failure);
        }
        return report;
    }
}
