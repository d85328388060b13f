// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.ArrayDeque;
import java.util.Deque;

/** What is to be ended when a measurement is over, last begun first. For one thread. */
final class Cleanup implements AutoCloseable {
    private final Deque<Runnable> ends = new ArrayDeque<>();

    void add(Runnable end) {
        ends.push(end);
    }

    @Override
    public void close() {
        while (!ends.isEmpty()) {
            ends.pop().run();
        }
    }
}
