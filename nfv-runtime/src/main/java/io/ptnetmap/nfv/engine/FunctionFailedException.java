// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

/** A function threw where it must not. The message names it. */
public final class FunctionFailedException extends RuntimeException {
    private final String function;

    FunctionFailedException(String function, Throwable cause) {
        super("function '" + function + "' failed: " + describe(cause), cause);
        this.function = function;
    }

    /** Authors write their own exceptions for people to read; one of Java's is a mistake in the code, and its name helps. */
    private static String describe(Throwable cause) {
        boolean mistake =
                cause.getMessage() == null || cause.getClass().getName().startsWith("java.");
        return mistake ? cause.toString() : cause.getMessage();
    }

    /** The instance's name. */
    public String function() {
        return function;
    }
}
