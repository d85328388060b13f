// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

/** What pkt-gen does with a port. */
public enum Role {
    /** Sends. */
    TX(true),
    /** Receives, and counts. */
    RX(false),
    /** Sends, waits for what comes back, and measures how long that takes. */
    PING(true),
    /** Sends back what comes. */
    PONG(false),
    /** Sends numbered packets. */
    TXSEQ(true),
    /** Receives numbered packets, and tells which are missing or out of order. */
    RXSEQ(false);

    private final boolean sends;

    Role(boolean sends) {
        this.sends = sends;
    }

    /** Whether its figures are of packets sent. */
    boolean sends() {
        return sends;
    }

    boolean needsTx() {
        return this != RX && this != RXSEQ;
    }

    boolean needsRx() {
        return this != TX && this != TXSEQ;
    }
}
