// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

/** Told of each batch that a function processes. For one worker; called by its thread. */
public interface BatchListener {
    /** A function is about to be given a batch. */
    void begin();

    /**
     * The function is through. Not called after {@link #begin} where there turned out to be no packet.
     *
     * @param function its name in the chain
     * @param packets given to it and created by it
     */
    void end(String function, int packets);

    /** One that does not care. */
    static BatchListener none() {
        return new BatchListener() {
            @Override
            public void begin() {}

            @Override
            public void end(String function, int packets) {}
        };
    }
}
