// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.nfv.api.Packet;

/**
 * TCP header (RFC 9293 §3.1).
 *
 * <pre>
 *   0              4               8               16             32
 *   +--------------+---------------+---------------+--------------+  bits
 *   |          source port         |       destination port       |
 *   +------------------------------+------------------------------+
 *   |                       sequence number                       |
 *   +-------------------------------------------------------------+
 *   |                    acknowledgment number                    |
 *   +-----------+---------+--------+------------------------------+
 *   |data offset|reserved | flags  |            window            |
 *   +-----------+---------+--------+------------------------------+
 *   |           checksum           |        urgent pointer        |
 *   +------------------------------+------------------------------+
 *   |                    options, 0 to 40 bytes                   |
 *   +-------------------------------------------------------------+
 * </pre>
 */
public final class Tcp extends HeaderView {
    public static final int SOURCE_PORT_OFFSET = 0;
    public static final int DESTINATION_PORT_OFFSET = 2;
    public static final int SEQUENCE_OFFSET = 4;
    public static final int ACKNOWLEDGMENT_OFFSET = 8;
    public static final int DATA_OFFSET = 12;
    public static final int FLAGS_OFFSET = 13;
    public static final int WINDOW_OFFSET = 14;
    public static final int CHECKSUM_OFFSET = 16;
    public static final int URGENT_OFFSET = 18;
    public static final int OPTIONS_OFFSET = 20;
    /** Bytes of a header without options. */
    public static final int MIN_HEADER_LENGTH = 20;

    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int URG = 0x20;
    public static final int ECE = 0x40;
    public static final int CWR = 0x80;

    @Override
    public boolean wrap(Packet packet, int offset) {
        return place(packet, offset, MIN_HEADER_LENGTH)
                && headerLength() >= MIN_HEADER_LENGTH
                && place(packet, offset, headerLength());
    }

    @Override
    public int headerLength() {
        return (u8(DATA_OFFSET) >>> 4) * 4;
    }

    /** Sets the data offset, in bytes: a multiple of 4, 20 to 60. Voids the check. */
    public void headerLength(int bytes) {
        u8(DATA_OFFSET, bytes << 2 | u8(DATA_OFFSET) & 0xf);
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

    /** Sequence number, an unsigned 32-bit value. */
    public int sequence() {
        return i32(SEQUENCE_OFFSET);
    }

    public void sequence(int number) {
        i32(SEQUENCE_OFFSET, number);
    }

    /** Acknowledgment number, an unsigned 32-bit value. */
    public int acknowledgment() {
        return i32(ACKNOWLEDGMENT_OFFSET);
    }

    public void acknowledgment(int number) {
        i32(ACKNOWLEDGMENT_OFFSET, number);
    }

    /** {@link #FIN}, {@link #SYN}, {@link #RST}, ... */
    public int flags() {
        return u8(FLAGS_OFFSET);
    }

    public void flags(int flags) {
        u8(FLAGS_OFFSET, flags);
    }

    /** Window, unscaled. */
    public int window() {
        return u16(WINDOW_OFFSET);
    }

    public void window(int window) {
        u16(WINDOW_OFFSET, window);
    }

    /** Over pseudo header, header and data (RFC 9293 §3.1), 0 to 65,535. */
    public int checksum() {
        return u16(CHECKSUM_OFFSET);
    }

    public void checksum(int checksum) {
        u16(CHECKSUM_OFFSET, checksum);
    }

    /** Bytes from the sequence number to the end of urgent data, 0 to 65,535. */
    public int urgentPointer() {
        return u16(URGENT_OFFSET);
    }

    public void urgentPointer(int pointer) {
        u16(URGENT_OFFSET, pointer);
    }
}
