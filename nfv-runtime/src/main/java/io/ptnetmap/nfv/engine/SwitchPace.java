// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

/**
 * When a worker may send to a switch, which waits for nobody: not while whoever receives stands still, and afterwards, until what
 * has piled up has gone, no faster than a receiver gets up. For the worker that sends.
 */
final class SwitchPace {
    /** A receiver may take this long to wake up, and finds room in its ring left. */
    private static final long RING_NANOS = 200_000;
    /** One who cannot keep up without this either is not waited for. */
    private static final long MOST_NANOS = 20_000_000;

    private final int slots;
    private boolean resting;
    private boolean careful;
    private long nextNanos;
    private long untilNanos;

    /** @param slots of the receiver's ring */
    SwitchPace(int slots) {
        this.slots = slots;
    }

    /** Nothing is to be sent until {@link #resume}. */
    void rest() {
        resting = true;
    }

    void resume() {
        if (resting) {
            resting = false;
            careful = true;
            nextNanos = System.nanoTime();
            untilNanos = nextNanos + MOST_NANOS;
        }
    }

    boolean isResting() {
        return resting;
    }

    /** Whether a batch has to wait, if only for a moment. */
    boolean holds() {
        return resting || careful && System.nanoTime() - nextNanos < 0;
    }

    /** A batch has been sent. One that is not full had nothing behind it. */
    void sent(int packets) {
        if (careful) {
            long now = System.nanoTime();
            careful = packets >= Batch.BURST && now - untilNanos < 0;
            nextNanos = now + packets * RING_NANOS / slots;
        }
    }
}
