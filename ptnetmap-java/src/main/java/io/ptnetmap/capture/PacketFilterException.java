// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

/** An expression that is no packet filter, or a program that must not run as one. The message says what is wrong with it. */
public final class PacketFilterException extends RuntimeException {
    PacketFilterException(String message) {
        super(message);
    }
}
