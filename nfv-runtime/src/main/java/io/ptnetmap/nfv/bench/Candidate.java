// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;

/** Who would take part in a comparison, if it is here. For one thread. */
interface Candidate {
    /** In tables and reports. */
    String name();

    /**
     * Looks for what it needs.
     *
     * @return how it came about, for people
     * @throws MissingException if something is not here; says how to get it
     */
    String find();

    /**
     * Starts its processes; after {@link #find}.
     *
     * @param cleanup takes what is to be ended afterwards, also where this fails
     * @throws BenchException if they do not start
     */
    Contender start(Cleanup cleanup) throws IOException;
}
