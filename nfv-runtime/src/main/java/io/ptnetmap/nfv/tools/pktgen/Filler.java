// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.tools.ToolException;

/** Puts frames into slots, one or several for each. For one thread. */
final class Filler {
    /** Up to here, copying words is faster than a call. */
    private static final int SHORT = 64;

    private final GeneratorConfig config;
    private final Frames frames;
    private long bytes;

    Filler(GeneratorConfig config, Frames frames) {
        this.config = config;
        this.frames = frames;
    }

    /** Bytes of a slot that holds all but the last part of a packet. */
    private int partSize(TxRing ring) {
        int most = ring.bufferSize();
        if (config.slots().fragmentSize() != 0) {
            return Math.min(most, config.slots().fragmentSize());
        }
        return config.slots().fragments() > 1
                ? Math.min(most, Math.ceilDiv(total(), config.slots().fragments()))
                : most;
    }

    private int total() {
        return frames.longest() + config.slots().headerLength();
    }

    /**
     * Slots that the longest packet takes.
     *
     * @throws ToolException if packets do not fit a ring, or netmap's limit
     */
    int slotsPerPacket(TxRing ring) {
        int slots = Math.ceilDiv(total(), partSize(ring));
        int limit = Math.min(NetmapSlot.NETMAP_MAX_FRAGS, ring.slots() - 1);
        if (slots > limit) {
            throw new ToolException("a packet of " + total() + " bytes takes " + slots + " slots of " + partSize(ring)
                    + " bytes; " + limit + " is the most here: use a shorter one (-l), or larger fragments (-M)");
        }
        return slots;
    }

    /** Bytes of frames put into slots since the last call. */
    long takeBytes() {
        long taken = bytes;
        bytes = 0;
        return taken;
    }

    /** Puts {@code count} packets into the ring's next slots and gives these to the port. There is room for them. */
    void fill(TxRing ring, int count) {
        if (slotsPerPacket(ring) == 1 && config.slots().headerLength() == 0) {
            fillSingle(ring, count);
        } else {
            fillParts(ring, count);
        }
    }

    private void fillSingle(TxRing ring, int count) {
        long from = frames.address();
        long sum = 0;
        for (int i = 0, slot = ring.head(); i < count; i++, slot = ring.next(slot)) {
            int length = frames.next();
            if (!config.slots().leaveBuffers()) {
                copy(from, ring.bufferAddress(slot), length);
            }
            ring.length(slot, length, 0);
            sum += length;
        }
        bytes += sum;
        ring.advance(count);
    }

    private void fillParts(TxRing ring, int count) {
        int size = partSize(ring);
        int header = config.slots().headerLength();
        int used = 0;
        for (int i = 0; i < count; i++) {
            int length = frames.next();
            bytes += length;
            int left = length + header;
            long from = frames.address() - header;
            boolean first = true;
            while (left > 0) {
                int slot = ring.fromHead(used++);
                int part = Math.min(size, left);
                int skip = first ? Math.min(header, part) : 0;
                if (!config.slots().leaveBuffers()) {
                    Memory.zero(ring.bufferAddress(slot), skip);
                    Memory.copy(from + skip, ring.bufferAddress(slot) + skip, part - skip);
                }
                left -= part;
                from += part;
                ring.length(slot, part, left > 0 ? NetmapSlot.NS_MOREFRAG : 0);
                first = false;
            }
        }
        ring.advance(used);
    }

    /** Of short frames whole words, up to 7 bytes more: buffers and frames end on 64 bytes. */
    private static void copy(long from, long to, int length) {
        if (length > SHORT) {
            Memory.copy(from, to, length);
            return;
        }
        for (int at = 0; at < length; at += Long.BYTES) {
            Memory.putLong(to + at, Memory.getLong(from + at));
        }
    }
}
