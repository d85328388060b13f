// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import java.nio.ByteOrder;

/** The classic format: a header of 24 bytes, then records of a 16-byte header and the packet's bytes. */
final class PcapReader extends CaptureReader {
    static final int MAGIC_MICRO = 0xa1b2c3d4;
    static final int MAGIC_NANO = 0xa1b23c4d;
    static final int VERSION_MAJOR = 2;
    static final int VERSION_MINOR = 4;
    static final int FILE_HEADER_LENGTH = 24;
    static final int RECORD_HEADER_LENGTH = 16;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private int unitNanos;
    private long snaplen;

    PcapReader(CaptureInput input) {
        super(input);
    }

    /** Whether a file with these first four bytes, as a big-endian number, is one. */
    static boolean isMagic(int magic) {
        return isBigEndian(magic) || isBigEndian(Integer.reverseBytes(magic));
    }

    private static boolean isBigEndian(int magic) {
        return magic == MAGIC_MICRO || magic == MAGIC_NANO;
    }

    @Override
    void readFileHeader() {
        if (!input.available(FILE_HEADER_LENGTH)) {
            throw new CaptureException(input.file() + ": the file ends after " + input.available() + " of "
                    + FILE_HEADER_LENGTH + " bytes of its header");
        }
        input.order(ByteOrder.BIG_ENDIAN);
        input.order(isBigEndian((int) input.u32(0)) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        unitNanos =
                (int) input.u32(0) == MAGIC_NANO ? TimestampPrecision.NANO.nanos() : TimestampPrecision.MICRO.nanos();
        int major = input.u16(4);
        if (major != VERSION_MAJOR) {
            throw new CaptureException(input.file() + ": byte 4: version " + major + "." + input.u16(6)
                    + " of the format is unknown; " + VERSION_MAJOR + "." + VERSION_MINOR + " is expected");
        }
        snaplen = limit(input.u32(16));
        long linkType = input.u32(20) & 0xffff;
        if (linkType != ETHERNET) {
            throw new CaptureException(
                    input.file() + ": byte 20: link type " + linkType + " is not Ethernet (" + ETHERNET + ")");
        }
        input.skip(FILE_HEADER_LENGTH);
    }

    @Override
    boolean readRecord() {
        if (!nextRecord()) {
            return false;
        }
        require(RECORD_HEADER_LENGTH);
        long captured = input.u32(8);
        check(captured <= snaplen, "captured length %d is beyond the file's limit of %d bytes", captured, snaplen);
        record(RECORD_HEADER_LENGTH + (int) captured);
        long nanos = input.u32(0) * NANOS_PER_SECOND + input.u32(4) * unitNanos;
        packet(nanos, captured, input.u32(12), RECORD_HEADER_LENGTH);
        return true;
    }
}
