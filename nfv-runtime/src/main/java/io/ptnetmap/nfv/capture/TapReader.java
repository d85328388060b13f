// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The packets of some {@link TapChunk}s, the earliest first as far as each way is in order. Single-threaded. */
public final class TapReader {
    private final List<Way> ways = new ArrayList<>();
    private Way current;
    private int at;

    private record Way(ByteBuffer records, boolean forward) {
        static Way of(byte[] records, boolean forward) {
            return new Way(ByteBuffer.wrap(records).order(ByteOrder.LITTLE_ENDIAN), forward);
        }

        long timestamp() {
            return records.getLong(records.position() + 8);
        }
    }

    /** Adds packets to be read. */
    public void add(TapChunk chunk) {
        ways.add(Way.of(chunk.forward(), true));
        ways.add(Way.of(chunk.backward(), false));
    }

    /** Moves to the next packet; false if there is none. */
    public boolean next() {
        current = null;
        for (Way way : ways) {
            if (way.records.hasRemaining() && (current == null || way.timestamp() < current.timestamp())) {
                current = way;
            }
        }
        if (current == null) {
            return false;
        }
        at = current.records.position();
        current.records.position(at + TapRing.HEADER + captured());
        return true;
    }

    /** Bytes that were captured of the packet. */
    public int captured() {
        return current.records.getInt(at);
    }

    /** Bytes that the packet had. */
    public int original() {
        return current.records.getInt(at + 4);
    }

    /** When it passed, nanoseconds since the epoch. */
    public long timestampNanos() {
        return current.records.getLong(at + 8);
    }

    /** Whether it went towards the chain's end. */
    public boolean forward() {
        return current.forward;
    }

    /** Where its bytes are, from {@link #offset()} on. */
    public byte[] array() {
        return current.records.array();
    }

    /** Index of its first byte in {@link #array()}. */
    public int offset() {
        return at + TapRing.HEADER;
    }
}
