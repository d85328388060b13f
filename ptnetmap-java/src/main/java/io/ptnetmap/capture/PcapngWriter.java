// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** pcapng with one section, one interface, and enhanced packet blocks. */
final class PcapngWriter extends CaptureWriter {
    private static final int OPTION_USER_APPLICATION = 4;
    private static final byte[] APPLICATION = "ptnetmap".getBytes(StandardCharsets.US_ASCII);
    private static final int PACKET_FIELDS = 20;

    private final int unitNanos;

    PcapngWriter(Path file, TimestampPrecision precision, int snaplen) {
        super(file, snaplen);
        unitNanos = precision.nanos();
        writeSectionHeader();
        writeInterface(precision, snaplen);
    }

    private void writeSectionHeader() {
        int length = PcapngReader.FRAME_LENGTH + 16 + 4 + APPLICATION.length + 4;
        buffer.putInt(PcapngReader.SECTION_HEADER).putInt(length);
        buffer.putInt(PcapngReader.BYTE_ORDER_MAGIC);
        buffer.putShort((short) PcapngReader.VERSION_MAJOR).putShort((short) 0);
        buffer.putLong(-1);
        buffer.putShort((short) OPTION_USER_APPLICATION).putShort((short) APPLICATION.length);
        buffer.put(APPLICATION);
        buffer.putInt(PcapngReader.OPTION_END).putInt(length);
    }

    private void writeInterface(TimestampPrecision precision, int snaplen) {
        int length = PcapngReader.FRAME_LENGTH + 8 + 8 + 4;
        buffer.putInt(PcapngReader.INTERFACE_DESCRIPTION).putInt(length);
        buffer.putInt(CaptureReader.ETHERNET).putInt(snaplen);
        buffer.putShort((short) PcapngReader.OPTION_TSRESOL).putShort((short) 1);
        buffer.putInt(precision.decimals());
        buffer.putInt(PcapngReader.OPTION_END).putInt(length);
    }

    @Override
    void beginRecord(long timestampNanos, int captured, int original) {
        long timestamp = timestampNanos / unitNanos;
        buffer.putInt(PcapngReader.ENHANCED_PACKET).putInt(blockLength(captured));
        buffer.putInt(0);
        buffer.putInt((int) (timestamp >>> 32)).putInt((int) timestamp);
        buffer.putInt(captured).putInt(original);
    }

    @Override
    void endRecord(int captured) {
        for (int i = captured; i < padded(captured); i++) {
            buffer.put((byte) 0);
        }
        buffer.putInt(blockLength(captured));
    }

    private static int blockLength(int captured) {
        return PcapngReader.FRAME_LENGTH + PACKET_FIELDS + padded(captured);
    }

    private static int padded(int length) {
        return length + 3 & ~3;
    }
}
