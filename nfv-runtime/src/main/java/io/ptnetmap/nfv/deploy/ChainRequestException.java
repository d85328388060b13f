// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

/** A chain that runs cannot do what it was asked for; it goes on as before. */
public final class ChainRequestException extends RuntimeException {
    public ChainRequestException(String message) {
        super(message);
    }

    public ChainRequestException(String message, Throwable cause) {
        super(message, cause);
    }
}
