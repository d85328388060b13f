// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes blocks of pcapng into a little-endian buffer, which must have room for them. */
final class PcapngBlocks {
    private static final int OPTION_USER_APPLICATION = 4;
    private static final int OPTION_INTERFACE_NAME = 2;
    private static final int OPTION_INTERFACE_DESCRIPTION = 3;
    private static final int OPTION_FILTER = 11;
    private static final int OPTION_PACKET_FLAGS = 2;
    private static final int OPTION_RECEIVED = 4;
    private static final int OPTION_INTERFACE_DROPPED = 5;
    private static final int OPTION_FILTER_ACCEPTED = 6;

    private static final int OPTION_HEADER = 4;
    private static final byte[] APPLICATION = "ptnetmap".getBytes(StandardCharsets.US_ASCII);
    private static final int PACKET_FIELDS = 20;
    private static final int FLAGS_LENGTH = OPTION_HEADER + Integer.BYTES + OPTION_HEADER;

    /** More than any block has besides a packet's bytes and the texts that it is given. */
    static final int MAX_OVERHEAD = 128;

    private PcapngBlocks() {}

    static void section(ByteBuffer to) {
        int block = begin(to, PcapngReader.SECTION_HEADER);
        to.putInt(PcapngReader.BYTE_ORDER_MAGIC);
        to.putShort((short) PcapngReader.VERSION_MAJOR).putShort((short) 0);
        to.putLong(-1);
        option(to, OPTION_USER_APPLICATION, APPLICATION);
        endOptions(to, block);
    }

    static void interfaceOf(ByteBuffer to, TimestampPrecision precision, int snaplen) {
        int block = beginInterface(to, snaplen);
        option(to, PcapngReader.OPTION_TSRESOL, new byte[] {(byte) precision.decimals()});
        endOptions(to, block);
    }

    /** With nanoseconds. */
    static void interfaceOf(ByteBuffer to, int snaplen, String name, String description, String filter) {
        int block = beginInterface(to, snaplen);
        option(to, OPTION_INTERFACE_NAME, name.getBytes(StandardCharsets.UTF_8));
        option(to, OPTION_INTERFACE_DESCRIPTION, description.getBytes(StandardCharsets.UTF_8));
        option(to, PcapngReader.OPTION_TSRESOL, new byte[] {(byte) TimestampPrecision.NANO.decimals()});
        if (!filter.isEmpty()) {
            // The first byte tells that it is an expression rather than a program.
            option(to, OPTION_FILTER, ("\0" + filter).getBytes(StandardCharsets.UTF_8));
        }
        endOptions(to, block);
    }

    private static int beginInterface(ByteBuffer to, int snaplen) {
        int block = begin(to, PcapngReader.INTERFACE_DESCRIPTION);
        to.putInt(CaptureReader.ETHERNET).putInt(snaplen);
        return block;
    }

    /** What stands before a packet's bytes, {@code captured} of which follow; {@link #endPacket} comes after them. */
    static void beginPacket(ByteBuffer to, long timestamp, int captured, int original, boolean flags) {
        to.putInt(PcapngReader.ENHANCED_PACKET).putInt(packetLength(captured, flags));
        to.putInt(0);
        to.putInt((int) (timestamp >>> 32)).putInt((int) timestamp);
        to.putInt(captured).putInt(original);
    }

    static void endPacket(ByteBuffer to, int captured) {
        pad(to, captured);
        to.putInt(packetLength(captured, false));
    }

    /** @param flags of the packet: see {@code epb_flags} */
    static void endPacket(ByteBuffer to, int captured, int flags) {
        pad(to, captured);
        to.putShort((short) OPTION_PACKET_FLAGS).putShort((short) Integer.BYTES).putInt(flags);
        to.putInt(PcapngReader.OPTION_END).putInt(packetLength(captured, true));
    }

    /** @param timestamp when these were the figures */
    static void statistics(ByteBuffer to, long timestamp, long received, long accepted, long dropped) {
        int block = begin(to, PcapngReader.INTERFACE_STATISTICS);
        to.putInt(0);
        to.putInt((int) (timestamp >>> 32)).putInt((int) timestamp);
        number(to, OPTION_RECEIVED, received);
        number(to, OPTION_INTERFACE_DROPPED, dropped);
        number(to, OPTION_FILTER_ACCEPTED, accepted);
        endOptions(to, block);
    }

    private static int begin(ByteBuffer to, int type) {
        int at = to.position();
        to.putInt(type).putInt(0);
        return at;
    }

    private static void endOptions(ByteBuffer to, int block) {
        to.putInt(PcapngReader.OPTION_END);
        int length = to.position() - block + Integer.BYTES;
        to.putInt(length).putInt(block + Integer.BYTES, length);
    }

    private static void option(ByteBuffer to, int code, byte[] value) {
        to.putShort((short) code).putShort((short) value.length).put(value);
        pad(to, value.length);
    }

    private static void number(ByteBuffer to, int code, long value) {
        to.putShort((short) code).putShort((short) Long.BYTES).putLong(value);
    }

    private static int packetLength(int captured, boolean flags) {
        return PcapngReader.FRAME_LENGTH + PACKET_FIELDS + padded(captured) + (flags ? FLAGS_LENGTH : 0);
    }

    private static void pad(ByteBuffer to, int length) {
        for (int i = length; i < padded(length); i++) {
            to.put((byte) 0);
        }
    }

    private static int padded(int length) {
        return length + 3 & ~3;
    }
}
