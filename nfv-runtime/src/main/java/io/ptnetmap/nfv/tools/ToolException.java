// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools;

/** A tool cannot do what it was asked to; the message says why and what to do instead. */
public final class ToolException extends RuntimeException {
    public ToolException(String message) {
        super(message);
    }

    public ToolException(String message, Throwable cause) {
        super(message, cause);
    }

    /** @throws ToolException with this message unless something {@code holds} */
    public static void require(boolean holds, String problem) {
        if (!holds) {
            throw new ToolException(problem);
        }
    }
}
