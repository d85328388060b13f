// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import java.nio.file.Path;

/** pcapng with one section, one interface, and enhanced packet blocks. */
final class PcapngWriter extends CaptureWriter {
    private final int unitNanos;

    PcapngWriter(Path file, TimestampPrecision precision, int snaplen) {
        super(file, snaplen);
        unitNanos = precision.nanos();
        PcapngBlocks.section(buffer);
        PcapngBlocks.interfaceOf(buffer, precision, snaplen);
    }

    @Override
    void beginRecord(long timestampNanos, int captured, int original) {
        PcapngBlocks.beginPacket(buffer, timestampNanos / unitNanos, captured, original, false);
    }

    @Override
    void endRecord(int captured) {
        PcapngBlocks.endPacket(buffer, captured);
    }
}
