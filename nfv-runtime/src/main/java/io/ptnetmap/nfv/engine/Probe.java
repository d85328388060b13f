// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

/** Looks at the packets of a worker's functions, as they come in and as they are left. For one worker. */
interface Probe {
    /** A function is about to process a batch, which may be empty. */
    void before(Instance instance, Batch batch);

    /** It has; its verdicts are in the batch. */
    default void after(Instance instance, Batch batch) {}
}
