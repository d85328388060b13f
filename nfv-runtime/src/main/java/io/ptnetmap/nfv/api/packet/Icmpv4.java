// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.nfv.api.Packet;

/**
 * ICMP header (RFC 792).
 *
 * <pre>
 *   0      1      2          4              6          8
 *   +------+------+----------+--------------+----------+
 *   | type | code | checksum | identifier   | sequence |   queries
 *   |      |      |          | unused       | next MTU |   errors, then the quoted datagram
 *   +------+------+----------+--------------+----------+
 * </pre>
 */
public final class Icmpv4 extends Icmp {
    /** The MTU of the next hop, in "fragmentation needed" (RFC 1191 §4). */
    public static final int MTU_OFFSET = 6;
    /** Bytes of the header. */
    public static final int HEADER_LENGTH = 8;

    public static final int ECHO_REPLY = 0;
    public static final int DESTINATION_UNREACHABLE = 3;
    public static final int SOURCE_QUENCH = 4;
    public static final int REDIRECT = 5;
    public static final int ECHO_REQUEST = 8;
    public static final int TIME_EXCEEDED = 11;
    public static final int PARAMETER_PROBLEM = 12;
    public static final int TIMESTAMP_REQUEST = 13;
    public static final int TIMESTAMP_REPLY = 14;

    /** Types with an identifier, as bits: echo, timestamp, and the obsolete information and address mask pairs. */
    private static final int QUERIES = 1 << ECHO_REPLY
            | 1 << ECHO_REQUEST
            | 1 << TIMESTAMP_REQUEST
            | 1 << TIMESTAMP_REPLY
            | 1 << 15
            | 1 << 16
            | 1 << 17
            | 1 << 18;

    private static final int ERRORS = 1 << DESTINATION_UNREACHABLE
            | 1 << SOURCE_QUENCH
            | 1 << REDIRECT
            | 1 << TIME_EXCEEDED
            | 1 << PARAMETER_PROBLEM;

    @Override
    public boolean wrap(Packet packet, int offset) {
        return place(packet, offset, HEADER_LENGTH);
    }

    /** Whether messages of this type are requests or replies, with an identifier. */
    public static boolean isQuery(int type) {
        return type < 32 && (1 << type & QUERIES) != 0;
    }

    /** Whether messages of this type are requests: the {@linkplain #isQuery queries} that ask. */
    public static boolean isRequest(int type) {
        return type == ECHO_REQUEST || isQuery(type) && (type & 1) != 0;
    }

    /** Whether messages of this type report an error about the datagram that they quote behind the header. */
    public static boolean isError(int type) {
        return type < 32 && (1 << type & ERRORS) != 0;
    }

    @Override
    public int headerLength() {
        return HEADER_LENGTH;
    }

    /** Bytes, of "destination unreachable, fragmentation needed". */
    public int mtu() {
        return u16(MTU_OFFSET);
    }

    public void mtu(int bytes) {
        u16(MTU_OFFSET, bytes);
    }
}
