// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.api.Counter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where captured packets wait for their reader. The writer never waits: a packet that finds no room is counted and forgotten.
 *
 * <pre>
 *   0          4          8                 16
 *   +----------+----------+-----------------+----------------+---------------+
 *   | captured | original | timestamp       | captured bytes | up to 8 bytes |
 *   +----------+----------+-----------------+----------------+---------------+
 * </pre>
 *
 * <p>A record lies in one piece; where it would not, {@value #WRAP} stands in the place of {@code captured}, and it begins at the
 * ring's start. One thread writes, one reads.
 */
public final class TapRing {
    /** Bytes before those of the packet. */
    static final int HEADER = 16;

    private static final int WRAP = -1;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private final Counter dropped = new Counter("dropped", "Packets that found no room");
    /** All that was ever written, and read; the writer's own, and those that the other side looks at. */
    private long head;

    private int missing;
    private int at;
    private volatile long written;
    private volatile long read;

    /** @param size in bytes, a power of two */
    public TapRing(int size) {
        bytes = new byte[size];
    }

    /**
     * Begins a packet, of which {@code captured} bytes follow by {@link #append}.
     *
     * @return false if there is no room for it
     */
    public boolean begin(int captured, int original, long timestampNanos) {
        int length = length(captured);
        int start = (int) head & bytes.length - 1;
        int left = bytes.length - start;
        int needed = length <= left ? length : left + length;
        if (head + needed - read > bytes.length) {
            dropped.add(1);
            return false;
        }
        if (length > left) {
            INT.set(bytes, start, WRAP);
            start = 0;
        }
        INT.set(bytes, start, captured);
        INT.set(bytes, start + 4, original);
        LONG.set(bytes, start + 8, timestampNanos);
        head += needed;
        at = start + HEADER;
        missing = captured;
        return true;
    }

    /** The packet's next piece, at an address that is not checked; what is beyond the announced length is left out. */
    public void append(long address, int length) {
        int count = Math.min(length, missing);
        Memory.copy(address, bytes, at, count);
        at += count;
        missing -= count;
    }

    /** Makes the packet visible to the reader. */
    public void end() {
        written = head;
    }

    /** Packets that found no room; from any thread. */
    public long dropped() {
        return dropped.value();
    }

    /** When the next packet to be read was captured; {@link Long#MAX_VALUE} if there is none. For the reader. */
    public long nextTimestamp() {
        int start = next();
        return start < 0 ? Long.MAX_VALUE : (long) LONG.get(bytes, start + 8);
    }

    /** Copies the next packet's record, if it has room there. For the reader. */
    public boolean read(ByteBuffer to) {
        int start = next();
        if (start < 0) {
            return false;
        }
        int length = HEADER + (int) INT.get(bytes, start);
        if (length > to.remaining()) {
            return false;
        }
        to.put(bytes, start, length);
        read += length(length - HEADER);
        return true;
    }

    /** Where the next record lies; -1 if there is none. */
    private int next() {
        if (read == written) {
            return -1;
        }
        int start = (int) read & bytes.length - 1;
        if ((int) INT.get(bytes, start) == WRAP) {
            read += bytes.length - start;
            return 0;
        }
        return start;
    }

    private static int length(int captured) {
        return HEADER + captured + 7 & ~7;
    }
}
