// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import static io.ptnetmap.nfv.api.packet.Tcp.ACK;
import static io.ptnetmap.nfv.api.packet.Tcp.FIN;
import static io.ptnetmap.nfv.api.packet.Tcp.RST;
import static io.ptnetmap.nfv.api.packet.Tcp.SYN;
import static io.ptnetmap.nfv.api.packet.Tcp.URG;

/**
 * Life of a TCP connection as seen from the middle of its path: RFC 9293 §3.3.2 for both ends at once.
 *
 * <p>The originator is the end that sent the first packet; {@code reply} tells that a packet comes from the other one. A
 * packet that leaves the state as it is was either expected or is one that its receiver answers by itself (a SYN inside an
 * open connection gets a challenge ACK, RFC 5961). Sequence numbers are not looked at.
 */
enum TcpState {
    /** No packet yet. */
    NONE,
    /** The originator sent a SYN. */
    SYN_SENT,
    /** Both ends sent a SYN that does not answer the other's. */
    SIMULTANEOUS_OPEN,
    /** A SYN was answered with SYN and ACK. */
    SYN_RECEIVED,
    /** The handshake is done, or was never seen. */
    ESTABLISHED,
    /** One end sent a FIN. */
    FIN_WAIT,
    /** That FIN was acknowledged. */
    CLOSE_WAIT,
    /** The other end sent a FIN too. */
    LAST_ACK,
    /** Both FINs were acknowledged. */
    TIME_WAIT,
    /** One end sent an RST. */
    CLOSED,
    /** Not a state: the packet cannot belong to the connection. */
    INVALID;

    private static final TcpState[] VALUES = values();

    static TcpState of(int ordinal) {
        return VALUES[ordinal];
    }

    /** Whether the flags make sense together: one of SYN, FIN, RST at most, and ACK wherever there is no SYN or RST. */
    static boolean flagsValid(int flags) {
        return switch (flags & (SYN | FIN | RST | ACK | URG)) {
            case SYN, SYN | URG, SYN | ACK, RST, RST | ACK, FIN | ACK, FIN | ACK | URG, ACK, ACK | URG -> true;
            default -> false;
        };
    }

    /** Whether a packet begins a new connection between the endpoints of this one, which has ended. */
    boolean reopenedBy(int flags, boolean reply) {
        return (flags & (SYN | ACK | RST)) == SYN && (this == TIME_WAIT || this == CLOSED && !reply);
    }

    /** The state after a packet; {@link #INVALID} where the packet has no place in this one. */
    TcpState after(int flags, boolean reply) {
        if ((flags & RST) != 0) {
            return this == NONE ? INVALID : CLOSED;
        }
        if ((flags & SYN) != 0) {
            return (flags & ACK) != 0 ? afterSynAck(reply) : afterSyn(reply);
        }
        return (flags & FIN) != 0 ? afterFin() : afterAck(reply);
    }

    private TcpState afterSyn(boolean reply) {
        return switch (this) {
            case NONE -> reply ? INVALID : SYN_SENT;
            case SYN_SENT -> reply ? SIMULTANEOUS_OPEN : SYN_SENT;
            default -> this;
        };
    }

    private TcpState afterSynAck(boolean reply) {
        return switch (this) {
            case NONE -> INVALID;
            case SYN_SENT -> reply ? SYN_RECEIVED : INVALID;
            case SIMULTANEOUS_OPEN, SYN_RECEIVED -> SYN_RECEIVED;
            default -> reply ? this : INVALID;
        };
    }

    private TcpState afterFin() {
        return switch (this) {
            case SYN_RECEIVED, ESTABLISHED -> FIN_WAIT;
            case FIN_WAIT, CLOSE_WAIT, LAST_ACK -> LAST_ACK;
            case TIME_WAIT, CLOSED -> this;
            default -> INVALID;
        };
    }

    private TcpState afterAck(boolean reply) {
        return switch (this) {
            case NONE -> reply ? INVALID : ESTABLISHED;
            case SYN_SENT, SIMULTANEOUS_OPEN -> reply ? this : INVALID;
            case SYN_RECEIVED -> reply ? SYN_RECEIVED : ESTABLISHED;
            case FIN_WAIT -> CLOSE_WAIT;
            case LAST_ACK -> TIME_WAIT;
            default -> this;
        };
    }
}
