// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

/** A function that makes packets. The engine calls {@link #process} with an empty batch as long as there is room. */
public interface PacketSource extends NetworkFunction {
    /**
     * Whether no further packet will ever come; the engine then drains the chain and ends it. Asked by the thread that processes,
     * between batches.
     */
    boolean exhausted();

    /**
     * For how many nanoseconds no packet will come, because of a rate; 0 = one may come at any time. The worker sleeps meanwhile,
     * if there is nothing else to do. Asked as {@link #exhausted} is.
     *
     * @param nowNanos on the clock of {@link PacketBatch#nowNanos}
     */
    default long idleNanos(long nowNanos) {
        return 0;
    }
}
