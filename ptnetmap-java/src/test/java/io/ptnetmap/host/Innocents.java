// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Threads that go on with their work, and must not notice, while a test writes whatever it likes wherever a hostile user can. For the
 * test's thread, but for {@link #stopped} and {@link #passed()}.
 */
final class Innocents {
    private static final long PATIENCE = 60_000_000_000L;
    /** Packets that still pass afterwards. */
    private static final int MORE = 100;

    private static final int LOOK = 256;
    private static final int LOOK_CLOSELY = 4096;

    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicLong passed = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private final long seed = new Random().nextLong();
    private volatile boolean stopped;

    /** What the hostile one draws from, so that a failure can be repeated: its message has the seed. */
    Random random() {
        return new Random(seed);
    }

    String seed() {
        return "seed " + seed;
    }

    void start(String name, Runnable work) {
        threads.add(Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                work.run();
            } catch (Throwable broken) {
                failure.compareAndSet(null, broken);
            }
        }));
    }

    /** Whether they are to end. */
    boolean stopped() {
        return stopped;
    }

    /** Counts the packets that have gone all the way, whole and in order. */
    AtomicLong passed() {
        return passed;
    }

    /**
     * Has the hostile one act until it has done so often enough and so many packets have passed.
     *
     * @param closely a look at more than the threads, from time to time
     */
    void endure(int times, int packets, Runnable act, Runnable closely) {
        long wanted = passed.get() + packets;
        long start = System.nanoTime();
        for (int i = 0; i < times || passed.get() < wanted; i++) {
            act.run();
            if (i % LOOK == 0) {
                requireUnharmed();
                assertTrue(
                        i < times || System.nanoTime() - start < PATIENCE,
                        () -> passed + " packets have passed, " + seed());
                Thread.yield();
            }
            if (i % LOOK_CLOSELY == 0) {
                closely.run();
            }
        }
        closely.run();
    }

    void requireUnharmed() {
        assertNull(failure.get(), this::seed);
    }

    /** Waits until they have gone on for a while, and ends them. */
    void goOnAndStop() throws InterruptedException {
        long before = passed.get();
        eventually(() -> passed.get() > before + MORE);
        stop();
    }

    void stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
        requireUnharmed();
    }

    /** Waits for what must become true; also where one of the threads has failed. */
    static void eventually(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - start < PATIENCE, "not in time");
            Thread.yield();
        }
    }
}
