// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

/** A node that cannot start. The message says what to do. */
public final class NodeException extends RuntimeException {
    public NodeException(String message) {
        super(message);
    }

    public NodeException(String message, Throwable cause) {
        super(message, cause);
    }
}
