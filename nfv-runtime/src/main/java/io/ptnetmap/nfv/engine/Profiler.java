// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

/** Follows an engine whose time is taken, see {@link EngineBuilder#profiled}. */
public interface Profiler {
    /** Has the time taken, for {@link Engine#timeUse}, and does nothing else. */
    Profiler TIMES_ONLY = new Profiler() {};

    /** Called once for each worker. */
    default BatchListener listener() {
        return BatchListener.NONE;
    }

    /** The workers run: {@link Engine#timeUse} can be asked from now on. */
    default void started(Engine engine) {}

    /** The workers have ended. */
    default void stopped() {}
}
