// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import java.nio.file.Path;

/** The classic format. Its seconds have 32 bits, unsigned: until 2106. */
final class PcapWriter extends CaptureWriter {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final int unitNanos;

    PcapWriter(Path file, TimestampPrecision precision, int snaplen) {
        super(file, snaplen);
        unitNanos = precision.nanos();
        buffer.putInt(precision == TimestampPrecision.NANO ? PcapReader.MAGIC_NANO : PcapReader.MAGIC_MICRO);
        buffer.putShort((short) PcapReader.VERSION_MAJOR).putShort((short) PcapReader.VERSION_MINOR);
        buffer.putLong(0).putInt(snaplen).putInt(CaptureReader.ETHERNET);
    }

    @Override
    void beginRecord(long timestampNanos, int captured, int original) {
        buffer.putInt((int) Math.floorDiv(timestampNanos, NANOS_PER_SECOND));
        buffer.putInt((int) Math.floorMod(timestampNanos, NANOS_PER_SECOND) / unitNanos);
        buffer.putInt(captured).putInt(original);
    }

    @Override
    void endRecord(int captured) {}
}
