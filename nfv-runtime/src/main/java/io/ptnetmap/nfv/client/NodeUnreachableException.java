// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

/** No node has answered: there is none, the connection broke, or what answers is something else. */
public final class NodeUnreachableException extends RuntimeException {
    /** @param message who did not answer, and why */
    public NodeUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
