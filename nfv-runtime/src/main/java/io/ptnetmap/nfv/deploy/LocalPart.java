// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.FunctionFailedException;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.util.List;
import java.util.Map;

/** The part of a chain in this process, seen as the supervisor sees any part. */
final class LocalPart implements ChainPart {
    private final Engine engine;

    LocalPart(Engine engine) {
        this.engine = engine;
    }

    @Override
    public void start() {
        try {
            engine.start();
        } catch (FunctionFailedException failure) {
            throw failed(failure);
        }
    }

    @Override
    public Engine.Status status() {
        try {
            return engine.status();
        } catch (RuntimeException failure) {
            throw failed(failure);
        }
    }

    /** Of the exceptions that end a worker, most are a function's; a port whose device has gone is another. */
    private static ChainFailedException failed(RuntimeException failure) {
        return new ChainFailedException(failure.getMessage(), failure);
    }

    @Override
    public List<ChainSnapshot.Hop> hops() {
        return engine.hops("same");
    }

    @Override
    public Conservation conservation() {
        return engine.conservation();
    }

    @Override
    public Conservation books() {
        return engine.books();
    }

    Engine engine() {
        return engine;
    }

    @Override
    public TimeUse timeUse() {
        return engine.timeUse("same");
    }

    @Override
    public Map<String, Map<String, Object>> reports() {
        try {
            return engine.reports();
        } catch (FunctionFailedException failure) {
            throw failed(failure);
        }
    }

    @Override
    public void stopSources() {
        engine.stopSources();
    }

    @Override
    public void stop() {
        engine.stop();
        try {
            engine.check();
        } catch (RuntimeException failure) {
            throw failed(failure);
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
