// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

/** A node has ended a stream before it had told all that was wanted, and says why. What came before is as good as ever. */
public final class StreamEndedException extends RuntimeException {
    /** @param reason what the node says */
    public StreamEndedException(String reason) {
        super(reason);
    }
}
