// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

/** What a contender is made of is not here, or does not work here. The message says what and why, in a line. */
final class MissingException extends RuntimeException {
    MissingException(String message) {
        super(message);
    }
}
