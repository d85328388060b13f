// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import io.ptnetmap.nfv.api.flow.FlowData;

/**
 * The ports (or ICMP identifiers) of one external address and protocol: which are free, which binding has each of the others,
 * and which session of that was found there last, so that most packets from outside need no other table than this one.
 * 520 KiB. Single-threaded.
 *
 * <pre>
 *   a port's word:  | session + 1, 0 = none noted | binding + 1, 0 = free |
 * </pre>
 */
final class PortPool {
    /** Returned by {@link #take} where no port is free, and in words of free ports. */
    static final int NONE = -1;

    /** Words that a pool needs. */
    static final int PORTS = 1 << 16;

    private static final long EVEN = 0x5555_5555_5555_5555L;

    private final int first;
    private final int last;
    private final long[] free = new long[PORTS / Long.SIZE];
    private final FlowData words;
    private final int offset;
    private int next;

    /**
     * @param words has those of the pool, and of others
     * @param offset of the first of {@value #PORTS}
     * @param first lowest port
     * @param last highest port
     */
    PortPool(FlowData words, int offset, int first, int last) {
        this.words = words;
        this.offset = offset;
        this.first = first;
        this.last = last;
        this.next = first;
        for (int port = first; port <= last; port++) {
            free[port >> 6] |= 1L << port;
        }
    }

    /** What is known of a port. */
    long word(int port) {
        return words.get(offset + port);
    }

    /** The binding that a port's word names, or {@link #NONE}. */
    static int binding(long word) {
        return (int) word - 1;
    }

    /** The session that a port's word names, or {@link #NONE}. */
    static int session(long word) {
        return (int) (word >>> 32) - 1;
    }

    /** Notes a session of the binding that has the port, or {@link #NONE}. */
    void session(int port, int session) {
        words.set(offset + port, session + 1L << 32 | word(port) & 0xffff_ffffL);
    }

    /**
     * Takes a free port for a binding: the wished one if it can be, else one of the same parity (RFC 4787 §4.2.2), else any.
     *
     * @return the port, or {@link #NONE}
     */
    int take(int wish, int binding) {
        int port = isFree(wish) ? wish : search(wish);
        if (port != NONE) {
            takeExactly(port, binding);
        }
        return port;
    }

    /** Takes a certain port for a binding; returns false where it is not free, or not one of those to use. */
    boolean takeExactly(int port, int binding) {
        if (!isFree(port)) {
            return false;
        }
        free[port >> 6] &= ~(1L << port);
        words.set(offset + port, binding + 1);
        return true;
    }

    /** Frees a port. */
    void release(int port) {
        free[port >> 6] |= 1L << port;
        words.set(offset + port, 0);
    }

    private boolean isFree(int port) {
        return (free[port >> 6] & 1L << port) != 0;
    }

    private int search(int wish) {
        int port = nextFree((wish & 1) == 0 ? EVEN : ~EVEN);
        if (port == NONE) {
            port = nextFree(-1L);
        }
        if (port != NONE) {
            next = port == last ? first : port + 1;
        }
        return port;
    }

    /** The first free port at or after {@link #next}, round the range, among those that the mask selects in each word. */
    private int nextFree(long mask) {
        int word = next >> 6;
        long candidates = free[word] & mask & -1L << next;
        for (int words = 0; words <= free.length; words++) {
            if (candidates != 0) {
                return (word << 6) + Long.numberOfTrailingZeros(candidates);
            }
            word = (word + 1) % free.length;
            candidates = free[word] & mask;
        }
        return NONE;
    }
}
