// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.driver.DropCause;
import io.ptnetmap.memory.Memory;
import java.lang.invoke.VarHandle;

/**
 * The packets of a batch, and their copying into the rings of a switch's ports (ABI §10.4): as far as there is room, or the sender's share
 * of it; what there is none for is dropped, and counted.
 *
 * <p>Of a receiver's ring only buffer indexes are read, each once; where there is nonsense, buffer 0 takes the packet. Of a sender's
 * buffer exactly the packet's bytes are copied. For one thread, that of the {@link Forwarder}.
 */
final class ValeBatch {
    /** Behind the last packet of a list. */
    static final int END = Integer.MAX_VALUE;

    /** Flags of a packet of one slot, on reception. */
    private static final int ONE_SLOT = 1 << NetmapSlot.NS_PORT_SHIFT;

    /** Bytes from which on a copy in one go is faster than word by word. */
    private static final int LONG_COPY = 256;

    // By slot.
    final long[] address;
    final int[] length;

    // By the first slot of a packet.
    final int[] fragments;
    final int[] next;

    /** Bytes of a buffer of the sender's. */
    private final int bufferSize;

    private final ValeQueue[] filled;
    private int filledCount;

    /**
     * @param room for slots
     * @param destinations that a batch can have
     * @param bufferSize bytes of a buffer of the sender's
     */
    ValeBatch(int room, int destinations, int bufferSize) {
        this.address = new long[room];
        this.length = new int[room];
        this.fragments = new int[room];
        this.next = new int[room];
        this.bufferSize = bufferSize;
        // Each may be filled twice: by what is for all, and by what is for it alone.
        this.filled = new ValeQueue[2 * destinations];
    }

    /**
     * Merges two lists by arrival into a ring.
     *
     * @param sender number of its port
     * @param now seconds
     * @param mine first packet of one list, {@link #END} where it is empty
     * @param all first packet of the other
     * @return false where the ring has been closed
     */
    boolean fill(ValeQueue queue, int sender, int now, int mine, int all) {
        synchronized (queue) {
            if (queue.closed()) {
                return false;
            }
            int before = queue.write;
            int free = queue.room();
            int room = queue.admit(sender, now);
            DropCause noRoom = room < free ? DropCause.SHARE : DropCause.FULL;
            int dropped = 0;
            int delivered = 0;
            int one = mine;
            int other = all;
            while (one != other) {
                int packet = Math.min(one, other);
                if (one < other) {
                    one = next[one];
                } else {
                    other = next[other];
                }
                if (fragments[packet] != 1 || length[packet] > queue.bufferSize) {
                    int used = fillSlots(queue, packet, room, noRoom);
                    room -= used;
                    delivered += used > 0 ? 1 : 0;
                } else if (room > 0) {
                    copy(address[packet], target(queue, length[packet], ONE_SLOT), length[packet]);
                    room--;
                    delivered++;
                } else {
                    dropped++;
                }
            }
            queue.counters.delivered += delivered;
            queue.counters.drop(noRoom, dropped);
            if (queue.write != before) {
                queue.filledBy(sender, before);
                queue.publish();
                filled[filledCount++] = queue;
            }
            return true;
        }
    }

    /**
     * Says in the next slot of a ring what is about to be in its buffer.
     *
     * @return the buffer's address; that of buffer 0, which is nobody's, where the ring's user has put nonsense there
     */
    private static long target(ValeQueue queue, int size, int flags) {
        int slot = queue.write;
        long at = Memory.base(queue.slot0) + Integer.toUnsignedLong(slot) * NetmapSlot.SIZE;
        int index = NetmapSlot.bufferIndex(at);
        if (index < Region.FIRST_BUFFER || index >= queue.buffers) {
            index = 0;
        }
        NetmapSlot.write(at, NetmapSlot.descriptor(index, size, flags));
        NetmapSlot.ptr(at, 0);
        queue.write = slot + 1 == queue.slots ? 0 : slot + 1;
        return queue.buffer0 + (long) index * queue.bufferSize;
    }

    /** A packet of several slots, or that needs several there. Returns how many it has taken; 0 where it was dropped. */
    private int fillSlots(ValeQueue queue, int packet, int room, DropCause noRoom) {
        int count = fragments[packet];
        boolean sameSlots = queue.bufferSize >= bufferSize;
        int needed = count;
        if (!sameSlots) {
            int total = 0;
            for (int i = 0; i < count; i++) {
                total += length[packet + i];
            }
            needed = Math.max(1, (total + queue.bufferSize - 1) / queue.bufferSize);
        }
        if (needed > NetmapSlot.NETMAP_MAX_FRAGS || needed > queue.slots - 1) {
            queue.counters.drop(DropCause.TOO_LONG, 1);
            return 0;
        }
        if (needed > room) {
            queue.counters.drop(noRoom, 1);
            return 0;
        }
        int flags = needed << NetmapSlot.NS_PORT_SHIFT;
        if (sameSlots) {
            for (int i = 0; i < count; i++) {
                int more = i + 1 < count ? NetmapSlot.NS_MOREFRAG : 0;
                copy(address[packet + i], target(queue, length[packet + i], flags | more), length[packet + i]);
            }
        } else {
            cut(queue, packet, flags);
        }
        return needed;
    }

    /** Lays a packet out anew, in smaller buffers than it comes in. */
    private void cut(ValeQueue queue, int packet, int flags) {
        int total = 0;
        for (int i = 0; i < fragments[packet]; i++) {
            total += length[packet + i];
        }
        int from = packet;
        int done = 0;
        while (total > 0) {
            int size = Math.min(total, queue.bufferSize);
            total -= size;
            long to = target(queue, size, total > 0 ? flags | NetmapSlot.NS_MOREFRAG : flags);
            while (size > 0) {
                int part = Math.min(size, length[from] - done);
                copy(address[from] + done, to, part);
                to += part;
                size -= part;
                done += part;
                if (done == length[from]) {
                    from++;
                    done = 0;
                }
            }
        }
    }

    /** Copies exactly as many bytes: behind them there may be what the receiver is not to see. */
    private static void copy(long from, long to, int size) {
        if (size < Long.BYTES || size >= LONG_COPY) {
            Memory.copy(from, to, size);
            return;
        }
        long source = Memory.base(from);
        long target = Memory.base(to);
        int end = size - Long.BYTES;
        for (int i = 0; i < end; i += Long.BYTES) {
            Memory.putLong(target + Integer.toUnsignedLong(i), Memory.getLong(source + Integer.toUnsignedLong(i)));
        }
        Memory.putLong(target + Integer.toUnsignedLong(end), Memory.getLong(source + Integer.toUnsignedLong(end)));
    }

    /** Wakes whose rings have been filled: once per batch, after everything has been published. */
    void wake() {
        if (filledCount == 0) {
            return;
        }
        VarHandle.fullFence();
        for (int i = 0; i < filledCount; i++) {
            filled[i].wakeIfAsleep();
            filled[i] = null;
        }
        filledCount = 0;
    }
}
