// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.api.Counter;
import io.ptnetmap.nfv.telemetry.TimeUse;

/** Takes the time of a worker and of each batch in its functions. Written by the worker's thread, read by any. */
final class TimeMeter extends Meter {
    private final BatchListener listener;
    private final Counter busy = new Counter("busy", "Nanoseconds of rounds that moved packets");
    private final Counter idle = new Counter("idle", "Nanoseconds of rounds that moved none, and asleep");

    private long roundBegan;
    private Counter kindOfRound = idle;

    TimeMeter(BatchListener listener) {
        this.listener = listener;
    }

    @Override
    void process(Instance instance, Batch batch) {
        long began = System.nanoTime();
        listener.begin(began);
        instance.process(batch);
        long nanos = System.nanoTime() - began;
        int packets = batch.count();
        if (packets != 0) {
            listener.end(instance.name(), packets);
            instance.account().batches.add(1);
            instance.account().nanos.add(nanos);
        }
    }

    /** Books the time since the round before as that round's. */
    @Override
    void round(long began, int work) {
        if (roundBegan != 0) {
            kindOfRound.add(began - roundBegan);
        }
        roundBegan = began;
        kindOfRound = work == 0 ? idle : busy;
    }

    TimeUse.Worker timeUse(String process, int number) {
        return new TimeUse.Worker(process, number, busy.value(), idle.value());
    }
}
