// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

/** A function threw where it must not. The message names it. */
public final class FunctionFailedException extends RuntimeException {
    private final String function;

    FunctionFailedException(String function, Throwable cause) {
        super("function '" + function + "' failed: " + cause, cause);
        this.function = function;
    }

    /** The instance's name. */
    public String function() {
        return function;
    }
}
