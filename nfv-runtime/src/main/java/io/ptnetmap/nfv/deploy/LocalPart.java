// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.capture.ProbeRequest;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.FunctionFailedException;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.StampBoard;
import io.ptnetmap.nfv.engine.StateTaken;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.Latency;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The part of a chain in this process, seen as the supervisor sees any part. */
final class LocalPart implements ChainPart {
    private static final String PLACE = "same";

    private final Engine engine;

    private final ChangeShare share;

    LocalPart(Engine engine) {
        this.engine = engine;
        this.share = new ChangeShare(engine);
    }

    /** Which nodes of a chain run in this process. */
    static boolean isHere(Node node) {
        return node.placement() == Placement.SAME;
    }

    @Override
    public String place() {
        return PLACE;
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
        return engine.hops(PLACE);
    }

    @Override
    public Conservation conservation() {
        return engine.conservation();
    }

    @Override
    public Conservation books() {
        try {
            return engine.books(ChangeOrder.ANSWER);
        } catch (RuntimeException failure) {
            throw failed(failure);
        }
    }

    @Override
    public ChangeState prepare(Chain target, LinkIds ids) {
        return share.prepare(() -> target, ids.ids(), LocalPart::isHere);
    }

    @Override
    public ChangeState change(ChangeOrder order) {
        return share.carryOut(order);
    }

    /** The accounts of functions that run elsewhere now, or not any more. */
    List<ChainSnapshot.Hop> retiredHops() {
        return engine.retiredHops(PLACE);
    }

    @Override
    public TimeUse timeUse() {
        return engine.timeUse(PLACE);
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
    public Latency latency() {
        return engine.latency();
    }

    /** Has links to processes that come into the chain be timed. */
    void stamps(Optional<StampBoard> board) {
        engine.stamps(board);
    }

    @Override
    public ChainHealth health() {
        return engine.health(PLACE);
    }

    @Override
    public ProbeReply probe(ProbeRequest request) {
        return engine.probe(request, PLACE);
    }

    @Override
    public void restore(String function) {
        try {
            engine.restore(function);
        } catch (RuntimeException refused) {
            throw new ChainRequestException(String.valueOf(refused.getMessage()), refused);
        }
    }

    @Override
    public Optional<StateTaken> takeState(String function, OutputStream out, Duration patience)
            throws IOException, InterruptedException {
        return engine.takeState(function, out, patience);
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
