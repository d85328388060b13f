// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

/** The node has nothing of the name that was given, or too much. */
final class NoSuchThingException extends RuntimeException {
    NoSuchThingException(String message) {
        super(message);
    }
}
