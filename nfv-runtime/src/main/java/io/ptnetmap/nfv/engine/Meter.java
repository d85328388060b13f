// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

/**
 * Stands between a worker and its functions, where their time can be taken. This one takes none; {@link TimeMeter} does. All
 * workers of a process have the same kind, so that the compiler sees through it.
 */
class Meter {
    static final Meter OFF = new Meter();

    /** Has a function process a batch. */
    void process(Instance instance, Batch batch) {
        instance.process(batch);
    }

    /**
     * A round has been done.
     *
     * @param began {@link System#nanoTime}
     * @param work packets moved, 0 = the worker was idle
     */
    void round(long began, int work) {}
}
