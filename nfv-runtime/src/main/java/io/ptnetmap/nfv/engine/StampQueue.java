// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;

/**
 * The times at which some of the packets of one direction of a link were put onto it. A packet is named by its place on the link, a
 * slot's number or a sequence number, which both ends know, so that nothing of it has to be touched and no other packet looked at.
 *
 * <pre>
 *   0               8              16                     128           136           256
 *  +---------------+--------------+- ... ---------------+-------------+- ... -----+------------------------------
 *  | stamps written| first valid  |                     | stamps read |           | place | sent | born | - | ...
 *  +---------------+--------------+- ... ---------------+-------------+- ... -----+------------------------------
 *    sender writes                                        receiver writes           sender writes; 32 bytes each
 * </pre>
 *
 * <p>Each word has one writer, and either may die at any time: whoever takes its end over begins with {@link #takeOverSending} or {@link
 * #takeOverReceiving}, and what the dead one has left is not believed. One thread at each end.
 */
final class StampQueue {
    /** Stamps on the way at a time; a packet for which there is no room has none. */
    static final int STAMPS = 256;

    /** Instead of a number of places: they never come again. */
    static final long ENDLESS = 0;

    private static final int LINE = 128;
    private static final long WRITTEN = 0;
    private static final long VALID_FROM = 8;
    private static final long READ = LINE;
    private static final int ENTRIES = 2 * LINE;
    private static final int ENTRY_BYTES = 32;
    private static final long SENT = 8;
    private static final long BORN = 16;

    /** What a queue takes of memory. */
    static final int BYTES = ENTRIES + STAMPS * ENTRY_BYTES;

    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment memory;
    /** Where it is, for what is done for each batch: a segment checks more. */
    private final long address;

    private final long places;
    private long written;
    private long read;

    /**
     * @param memory {@value #BYTES} bytes, all 0 at first
     * @param places how many there are before they come again, or {@link #ENDLESS}
     */
    StampQueue(MemorySegment memory, long places) {
        this.memory = memory;
        this.address = memory.address() + WRITTEN;
        this.places = places;
        this.written = (long) WORD.getAcquire(memory, WRITTEN);
        this.read = (long) WORD.getAcquire(memory, READ);
    }

    /** A queue with both ends in this process. */
    static StampQueue here(long places) {
        return new StampQueue(Arena.ofAuto().allocate(BYTES, LINE), places);
    }

    /** Before this process sends anything. */
    void takeOverSending() {
        WORD.setRelease(memory, VALID_FROM, written);
    }

    /** Before this process receives anything. */
    void takeOverReceiving() {
        read = written;
        WORD.setRelease(memory, READ, read);
    }

    /**
     * Stamps a packet for each one that is followed in a batch, before it is published.
     *
     * @param place where on the link it is
     */
    void put(long place, Batch batch) {
        long room = STAMPS - (written - (long) WORD.getAcquire(memory, READ));
        long now = System.nanoTime();
        for (int i = 0; i < Math.min(batch.followed(), room); i++) {
            long entry = entry(written++);
            memory.set(ValueLayout.JAVA_LONG, entry, place);
            memory.set(ValueLayout.JAVA_LONG, entry + SENT, now);
            memory.set(ValueLayout.JAVA_LONG, entry + BORN, batch.bornNanos(i));
        }
        WORD.setRelease(memory, WRITTEN, written);
    }

    private static long entry(long number) {
        return ENTRIES + (number & STAMPS - 1) * ENTRY_BYTES;
    }

    /** Whether there is a stamp that has not been taken: a look at a line that is written a thousand times a second at most. */
    boolean isWaiting() {
        boolean waiting = Memory.getLongOpaque(address) != read;
        Reference.reachabilityFence(this);
        return waiting;
    }

    /**
     * Takes the stamps of packets that have been received.
     *
     * @param first place of the first packet
     * @param count places, this one included
     * @param batch that they are in: those with stamps are followed in it
     */
    void take(long first, int count, Batch batch) {
        long end = (long) WORD.getAcquire(memory, WRITTEN);
        long validFrom = (long) WORD.getAcquire(memory, VALID_FROM);
        while (read != end) {
            long entry = entry(read);
            long distance = memory.get(ValueLayout.JAVA_LONG, entry) - first;
            if (distance < 0) {
                distance += places;
            }
            boolean valid = read - validFrom >= 0;
            if (valid && distance >= count) {
                break;
            }
            if (valid && distance >= 0) {
                batch.follow(
                        memory.get(ValueLayout.JAVA_LONG, entry + BORN),
                        memory.get(ValueLayout.JAVA_LONG, entry + SENT));
            }
            read++;
        }
        WORD.setRelease(memory, READ, read);
    }
}
