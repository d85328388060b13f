// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.NetmapPoller;
import io.ptnetmap.Ring;
import io.ptnetmap.nfv.api.PacketBatch.Side;

/** A read-only function that looks at the packets of a {@link ThreadLink} in parallel to others. For one worker. */
final class Observation {
    private Instance instance;
    private final ThreadLink.Observer forward;
    private final ThreadLink.Observer backward;
    private final Batch batch;
    private Meter meter = Meter.OFF;

    Observation(Instance instance, ThreadLink.Observer forward, ThreadLink.Observer backward, Ring scratch) {
        this.instance = instance;
        instance.observe();
        this.forward = forward;
        this.backward = backward;
        this.batch = new Batch(scratch, 0);
    }

    Instance instance() {
        return instance;
    }

    /** Has another function look from now on. */
    void replace(Instance successor) {
        instance = successor;
        successor.observe();
    }

    void meter(Meter newMeter) {
        meter = newMeter;
    }

    int poll(long nowNanos) {
        return observe(forward, Side.IN, nowNanos) + observe(backward, Side.OUT, nowNanos);
    }

    private int observe(ThreadLink.Observer observer, Side from, long nowNanos) {
        batch.clear(from, nowNanos);
        int count = observer.look(batch);
        if (count != 0) {
            batch.enter(instance);
            meter.process(instance, batch);
            batch.leave(batch);
            observer.done();
        }
        return count;
    }

    void addTo(NetmapPoller poller) {
        poller.addDescriptor(forward.doorbell().descriptor());
        poller.addDescriptor(backward.doorbell().descriptor());
    }

    /** Announces sleep. Returns whether there is work already. */
    boolean arm() {
        forward.doorbell().arm();
        backward.doorbell().arm();
        return !idle();
    }

    void disarm() {
        forward.doorbell().disarm();
        backward.doorbell().disarm();
    }

    boolean idle() {
        return !forward.waiting() && !backward.waiting();
    }
}
