// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.telemetry;

/**
 * The proof that no packet vanished or appeared: what came in equals what went out.
 *
 * @param received packets that entered the chain at its ends
 * @param created packets made by sources and functions
 * @param sent packets that left the chain through ports at its ends
 * @param dropped packets dropped, for any cause
 * @param consumed packets that ended in sinks and functions
 * @param held packets still inside
 */
public record Conservation(long received, long created, long sent, long dropped, long consumed, long held) {
    /** That of a chain in which no packet has been yet. */
    public static final Conservation NONE = new Conservation(0, 0, 0, 0, 0, 0);

    /** The accounts of two parts of a chain in one. */
    public Conservation plus(Conservation other) {
        return new Conservation(
                received + other.received,
                created + other.created,
                sent + other.sent,
                dropped + other.dropped,
                consumed + other.consumed,
                held + other.held);
    }

    /** The same accounts with another number of packets still inside. */
    public Conservation withHeld(long packets) {
        return new Conservation(received, created, sent, dropped, consumed, packets);
    }

    /** Packets that cannot be explained; 0 when conservation holds. */
    public long unaccounted() {
        return received + created - sent - dropped - consumed - held;
    }

    /** Whether the accounts balance exactly. */
    public boolean holds() {
        return unaccounted() == 0;
    }
}
