// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

/**
 * The ports (or ICMP identifiers) of one external address and protocol: which are free, and which binding has each of the
 * others. 264 KiB. Single-threaded.
 */
final class PortPool {
    /** Returned by {@link #take} where no port is free, and by {@link #binding} where a port is. */
    static final int NONE = -1;

    private static final int PORTS = 1 << 16;
    private static final long EVEN = 0x5555_5555_5555_5555L;

    private final int first;
    private final int last;
    private final long[] free = new long[PORTS / Long.SIZE];
    private final int[] bindings = new int[PORTS];
    private int next;

    /**
     * @param first lowest port
     * @param last highest port
     */
    PortPool(int first, int last) {
        this.first = first;
        this.last = last;
        this.next = first;
        for (int port = first; port <= last; port++) {
            free[port >> 6] |= 1L << port;
        }
    }

    /** The binding that has a port, or {@link #NONE}. */
    int binding(int port) {
        return bindings[port] - 1;
    }

    /**
     * Takes a free port for a binding: the wished one if it can be, else one of the same parity (RFC 4787 §4.2.2), else any.
     *
     * @return the port, or {@link #NONE}
     */
    int take(int wish, int binding) {
        int port = isFree(wish) ? wish : search(wish);
        if (port != NONE) {
            free[port >> 6] &= ~(1L << port);
            bindings[port] = binding + 1;
        }
        return port;
    }

    /** Frees a port. */
    void release(int port) {
        free[port >> 6] |= 1L << port;
        bindings[port] = 0;
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
