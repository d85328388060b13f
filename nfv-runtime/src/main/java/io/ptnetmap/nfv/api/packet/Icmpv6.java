// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.nfv.api.Packet;

/**
 * ICMPv6 header (RFC 4443 §2.1). A few messages end after its four bytes; the check asks for eight where the type has
 * them: errors and echo.
 *
 * <pre>
 *   0      1      2          4              6          8
 *   +------+------+----------+--------------+----------+
 *   | type | code | checksum |  identifier  | sequence |   echo
 *   |      |      |          |      MTU, pointer, 0    |   errors, then the quoted packet
 *   +------+------+----------+-------------------------+
 * </pre>
 */
public final class Icmpv6 extends Icmp {
    public static final int MTU_OFFSET = 4;
    /** Bytes that every message has. */
    public static final int MIN_HEADER_LENGTH = 4;
    /** Bytes before the payload of echo and error messages. */
    public static final int HEADER_LENGTH = 8;

    public static final int DESTINATION_UNREACHABLE = 1;
    public static final int PACKET_TOO_BIG = 2;
    public static final int TIME_EXCEEDED = 3;
    public static final int PARAMETER_PROBLEM = 4;
    public static final int ECHO_REQUEST = 128;
    public static final int ECHO_REPLY = 129;
    public static final int ROUTER_SOLICITATION = 133;
    public static final int ROUTER_ADVERTISEMENT = 134;
    public static final int NEIGHBOR_SOLICITATION = 135;
    public static final int NEIGHBOR_ADVERTISEMENT = 136;

    @Override
    public boolean wrap(Packet packet, int offset) {
        return place(packet, offset, MIN_HEADER_LENGTH) && place(packet, offset, headerLength());
    }

    /** Whether messages of this type are echo requests or replies, with an identifier. */
    public static boolean isQuery(int type) {
        return type == ECHO_REQUEST || type == ECHO_REPLY;
    }

    /** Whether messages of this type report an error about the packet that they quote behind the header. */
    public static boolean isError(int type) {
        return type < 128;
    }

    /** Bytes before the payload: 8 for echo and errors, else 4. */
    static int headerLength(int type) {
        return isError(type) || isQuery(type) ? HEADER_LENGTH : MIN_HEADER_LENGTH;
    }

    @Override
    public int headerLength() {
        return headerLength(type());
    }

    /** Bytes, of {@link #PACKET_TOO_BIG} only; an unsigned 32-bit value. */
    public int mtu() {
        return i32(MTU_OFFSET);
    }

    public void mtu(int bytes) {
        i32(MTU_OFFSET, bytes);
    }
}
