// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import java.util.BitSet;

/** A pool of equal objects in a region, handed out lowest first as netmap does. Guarded by the host's lock, see {@link Ports}. */
final class ObjectPool {
    private final long offset;
    private final int objectSize;
    private final int total;
    private final BitSet used;

    ObjectPool(long offset, int objectSize, int total, int reserved) {
        this.offset = offset;
        this.objectSize = objectSize;
        this.total = total;
        this.used = new BitSet(total);
        used.set(0, reserved);
    }

    /** The lowest free index, or -1. */
    int allocate() {
        int index = used.nextClearBit(0);
        if (index >= total) {
            return -1;
        }
        used.set(index);
        return index;
    }

    /** Gives an object back. False where it was not in use: a double free, refused. */
    boolean free(int index) {
        if (index < 0 || index >= total || !used.get(index)) {
            return false;
        }
        used.clear(index);
        return true;
    }

    boolean inUse(int index) {
        return index >= 0 && index < total && used.get(index);
    }

    int available() {
        return total - used.cardinality();
    }

    int total() {
        return total;
    }

    int objectSize() {
        return objectSize;
    }

    /** From the start of the region. */
    long offset() {
        return offset;
    }

    long offsetOf(int index) {
        return offset + (long) index * objectSize;
    }

    int indexOf(long objectOffset) {
        return (int) ((objectOffset - offset) / objectSize);
    }

    BitSet inUse() {
        return (BitSet) used.clone();
    }
}
