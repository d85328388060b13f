// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * pcapng: sections, each with a byte order and interfaces of its own, made of blocks.
 *
 * <pre>
 *  0                   4                   8
 * +-------------------+-------------------+---------------------+-------------------+
 * | block type        | total length      | body, padded to 4   | total length      |
 * +-------------------+-------------------+---------------------+-------------------+
 * </pre>
 */
final class PcapngReader extends CaptureReader {
    /** Block types; the first reads the same in both byte orders. */
    static final int SECTION_HEADER = 0x0a0d0d0a;

    static final int INTERFACE_DESCRIPTION = 1;
    static final int OBSOLETE_PACKET = 2;
    static final int SIMPLE_PACKET = 3;
    static final int INTERFACE_STATISTICS = 5;
    static final int ENHANCED_PACKET = 6;

    static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    static final int VERSION_MAJOR = 1;
    static final int OPTION_END = 0;
    static final int OPTION_TSRESOL = 9;
    static final int OPTION_TSOFFSET = 14;

    /** Bytes around a block's body. */
    static final int FRAME_LENGTH = 12;

    private static final int BODY = 8;
    private static final int MAX_INTERFACES = 65_536;

    private final List<Interface> interfaces = new ArrayList<>();

    PcapngReader(CaptureInput input) {
        super(input);
    }

    @Override
    void readFileHeader() {
        nextRecord();
        readBlock((int) input.u32(0));
    }

    @Override
    boolean readRecord() {
        while (nextRecord()) {
            require(FRAME_LENGTH);
            if (readBlock((int) input.u32(0))) {
                return true;
            }
        }
        return false;
    }

    /** Reads a block; true if it holds a packet. */
    private boolean readBlock(int type) {
        if (type == SECTION_HEADER) {
            readByteOrder();
        }
        long length = input.u32(4);
        check(length >= FRAME_LENGTH && length % 4 == 0, "block length %d is impossible", length, 0);
        return switch (type) {
            case SECTION_HEADER -> {
                whole(length, 16);
                readSection();
                yield false;
            }
            case INTERFACE_DESCRIPTION -> {
                whole(length, 8);
                readInterface((int) length - 4);
                yield false;
            }
            case ENHANCED_PACKET -> {
                whole(length, 20);
                readPacket(input.u32(BODY), (int) length);
                yield true;
            }
            case OBSOLETE_PACKET -> {
                whole(length, 20);
                readPacket(input.u16(BODY), (int) length);
                yield true;
            }
            case SIMPLE_PACKET -> {
                whole(length, 4);
                readSimplePacket((int) length);
                yield true;
            }
            default -> {
                skip(length);
                yield false;
            }
        };
    }

    private void readByteOrder() {
        require(FRAME_LENGTH);
        input.order(ByteOrder.BIG_ENDIAN);
        if ((int) input.u32(BODY) != BYTE_ORDER_MAGIC) {
            input.order(ByteOrder.LITTLE_ENDIAN);
            check(
                    (int) input.u32(BODY) == BYTE_ORDER_MAGIC,
                    "byte-order magic %08x of the section is wrong",
                    input.u32(BODY),
                    0);
        }
    }

    /** Brings a block of a known type into the window; its body starts with {@code fixed} bytes of fields. */
    private void whole(long length, int fixed) {
        check(
                length >= FRAME_LENGTH + fixed,
                "block length %d is too short for its type, %d at least",
                length,
                FRAME_LENGTH + fixed);
        check(
                length <= CaptureInput.CAPACITY,
                "block length %d is beyond the limit of %d bytes",
                length,
                CaptureInput.CAPACITY);
        record((int) length);
        checkTrailer(length, input.u32((int) length - 4));
    }

    /** Passes over a block of another type, however long. */
    private void skip(long length) {
        if (!input.skip(length - 4) || !input.available(4)) {
            throw truncated(length);
        }
        checkTrailer(length, input.u32(0));
        input.skip(4);
    }

    private void checkTrailer(long length, long trailer) {
        check(length == trailer, "block length %d at its start and %d at its end do not match", length, trailer);
    }

    private void readSection() {
        int major = input.u16(12);
        check(major == VERSION_MAJOR, "version %d of the format is unknown; %d is expected", major, VERSION_MAJOR);
        interfaces.clear();
    }

    private void readInterface(int end) {
        check(interfaces.size() < MAX_INTERFACES, "more than %d interfaces", MAX_INTERFACES, 0);
        int resolution = TimestampPrecision.MICRO.decimals();
        long offset = 0;
        int at = 16;
        while (at + 4 <= end && input.u16(at) != OPTION_END) {
            int code = input.u16(at);
            int length = input.u16(at + 2);
            at += 4;
            check(at + length <= end, "option %d of %d bytes goes beyond its block", code, length);
            if (code == OPTION_TSRESOL && length >= 1) {
                resolution = input.u8(at);
            } else if (code == OPTION_TSOFFSET && length >= 8) {
                offset = input.i64(at);
            }
            at += length + 3 & ~3;
        }
        interfaces.add(
                new Interface(input.u16(BODY), limit(input.u32(12)), new TimestampResolution(resolution, offset)));
    }

    private void readPacket(long interfaceId, int blockLength) {
        Interface from = ethernet(interfaceId);
        long captured = input.u32(20);
        checkCaptured(captured, from, blockLength - FRAME_LENGTH - 20);
        long timestamp = input.u32(12) << 32 | input.u32(16);
        packet(from.resolution.toNanos(timestamp), captured, input.u32(24), 28);
    }

    /** The block without a captured length: as much of the packet as the interface's limit allows. */
    private void readSimplePacket(int blockLength) {
        Interface from = ethernet(0);
        long original = input.u32(BODY);
        long captured = Math.min(original, from.snaplen);
        checkCaptured(captured, from, blockLength - FRAME_LENGTH - 4);
        packet(0, captured, original, 12);
    }

    private Interface ethernet(long id) {
        check(id < interfaces.size(), "interface %d is not described; the section has %d", id, interfaces.size());
        Interface from = interfaces.get((int) id);
        check(from.linkType == ETHERNET, "link type %d is not Ethernet (%d)", from.linkType, ETHERNET);
        return from;
    }

    private void checkCaptured(long captured, Interface from, int room) {
        check(
                captured <= from.snaplen,
                "captured length %d is beyond the interface's limit of %d bytes",
                captured,
                from.snaplen);
        check(captured <= room, "captured length %d does not fit the block's %d bytes", captured, room);
    }

    private record Interface(int linkType, long snaplen, TimestampResolution resolution) {}
}
