// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * pcapng of one interface that goes to whoever reads a stream: packets with their directions, and at the end what was left out.
 * Single-threaded.
 */
public final class PcapngStream implements AutoCloseable {
    private static final int BUFFER_SIZE = 1 << 19;
    /** Bytes of a filter that are written down. */
    private static final int LONGEST_TEXT = 1024;

    private final OutputStream out;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE).order(ByteOrder.LITTLE_ENDIAN);

    /** Which way a packet went, as {@code epb_flags} says it. */
    public enum Direction {
        INBOUND,
        OUTBOUND;

        private int flags() {
            return ordinal() + 1;
        }
    }

    /**
     * Writes the headers.
     *
     * @param out is closed with this stream
     * @param snaplen most bytes of a packet, up to {@link CaptureReader#MAX_PACKET_LENGTH}
     * @param name of the interface
     * @param description of it, for people
     * @param filter that the packets have passed; may be empty
     */
    public PcapngStream(OutputStream out, int snaplen, String name, String description, String filter)
            throws IOException {
        this.out = out;
        PcapngBlocks.section(buffer);
        boolean fits = filter.getBytes(StandardCharsets.UTF_8).length <= LONGEST_TEXT;
        PcapngBlocks.interfaceOf(buffer, snaplen, name, description, fits ? filter : "");
        flush();
    }

    /**
     * Writes a packet.
     *
     * @param bytes holds what was captured of it, from {@code offset} on
     * @param captured bytes
     * @param original bytes that the packet had
     * @param timestampNanos nanoseconds since the epoch
     */
    public void packet(byte[] bytes, int offset, int captured, int original, long timestampNanos, Direction direction)
            throws IOException {
        if (buffer.remaining() < captured + PcapngBlocks.MAX_OVERHEAD) {
            flush();
        }
        PcapngBlocks.beginPacket(buffer, timestampNanos, captured, original, true);
        buffer.put(bytes, offset, captured);
        PcapngBlocks.endPacket(buffer, captured, direction.flags());
    }

    /**
     * Writes what the interface has seen: an interface statistics block.
     *
     * @param timestampNanos when
     * @param received packets that have passed, wanted or not
     * @param accepted packets that the filter wanted
     * @param dropped wanted packets that are not in the capture
     */
    public void statistics(long timestampNanos, long received, long accepted, long dropped) throws IOException {
        if (buffer.remaining() < PcapngBlocks.MAX_OVERHEAD) {
            flush();
        }
        PcapngBlocks.statistics(buffer, timestampNanos, received, accepted, dropped);
    }

    /** Hands over what has been written so far. */
    public void flush() throws IOException {
        out.write(buffer.array(), 0, buffer.position());
        buffer.clear();
        out.flush();
    }

    @Override
    public void close() throws IOException {
        try (out) {
            flush();
        }
    }
}
