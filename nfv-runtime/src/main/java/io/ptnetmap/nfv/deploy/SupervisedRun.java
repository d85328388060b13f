// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A chain of one or several parts, watched from here. */
final class SupervisedRun implements ChainRun {
    private static final long LOOK_MILLIS = 5;

    private final Chain chain;
    private final List<? extends ChainPart> parts;
    private final Runnable afterwards;
    private final long startNanos = System.nanoTime();
    private final Map<String, Integer> order = new LinkedHashMap<>();
    private volatile long endNanos;
    private boolean closed;

    /**
     * @param afterwards releases the parts and all else when the run is closed
     */
    SupervisedRun(Chain chain, List<? extends ChainPart> parts, Runnable afterwards) {
        this.chain = chain;
        this.parts = parts;
        this.afterwards = afterwards;
        chain.nodes().forEach(node -> order.put(node.name(), order.size()));
    }

    @Override
    public ChainSnapshot snapshot() {
        List<ChainSnapshot.Hop> hops = new ArrayList<>();
        parts.forEach(part -> hops.addAll(part.hops()));
        hops.sort(Comparator.comparing(hop -> order.get(hop.name())));
        long end = endNanos;
        return new ChainSnapshot(chain.name(), (end == 0 ? System.nanoTime() : end) - startNanos, hops);
    }

    @Override
    public boolean await(Duration timeout) throws InterruptedException {
        return awaitQuiet(System.nanoTime() + timeout.toNanos(), true);
    }

    /** Waits until two looks in a row find all parts idle and nothing moved in between. */
    private boolean awaitQuiet(long deadline, boolean sourcesToo) throws InterruptedException {
        long before = -1;
        while (true) {
            boolean idle = true;
            long moved = 0;
            for (ChainPart part : parts) {
                Engine.Status status = part.status();
                idle &= status.idle() && (!sourcesToo || status.sourcesExhausted());
                moved += status.moved();
            }
            if (idle && moved == before) {
                end();
                return true;
            }
            before = idle ? moved : -1;
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private void end() {
        if (endNanos == 0) {
            endNanos = System.nanoTime();
        }
        parts.forEach(ChainPart::stop);
    }

    @Override
    public void drain(Duration timeout) throws InterruptedException {
        parts.forEach(ChainPart::stopSources);
        if (!awaitQuiet(System.nanoTime() + timeout.toNanos(), false)) {
            end();
        }
    }

    @Override
    public Conservation conservation() {
        Conservation sum = new Conservation(0, 0, 0, 0, 0, 0);
        for (ChainPart part : parts) {
            sum = sum.plus(part.conservation());
        }
        return sum;
    }

    @Override
    public Map<String, Map<String, Object>> reports() {
        Map<String, Map<String, Object>> reports = new LinkedHashMap<>();
        parts.forEach(part -> reports.putAll(part.reports()));
        return reports;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            afterwards.run();
        }
    }
}
