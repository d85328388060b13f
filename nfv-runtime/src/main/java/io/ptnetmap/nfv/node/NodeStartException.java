// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

/** A node that cannot start. The message says what to do. */
public final class NodeStartException extends RuntimeException {
    public NodeStartException(String message) {
        super(message);
    }

    public NodeStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
