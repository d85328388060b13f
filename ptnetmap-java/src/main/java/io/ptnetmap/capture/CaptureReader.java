// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import io.ptnetmap.memory.Memory;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Reads the packets of a pcap or pcapng file, one after the other.
 *
 * <p>Only Ethernet. Nothing in a file is trusted: whatever it holds, a call either succeeds or throws one {@link
 * CaptureException} that names the file, the packet (from 1) and the byte where its record starts, and no length in it makes the
 * reader allocate. Reading allocates nothing per packet. Single-threaded.
 */
public abstract sealed class CaptureReader implements AutoCloseable permits PcapReader, PcapngReader {
    /** Longest packet in a capture file, in bytes. */
    public static final int MAX_PACKET_LENGTH = 262_144;

    static final int ETHERNET = 1;

    final CaptureInput input;

    private long packets;
    private long recordOffset;
    private int recordLength;
    private long timestampNanos;
    private int length;
    private int originalLength;
    private int dataIndex;

    CaptureReader(CaptureInput input) {
        this.input = input;
    }

    /**
     * Opens a file and reads its header.
     *
     * @throws CaptureException if it cannot be read, is no capture, or a compressed one
     */
    public static CaptureReader open(Path file) {
        CaptureInput input = new CaptureInput(file);
        try {
            CaptureReader reader = forFormat(input);
            reader.readFileHeader();
            return reader;
        } catch (CaptureException e) {
            input.close();
            throw e;
        }
    }

    private static CaptureReader forFormat(CaptureInput input) {
        if (!input.available(4)) {
            throw new CaptureException(input.file() + ": " + input.available()
                    + " bytes are no capture file: pcap and pcapng have longer headers");
        }
        int magic = (int) input.u32(0);
        if (PcapReader.isMagic(magic)) {
            return new PcapReader(input);
        }
        if (magic == PcapngReader.SECTION_HEADER) {
            return new PcapngReader(input);
        }
        throw new CaptureException(String.format(
                "%s: byte 0: magic %08x is neither pcap's nor pcapng's%s", input.file(), magic, compression(magic)));
    }

    private static String compression(int magic) {
        if (magic >>> 16 == 0x1f8b) {
            return "; it is compressed: run gunzip first";
        }
        return magic == 0x28b52ffd ? "; it is compressed: run unzstd first" : "";
    }

    /** Moves to the next packet; false at the end of the file. */
    public final boolean next() {
        boolean found = readRecord();
        if (found) {
            packets++;
        }
        return found;
    }

    /** Back to before the first packet. The file must be seekable. */
    public final void rewind() {
        input.rewind();
        packets = 0;
        recordLength = 0;
        readFileHeader();
    }

    /** Packets read since the beginning of the file. */
    public final long packets() {
        return packets;
    }

    /** When the packet was captured, nanoseconds since the epoch; 0 where the file does not tell. */
    public final long timestampNanos() {
        return timestampNanos;
    }

    /** Bytes of the packet that are in the file, 0 to {@link #MAX_PACKET_LENGTH}. */
    public final int length() {
        return length;
    }

    /** Bytes that the packet had when it was captured. */
    public final int originalLength() {
        return originalLength;
    }

    /** Where the packet's bytes are, from {@link #arrayOffset()} on, until the next call of {@link #next}. Not to be written. */
    public final byte[] array() {
        return input.array();
    }

    /** Index of the packet's first byte in {@link #array()}. */
    public final int arrayOffset() {
        return dataIndex;
    }

    /**
     * Copies bytes of the packet to a native address, which is not checked.
     *
     * @param offset of the first one in the packet; with {@code count} within {@link #length()}
     */
    public final void copyTo(int offset, long address, int count) {
        Objects.checkFromIndexSize(offset, count, length);
        Memory.copy(input.array(), dataIndex + offset, address, count);
    }

    @Override
    public final void close() {
        input.close();
    }

    abstract void readFileHeader();

    /** Finds the next packet, checks it and tells {@link #packet} about it; false at the end of the file. */
    abstract boolean readRecord();

    /** Leaves the present record behind; false where the file ends there. */
    final boolean nextRecord() {
        input.skip(recordLength);
        recordLength = 0;
        recordOffset = input.offset();
        return input.available(1);
    }

    /** Makes sure that the window holds the whole of the present record. */
    final void record(int bytes) {
        require(bytes);
        recordLength = bytes;
    }

    /** The packet that {@link #readRecord} found: its bytes start {@code dataAt} bytes into the present record. */
    final void packet(long nanos, long captured, long original, int dataAt) {
        timestampNanos = nanos;
        length = (int) captured;
        originalLength = (int) Math.min(original, Integer.MAX_VALUE);
        dataIndex = input.index() + dataAt;
    }

    /** The longest packet that a file may hold whose header states this limit; 0 means none. */
    static long limit(long snaplen) {
        return snaplen == 0 ? MAX_PACKET_LENGTH : Math.min(snaplen, MAX_PACKET_LENGTH);
    }

    /** Throws unless something holds of the present record; the problem's text may show two numbers. */
    final void check(boolean holds, String problem, long first, long second) {
        if (!holds) {
            throw failure(String.format(problem, first, second));
        }
    }

    /** Makes sure that {@code count} bytes of the present record are in the window. */
    final void require(int count) {
        if (!input.available(count)) {
            throw truncated(count);
        }
    }

    /** The file ends within the present record. */
    final CaptureException truncated(long wanted) {
        long present = input.offset() + input.available() - recordOffset;
        return failure("the file ends after " + present + " of the record's " + wanted + " bytes");
    }

    final CaptureException failure(String problem) {
        return new CaptureException(
                input.file() + ": packet " + (packets + 1) + " at byte " + recordOffset + ": " + problem);
    }
}
