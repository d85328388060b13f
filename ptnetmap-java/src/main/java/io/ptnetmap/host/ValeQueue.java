// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.KernelLimits;
import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.linux.Mapping;
import java.util.Arrays;
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

    private static final int NONE = -1;
    /** For how long a sender that has sent something has a claim to room. */
    private static final int RIVALRY_SECONDS = 2;

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

    // The last two who have sent, and when.
    private int recent = NONE;
    private int recentSeen;
    private int other = NONE;
    private int otherSeen;

    /** Whether it is being kept account of who holds which slots. */
    private boolean shared;

    private final byte[] owner;
    private final int[] held = new int[KernelLimits.NM_BDG_MAXPORTS];
    /** The first slot whose return has not been accounted for. */
    private int accounted;

    /**
     * @param ring its address
     * @param slots of the ring, from who has made it
     * @param first the first slot to fill; all are free
     */
    ValeQueue(RegionView region, long ring, int slots, int first) {
        this.memory = region.memory();
        this.slot0 = NetmapRing.slot(ring, 0);
        this.slots = slots;
        this.owner = new byte[slots];
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

    /** Slots that are free. With the monitor. */
    int room() {
        return slots - 1 - RingWindow.distance(words.getAcquire(RELEASED), write, slots);
    }

    /**
     * How many of the free slots a sender may fill now. All, while it is the only one. Where others send, too, no more than it
     * leaves free: so one that floods the ring holds half of it, two a third each, and the next to come finds room. With the
     * monitor.
     *
     * @param sender number of its port
     * @param now seconds
     */
    int admit(int sender, int now) {
        if (sender != recent) {
            other = recent;
            otherSeen = recentSeen;
            recent = sender;
        }
        recentSeen = now;
        int room = room();
        if (other == NONE || now - otherSeen > RIVALRY_SECONDS) {
            shared = false;
            return room;
        }
        account();
        return Math.min(room, Math.max(0, room - held[sender] + 1 >> 1));
    }

    /** Finds out who holds how many slots. */
    private void account() {
        int released = words.getAcquire(RELEASED);
        if (!shared) {
            shared = true;
            Arrays.fill(held, 0);
            held[other] = RingWindow.distance(released, write, slots);
            Arrays.fill(owner, (byte) other);
        } else {
            for (int k = accounted; k != released; k = k + 1 == slots ? 0 : k + 1) {
                held[owner[k] & 0xff]--;
            }
        }
        accounted = released;
    }

    /** Notes who has filled the slots from {@code first} up to {@link #write}. With the monitor. */
    void filledBy(int sender, int first) {
        if (shared) {
            held[sender] += RingWindow.distance(first, write, slots);
            for (int k = first; k != write; k = k + 1 == slots ? 0 : k + 1) {
                owner[k] = (byte) sender;
            }
        }
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
