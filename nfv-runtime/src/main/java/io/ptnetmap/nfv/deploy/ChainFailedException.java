// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import java.util.List;

/** A chain that could not start or could not go on. The message is one line for people; the details may be many. */
public final class ChainFailedException extends RuntimeException {
    private final List<String> details;

    public ChainFailedException(String message) {
        this(message, List.of());
    }

    /** @param details further lines, such as what a program has said that has failed */
    public ChainFailedException(String message, List<String> details) {
        super(message);
        this.details = List.copyOf(details);
    }

    public ChainFailedException(String message, Throwable cause) {
        super(message, cause);
        this.details = List.of();
    }

    public List<String> details() {
        return details;
    }
}
