// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import java.util.List;

/**
 * Has probes look at what passes between a worker and its functions. It takes the place of the worker's own meter as long as
 * there are probes, so that where there are none they cost nothing.
 */
final class ProbeMeter extends Meter {
    private final Meter inner;
    private final Probe[] probes;

    ProbeMeter(Meter inner, List<Probe> probes) {
        this.inner = inner;
        this.probes = probes.toArray(Probe[]::new);
    }

    @Override
    void process(Instance instance, Batch batch) {
        for (Probe probe : probes) {
            probe.before(instance, batch);
        }
        inner.process(instance, batch);
        for (Probe probe : probes) {
            probe.after(instance, batch);
        }
    }

    @Override
    void round(long began, int work) {
        inner.round(began, work);
    }
}
