// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.nfv.api.Packet;

/**
 * UDP header (RFC 768).
 *
 * <pre>
 *   0             2                  4        6          8
 *   +-------------+------------------+--------+----------+
 *   | source port | destination port | length | checksum |
 *   +-------------+------------------+--------+----------+
 * </pre>
 */
public final class Udp extends HeaderView {
    public static final int SOURCE_PORT_OFFSET = 0;
    public static final int DESTINATION_PORT_OFFSET = 2;
    public static final int LENGTH_OFFSET = 4;
    public static final int CHECKSUM_OFFSET = 6;
    /** Bytes of the header. */
    public static final int HEADER_LENGTH = 8;

    /** {@inheritDoc} The length field must not be less than the header's; it may exceed the packet in a first fragment. */
    @Override
    public boolean wrap(Packet packet, int offset) {
        return place(packet, offset, HEADER_LENGTH) && length() >= HEADER_LENGTH;
    }

    @Override
    public int headerLength() {
        return HEADER_LENGTH;
    }

    /** 0 to 65,535. */
    public int sourcePort() {
        return u16(SOURCE_PORT_OFFSET);
    }

    public void sourcePort(int port) {
        u16(SOURCE_PORT_OFFSET, port);
    }

    /** 0 to 65,535. */
    public int destinationPort() {
        return u16(DESTINATION_PORT_OFFSET);
    }

    public void destinationPort(int port) {
        u16(DESTINATION_PORT_OFFSET, port);
    }

    /** Bytes of the datagram, this header included. */
    public int length() {
        return u16(LENGTH_OFFSET);
    }

    /** Voids the check. */
    public void length(int bytes) {
        u16(LENGTH_OFFSET, bytes);
    }

    /** 0 = the sender computed none. */
    public int checksum() {
        return u16(CHECKSUM_OFFSET);
    }

    public void checksum(int checksum) {
        u16(CHECKSUM_OFFSET, checksum);
    }
}
