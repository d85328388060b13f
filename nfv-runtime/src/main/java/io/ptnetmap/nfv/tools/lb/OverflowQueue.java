// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.lb;

/** Fragments that wait for room in a pipe: their slots' descriptors, first in first out. For one thread. */
final class OverflowQueue {
    private long[] descriptors = new long[64];
    private int first;
    private int size;

    int size() {
        return size;
    }

    void add(long descriptor) {
        if (size == descriptors.length) {
            long[] larger = new long[2 * size];
            System.arraycopy(descriptors, first, larger, 0, size - first);
            System.arraycopy(descriptors, 0, larger, size - first, first);
            descriptors = larger;
            first = 0;
        }
        descriptors[first + size & descriptors.length - 1] = descriptor;
        size++;
    }

    long peek(int index) {
        return descriptors[first + index & descriptors.length - 1];
    }

    long remove() {
        long descriptor = descriptors[first];
        first = first + 1 & descriptors.length - 1;
        size--;
        return descriptor;
    }
}
