// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import io.ptnetmap.memory.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes packets into a pcap or pcapng file of Ethernet, little endian.
 *
 * <p>Packets are copied from their buffers into a large buffer, which goes to the file when it is full, at {@link #flush()} and
 * at {@link #close()}. Writing allocates nothing per packet. Every method may throw {@link CaptureException}. Single-threaded.
 */
public abstract sealed class CaptureWriter implements AutoCloseable permits PcapWriter, PcapngWriter {
    private static final int BUFFER_SIZE = 1 << 20;

    /** More than any record needs besides the packet's bytes. */
    private static final int MAX_OVERHEAD = 64;

    final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE).order(ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final FileChannel channel;
    private final int snaplen;
    /** Bytes to be written of the packet at hand, and those of them that have not come yet. */
    private int captured;

    private int missing;
    private long packets;
    private long bytes;

    CaptureWriter(Path file, int snaplen) {
        this.file = file;
        this.snaplen = snaplen;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new CaptureException(file, "created", e);
        }
    }

    /**
     * Creates a file, or empties one that exists, and writes its header.
     *
     * @param snaplen most bytes to be written of each packet, 1 to {@link CaptureReader#MAX_PACKET_LENGTH}
     */
    public static CaptureWriter create(Path file, CaptureFormat format, TimestampPrecision precision, int snaplen) {
        CaptureWriter writer = switch (format) {
            case PCAP -> new PcapWriter(file, precision, snaplen);
            case PCAPNG -> new PcapngWriter(file, precision, snaplen);
        };
        writer.flush();
        return writer;
    }

    /**
     * Writes a packet that lies in one piece.
     *
     * @param address of its first byte, which is not checked
     * @param present bytes there
     * @param original bytes that it has, or had
     * @param timestampNanos nanoseconds since the epoch
     */
    public final void write(long address, int present, int original, long timestampNanos) {
        begin(present, original, timestampNanos);
        append(address, present);
        end();
    }

    /**
     * Begins a packet whose pieces follow by {@link #append}.
     *
     * @param present bytes that will follow, at most 2<sup>19</sup>; those beyond the file's snaplen are left out
     */
    public final void begin(int present, int original, long timestampNanos) {
        captured = Math.min(present, snaplen);
        missing = captured;
        if (buffer.remaining() < captured + MAX_OVERHEAD) {
            flush();
        }
        beginRecord(timestampNanos, captured, original);
    }

    /** The packet's next piece, at an address that is not checked. */
    public final void append(long address, int length) {
        int count = Math.min(length, missing);
        int position = buffer.position();
        Memory.copy(address, buffer.array(), position, count);
        buffer.position(position + count);
        missing -= count;
    }

    /** Ends a packet. */
    public final void end() {
        if (missing != 0) {
            throw new IllegalStateException(missing + " bytes of the packet have not been appended");
        }
        endRecord(captured);
        packets++;
        bytes += captured;
    }

    /** Packets written so far. */
    public final long packets() {
        return packets;
    }

    /** Bytes of packets written so far, without headers of the file. */
    public final long bytes() {
        return bytes;
    }

    /** Hands everything written so far to the operating system. */
    public final void flush() {
        buffer.flip();
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            throw new CaptureException(file, "written", e);
        } finally {
            buffer.clear();
        }
    }

    /** Flushes and closes the file. */
    @Override
    public final void close() {
        try (channel) {
            flush();
        } catch (IOException e) {
            throw new CaptureException(file, "closed", e);
        }
    }

    /** Writes what stands before a packet's bytes. */
    abstract void beginRecord(long timestampNanos, int captured, int original);

    /** Writes what stands after a packet's bytes. */
    abstract void endRecord(int captured);
}
