// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.profile;

import io.ptnetmap.nfv.engine.BatchListener;

/** Writes an event of a batch now and then: of each one it would cost more than most functions. For one worker. */
final class BatchSampler implements BatchListener {
    private static final long LEAST_INTERVAL_NANOS = 5_000_000;
    /** The intervals' lower bits come from the clock, lest it always be the same function's turn. */
    private static final long JITTER_MASK = (1 << 22) - 1;

    private FunctionBatch event;
    private long nextNanos;

    @Override
    public void begin(long nowNanos) {
        if (nowNanos - nextNanos >= 0) {
            nextNanos = nowNanos + LEAST_INTERVAL_NANOS + (nowNanos & JITTER_MASK);
            event = new FunctionBatch();
            event.begin();
        }
    }

    @Override
    public void end(String function, int packets) {
        if (event != null) {
            event.function = function;
            event.packets = packets;
            event.commit();
            event = null;
        }
    }
}
