// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.registry;

/** A jar or directory whose functions cannot be used. The message is one line that names it and says what to do. */
public final class FunctionLoadException extends RuntimeException {
    public FunctionLoadException(String message) {
        super(message);
    }

    public FunctionLoadException(String message, Throwable cause) {
        super(message, cause);
    }
}
