// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

/** Told of each batch that a function processes. For one worker; called by its thread. */
public interface BatchListener {
    /** Does not care. */
    BatchListener NONE = new BatchListener() {};

    /**
     * A function is about to be given a batch, in which there may turn out to be no packet.
     *
     * @param nowNanos {@link System#nanoTime}
     */
    default void begin(long nowNanos) {}

    /**
     * The function has processed packets.
     *
     * @param function its name in the chain
     * @param packets given to it and created by it, at least one
     */
    default void end(String function, int packets) {}
}
