// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last so many things of an endless series, each with its number. Readers keep their own place in it: a slow one costs
 * nothing, and learns from {@link #first} that it has missed some. Thread-safe.
 */
public final class History<T> {
    private static final Logger LOG = LoggerFactory.getLogger(History.class);

    private final Object[] items;
    private final long begin;
    private final Set<Runnable> listeners = new LinkedHashSet<>();
    private long last;

    /**
     * @param capacity how many are kept
     * @param begin number before the first one's
     */
    public History(int capacity, long begin) {
        this.items = new Object[capacity];
        this.begin = begin;
        this.last = begin;
    }

    /** Ends the calls of a listener. */
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /** Adds one, made from its number, and tells the listeners. */
    public synchronized void add(LongFunction<T> item) {
        items[index(last + 1)] = item.apply(last + 1);
        last++;
        listeners.removeIf(listener -> !takes(listener));
    }

    /** A listener that fails, such as one whose thread has ended, must not hold up those that add. */
    private static boolean takes(Runnable listener) {
        try {
            listener.run();
            return true;
        } catch (RuntimeException failure) {
            LOG.debug("a listener is dropped", failure);
            return false;
        }
    }

    private int index(long number) {
        return (int) Math.floorMod(number, (long) items.length);
    }

    /** Number of the first that is still kept, or would be. */
    public synchronized long first() {
        return Math.max(begin + 1, last - items.length + 1);
    }

    /** Number of the last one. */
    public synchronized long last() {
        return last;
    }

    /** Those that are kept after a number, some of them at most. */
    @SuppressWarnings("unchecked")
    public synchronized List<T> after(long number, int most) {
        List<T> found = new ArrayList<>();
        for (long next = Math.max(number + 1, first()); next <= last && found.size() < most; next++) {
            found.add((T) items[index(next)]);
        }
        return found;
    }

    /** Calls a listener after each addition; it must not block, nor touch the history. */
    public synchronized Subscription subscribe(Runnable listener) {
        listeners.add(listener);
        return () -> {
            synchronized (this) {
                listeners.remove(listener);
            }
        };
    }
}
