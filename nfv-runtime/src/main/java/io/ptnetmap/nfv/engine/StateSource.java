// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Where functions that are started find what earlier ones knew, as {@link Engine#takeState} has written it. Thread-safe. */
@FunctionalInterface
public interface StateSource {
    /** Has nothing. */
    StateSource NONE = function -> Optional.empty();

    /** What is kept of a function; to be closed. */
    Optional<InputStream> open(String function) throws IOException;
}
