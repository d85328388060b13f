// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.flow;

import io.ptnetmap.memory.LongArray;

/**
 * What a function knows about each flow of a {@link FlowTable}, one {@code long} by entry number, or about each of something
 * else that has numbers: for what every packet needs, where a Java array would cost more accesses to memory.
 * Single-threaded.
 */
public final class FlowData {
    private final LongArray values;
    /** Takes what was read only to have it in the cache, so that the compiler keeps the reads. */
    private long fetched;

    /**
     * Of entries of which nothing is known yet.
     *
     * @param capacity the table's, or how many numbers there are
     */
    public FlowData(int capacity) {
        values = new LongArray(capacity);
    }

    /** What is known of an entry; 0 at first, and what it was of the entry's flow before. */
    public long get(int entry) {
        return values.get(entry);
    }

    /** Replaces the value of an entry. */
    public void set(int entry, long value) {
        values.set(entry, value);
    }

    /**
     * Brings what is known of several entries near at once, to be read soon.
     *
     * @param entries their numbers; negative ones are passed over
     */
    public void fetch(int[] entries, int count) {
        long read = 0;
        for (int i = 0; i < count; i++) {
            read += entries[i] < 0 ? 0 : values.get(entries[i]);
        }
        fetched = read;
    }
}
