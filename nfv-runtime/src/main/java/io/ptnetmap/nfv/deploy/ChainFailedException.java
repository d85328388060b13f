// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

/** A chain that could not start or could not go on. The message is one line for people. */
public final class ChainFailedException extends RuntimeException {
    public ChainFailedException(String message) {
        super(message);
    }

    public ChainFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
