// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.linux.Mapping;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * A ring that a switch fills: the receive ring of one of its ports, or the transmit ring of an attached interface. Senders,
 * one at a time, write slots and {@link #publish}; the one who empties the ring {@link #release}s them.
 *
 * <p>What lies in the ring's memory is written by its user at any time. Here it is only ever filled: nothing that a user
 * writes there tells where, or how much.
 *
 * <p>Fields without a comment and {@link #counters} are guarded by this object's monitor.
 */
final class ValeQueue {
    // Words that one side writes and the other reads, two cache lines apart.
    private static final int PUBLISHED = 32;
    private static final int RELEASED = 64;
    private static final int ARMED = 96;
    private static final int WORDS = 128;

    /** Keeps the addresses valid. */
    final Mapping memory;

    /** Address of slot 0. */
    final long slot0;

    /** How many there are. */
    final int slots;

    /** Address of buffer 0. */
    final long buffer0;

    /** Packet buffers of the region. */
    final int buffers;

    /** Bytes of each. */
    final int bufferSize;

    final ValeCounters counters = new ValeCounters();

    /** The next slot to fill. */
    int write;

    private final AtomicIntegerArray words = new AtomicIntegerArray(WORDS);
    private Runnable wakeUp = () -> {};
    private boolean closed;

    /**
     * @param ring its address
     * @param slots of the ring, from who has made it
     * @param first the first slot to fill; all are free
     */
    ValeQueue(RegionView region, long ring, int slots, int first) {
        this.memory = region.memory();
        this.slot0 = NetmapRing.slot(ring, 0);
        this.slots = slots;
        this.buffer0 = region.bufferBase();
        this.buffers = region.buffers();
        this.bufferSize = region.bufferSize();
        this.write = first;
        words.set(PUBLISHED, first);
        words.set(RELEASED, first);
    }

    /** Tells how to wake who empties the ring: with this object's monitor held, and never after {@link #close}. */
    synchronized void wakeUp(Runnable action) {
        wakeUp = action;
    }

    /** Slots that may be filled. With the monitor. */
    int room() {
        int held = write - words.getAcquire(RELEASED);
        return slots - 1 - (held < 0 ? held + slots : held);
    }

    /** Hands over the slots before {@link #write}. With the monitor. */
    void publish() {
        words.setRelease(PUBLISHED, write);
    }

    /** The slot after the last one handed over. For who empties the ring. */
    int published() {
        return words.getAcquire(PUBLISHED);
    }

    /** Gives back the slots before {@code slot}. For who empties the ring. */
    void release(int slot) {
        words.setRelease(RELEASED, slot);
    }

    /** Before sleeping: the caller then passes a full fence, and looks at {@link #published} once more. */
    void arm() {
        words.setRelease(ARMED, 1);
    }

    void disarm() {
        words.setRelease(ARMED, 0);
    }

    /** For senders, after {@link #publish} and a full fence. */
    void wakeIfAsleep() {
        if (words.getOpaque(ARMED) != 0) {
            wake();
        }
    }

    private synchronized void wake() {
        if (!closed) {
            // Once is enough for one sleep.
            words.setRelease(ARMED, 0);
            wakeUp.run();
        }
    }

    /** Whether nobody may fill the ring any more. With the monitor. */
    boolean closed() {
        return closed;
    }

    /** When this returns, no sender is at the ring, and none will be. */
    synchronized void close() {
        closed = true;
    }
}
