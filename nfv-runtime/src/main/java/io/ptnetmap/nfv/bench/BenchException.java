// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

/** A measurement that came to nothing: a process died, or packets were lost. The message is one line for people. */
public final class BenchException extends RuntimeException {
    BenchException(String message) {
        super(message);
    }

    BenchException(String message, Throwable cause) {
        super(message, cause);
    }
}
