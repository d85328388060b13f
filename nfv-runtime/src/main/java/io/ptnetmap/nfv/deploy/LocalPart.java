// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.FunctionFailedException;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
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
        engine.start();
    }

    @Override
    public Engine.Status status() {
        try {
            return engine.status();
        } catch (FunctionFailedException failure) {
            throw new ChainFailedException(failure.getMessage(), failure);
        }
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
    public Map<String, Map<String, Object>> reports() {
        return engine.reports();
    }

    @Override
    public void stopSources() {
        engine.stopSources();
    }

    @Override
    public void stop() {
        engine.stop();
    }

    @Override
    public void close() {
        engine.close();
    }
}
