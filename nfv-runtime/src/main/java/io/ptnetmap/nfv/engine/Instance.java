// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.Counter;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.PacketSource;
import io.ptnetmap.nfv.chain.ChainFiles;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
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
    static Instance ofPort(String name, String specification) {
        return new Instance(name, specification, (batch, out) -> {}, true, new Account());
    }

    /** A function with an account of its own. */
    static Instance of(String name, String type, NetworkFunction function) {
        FunctionType described = function.getClass().getAnnotation(FunctionType.class);
        return new Instance(name, type, function, described != null && described.readOnly(), new Account());
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
