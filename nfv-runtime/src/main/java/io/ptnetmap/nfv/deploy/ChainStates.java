// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.engine.StateSource;
import io.ptnetmap.nfv.engine.StateTaken;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Set;

/**
 * What the functions of one chain knew, by name, where it outlives the process: of each function the last state that was {@linkplain
 * Draft#commit completed}, whenever the process is killed. Thread-safe.
 */
public interface ChainStates extends StateSource {
    /** Begins another state of a function; the one that is kept stays until this one is complete. */
    Draft begin(String function) throws IOException;

    /** A state that is being written. For one thread. */
    interface Draft extends AutoCloseable {
        /** Where to write it. */
        OutputStream out();

        /** Has it take the place of the one before, once and for all: it is on the disk when this returns. */
        void commit(StateTaken taken) throws IOException;

        /** Forgets it, unless it is complete. */
        @Override
        void close();
    }

    /** Forgets the states of all functions but these. */
    void retain(Set<String> functions) throws IOException;

    /** What is kept, by function. */
    Map<String, KeptState> kept();
}
