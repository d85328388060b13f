// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import java.util.ArrayDeque;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Does one thing after the other, on a thread as long as there is anything to do; not on a virtual one, for what changes chains
 * computes long, and virtual threads that answer requests would wait for it. Thread-safe.
 */
final class Serial {
    /** Key of the chain's name in the logging context. */
    static final String CHAIN = "chain";

    private static final Logger LOG = LoggerFactory.getLogger(Serial.class);

    private final String name;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private boolean busy;

    /** @param name of the chain that it is about, for the log */
    Serial(String name) {
        this.name = name;
    }

    synchronized void execute(Runnable task) {
        waiting.add(task);
        if (!busy) {
            busy = true;
            Thread.ofPlatform().daemon().name("chain-" + name).start(this::work);
        }
    }

    /** How many things wait for their turn. */
    synchronized int waiting() {
        return waiting.size();
    }

    private void work() {
        MDC.put(CHAIN, name);
        for (Runnable task = next(); task != null; task = next()) {
            try {
                task.run();
            } catch (RuntimeException | Error failure) {
                LOG.error("chain '{}': {}", name, failure.getMessage(), failure);
            }
        }
    }

    private synchronized Runnable next() {
        Runnable task = waiting.poll();
        busy = task != null;
        return task;
    }
}
