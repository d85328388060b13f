// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.state;

/** A store of functions' states cannot be used. */
public final class StateStoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    StateStoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
