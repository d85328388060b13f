// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.flow;

import io.ptnetmap.memory.LongArray;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * A hash table of fixed capacity from {@link FlowKey} to an entry number, 0 to capacity - 1. A function keeps what it knows
 * about a flow in arrays of its own, indexed by entry.
 *
 * <pre>{@code
 * int entry = table.lookup(key);
 * if (entry < 0) {
 *     entry = table.insert(key, now, NEW);     // -1: full
 * }
 * table.touch(entry, now);
 * bytes[entry] += packet.totalLength();
 * }</pre>
 *
 * <p>An entry keeps its number while its flow stays; numbers of removed flows are given out again. No operation allocates.
 * Each entry belongs to a timeout class; {@link #expire} removes entries that were not {@linkplain #touch touched} for their
 * class's timeout. Times are nanoseconds of one clock with an arbitrary start, such as {@code PacketBatch.nowNanos()}.
 *
 * <p>The hash is keyed with a random seed, so that nobody outside can choose flows that collide. Single-threaded.
 *
 * <h2>Layout</h2>
 *
 * <p>A lookup touches one cache line of {@code buckets} and one of {@code entries}:
 *
 * <pre>
 *   buckets: open addressing, linear probing, at most 2/3 full, removal shifts back
 *   +-----------+-----------+
 *   | entry + 1 |   hash    |                                      8 bytes; 0 = free
 *   +-----------+-----------+
 *
 *   entries: 8 words each
 *   +-------------------+-------------------+------+--------+--------+--------------+
 *   |  source address   |destination address| tail | seen   | links  |class,tag,hash|
 *   +-------------------+-------------------+------+--------+--------+--------------+
 *   0                   2                   4      5        6        7 (8, 24, 32)  8
 * </pre>
 *
 * <p>{@code links} chain the entries of one slot of a timer wheel, or the free entries. Touching writes {@code seen} only:
 * the wheel looks at an entry when it could have expired at the earliest, and moves it on if it was touched since. So each
 * entry costs one look per timeout, not one per packet.
 */
public final class FlowTable {
    /** Expiry is at most this late, in nanoseconds (67 ms), as long as {@link #expire} is called and allowed to work. */
    public static final long TICK_NANOS = 1L << FlowTable.TICK_SHIFT;

    /** Most entries. */
    public static final int MAX_CAPACITY = 1 << 27;

    /** Largest {@link #tag}: 24 bits. */
    public static final int MAX_TAG = (1 << 24) - 1;

    private static final int TICK_SHIFT = 26;
    /** Slots of the wheel, of one tick each: nine minutes. Entries due later are looked at when these have passed. */
    private static final int WHEEL_SIZE = 1 << 13;

    private static final int NONE = -1;
    private static final int FREE = -1;

    private static final int WORDS = 8;
    private static final int TAIL = 4;
    private static final int SEEN = 5;
    private static final int LINKS = 6;
    private static final int CLASS_TAG_HASH = 7;
    private static final int CLASS_SHIFT = 56;
    private static final int TAG_SHIFT = 32;
    private static final int MOST_CLASSES = 1 << Long.SIZE - CLASS_SHIFT - 1;
    private final int capacity;
    private final long[] timeouts;
    private final LongArray buckets;
    private final int bucketMask;
    private final LongArray entries;
    private final int[] wheel = new int[WHEEL_SIZE];
    private final long[] hashKeys = new long[6];

    private int size;
    /** Entries from here on were never used. */
    private int unused;

    private int firstFree = NONE;
    /** Takes what was read only to have it in the cache, so that the compiler keeps the reads. */
    private long warmUp;
    /** The earliest tick whose entries were not all looked at. */
    private long tick;

    /** Told of entries that expire. */
    @FunctionalInterface
    public interface ExpiryListener {
        /** Called before the entry is removed: its key can still be read. May remove other entries, but not this one. */
        void expired(int entry);
    }

    /**
     * Makes a table with a random seed.
     *
     * @param capacity most entries, 1 to {@link #MAX_CAPACITY}
     * @param timeouts of the timeout classes 0, 1, ...
     */
    public FlowTable(int capacity, List<Duration> timeouts) {
        this(capacity, timeouts, new SecureRandom().nextLong());
    }

    /** Makes a table whose hash is known, for tests. */
    public FlowTable(int capacity, List<Duration> timeouts, long seed) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("capacity " + capacity + " is not within 1 to " + MAX_CAPACITY);
        }
        if (timeouts.isEmpty() || timeouts.size() > MOST_CLASSES) {
            throw new IllegalArgumentException("a flow table needs 1 to " + MOST_CLASSES + " timeout classes");
        }
        this.capacity = capacity;
        this.timeouts = timeouts.stream().mapToLong(Duration::toNanos).toArray();
        this.buckets = new LongArray(Integer.highestOneBit(Math.max(1, (capacity * 3 + 1) / 2 - 1)) << 1);
        this.bucketMask = buckets.length() - 1;
        this.entries = new LongArray(capacity * WORDS);
        Arrays.fill(wheel, NONE);
        long state = seed;
        for (int i = 0; i < hashKeys.length; i++) {
            state += 0x9e37_79b9_7f4a_7c15L;
            hashKeys[i] = mix(state);
        }
    }

    /** The finalizer of SplitMix64. */
    private static long mix(long word) {
        long z = (word ^ word >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }

    /** Whether another table has room for as many flows, and forgets them after the same times. */
    public boolean isLike(FlowTable other) {
        return capacity == other.capacity && Arrays.equals(timeouts, other.timeouts);
    }

    /** Most entries. */
    public int capacity() {
        return capacity;
    }

    /** Present entries. */
    public int size() {
        return size;
    }

    /** The entry of a flow, or -1. */
    public int lookup(FlowKey key) {
        return lookup(key, hash(key));
    }

    /**
     * Looks up the flows of a batch. In tables larger than the processor's caches this is faster than one by one: the
     * memory accesses of different flows overlap, instead of each one waiting for the one before.
     *
     * @param keys at least {@code count}
     * @param found receives the entry of each key, or -1
     */
    public void lookupAll(FlowKey[] keys, int count, int[] found) {
        for (int i = 0; i < count; i++) {
            found[i] = hash(keys[i]);
        }
        long read = 0;
        // Short loops that do nothing else: so the processor is ahead of many accesses at a time.
        for (int i = 0; i < count; i++) {
            read += buckets.get(found[i] & bucketMask);
        }
        for (int i = 0; i < count; i++) {
            long content = buckets.get(found[i] & bucketMask);
            read += content == 0 ? 0 : entries.get(at((int) (content >>> 32) - 1));
        }
        warmUp = read;
        for (int i = 0; i < count; i++) {
            found[i] = lookup(keys[i], found[i]);
        }
    }

    /**
     * Brings entries near at once whose keys are to be read soon, as {@link #lookupAll} does.
     *
     * @param numbers of the entries; negative ones are passed over
     */
    public void fetch(int[] numbers, int count) {
        long read = 0;
        for (int i = 0; i < count; i++) {
            read += numbers[i] < 0 ? 0 : entries.get(at(numbers[i]));
        }
        warmUp = read;
    }

    private int lookup(FlowKey key, int hash) {
        for (int bucket = hash & bucketMask; ; bucket = bucket + 1 & bucketMask) {
            long content = buckets.get(bucket);
            if (content == 0) {
                return NONE;
            }
            int entry = (int) (content >>> 32) - 1;
            if ((int) content == hash && matches(entry, key)) {
                return entry;
            }
        }
    }

    /**
     * Adds a flow, seen now.
     *
     * @param timeoutClass index of its timeout
     * @return its entry, or that of the same flow if it is already there, which stays as it is; -1 = the table is full
     */
    public int insert(FlowKey key, long nowNanos, int timeoutClass) {
        int hash = hash(key);
        int present = lookup(key, hash);
        if (present != NONE || size == capacity) {
            return present;
        }
        if (size == 0) {
            tick = nowNanos >> TICK_SHIFT;
        }
        int entry = allocate();
        int at = at(entry);
        entries.set(at, key.sourceHigh());
        entries.set(at + 1, key.sourceLow());
        entries.set(at + 2, key.destinationHigh());
        entries.set(at + 3, key.destinationLow());
        entries.set(at + TAIL, key.tail());
        entries.set(at + SEEN, nowNanos);
        entries.set(at + CLASS_TAG_HASH, (long) timeoutClass << CLASS_SHIFT | hash & 0xffff_ffffL);
        int bucket = hash & bucketMask;
        while (buckets.get(bucket) != 0) {
            bucket = bucket + 1 & bucketMask;
        }
        buckets.set(bucket, entry + 1L << 32 | hash & 0xffff_ffffL);
        size++;
        schedule(entry);
        return entry;
    }

    /** Removes an entry. */
    public void remove(int entry) {
        unlink(entry);
        removeBucket(bucketOf(entry));
        entries.set(at(entry) + CLASS_TAG_HASH, (long) FREE << CLASS_SHIFT);
        links(entry, NONE, firstFree);
        firstFree = entry;
        size--;
    }

    /** Removes all entries. */
    public void clear() {
        buckets.clear();
        Arrays.fill(wheel, NONE);
        size = 0;
        unused = 0;
        firstFree = NONE;
    }

    /** Whether there is such an entry. */
    public boolean contains(int entry) {
        return entry >= 0 && entry < unused && timeoutClass(entry) != FREE;
    }

    /** The first entry behind another one by number, or -1. Start with -1. Entries may come and go meanwhile. */
    public int next(int entry) {
        return next(entry, unused);
    }

    /** The first entry behind another one and before {@code end} by number, or -1. */
    public int next(int entry, int end) {
        int last = Math.min(end, unused);
        for (int candidate = entry + 1; candidate < last; candidate++) {
            if (timeoutClass(candidate) != FREE) {
                return candidate;
            }
        }
        return NONE;
    }

    /** Entries have numbers below this. */
    public int end() {
        return unused;
    }

    /** Whether a flow in some timeout class that was seen last at some time would have expired by now. */
    public boolean isOver(int timeoutClass, long lastSeen, long nowNanos) {
        return lastSeen + timeouts[timeoutClass] - nowNanos <= 0;
    }

    /** Whether there is such a timeout class. */
    public boolean hasTimeoutClass(int timeoutClass) {
        return timeoutClass >= 0 && timeoutClass < timeouts.length;
    }

    /** Fills in the key of an entry. */
    public void key(int entry, FlowKey into) {
        int at = at(entry);
        into.words(
                entries.get(at), entries.get(at + 1), entries.get(at + 2), entries.get(at + 3), entries.get(at + TAIL));
    }

    /** Notes that the flow was seen now. */
    public void touch(int entry, long nowNanos) {
        entries.set(at(entry) + SEEN, nowNanos);
    }

    /** When the flow was seen last. */
    public long lastSeen(int entry) {
        return entries.get(at(entry) + SEEN);
    }

    /** The timeout class of an entry. */
    public int timeoutClass(int entry) {
        return (int) (entries.get(at(entry) + CLASS_TAG_HASH) >> CLASS_SHIFT);
    }

    /**
     * What a function has noted with an entry, where its key is, so that reading it costs no further access to memory; 0 from
     * the insertion on.
     */
    public int tag(int entry) {
        return (int) (entries.get(at(entry) + CLASS_TAG_HASH) >>> TAG_SHIFT) & MAX_TAG;
    }

    /**
     * Notes something with an entry.
     *
     * @param tag 0 to {@link #MAX_TAG}; higher bits are left out
     */
    public void tag(int entry, int tag) {
        int word = at(entry) + CLASS_TAG_HASH;
        long others = entries.get(word) & ~((long) MAX_TAG << TAG_SHIFT);
        entries.set(word, others | (long) (tag & MAX_TAG) << TAG_SHIFT);
    }

    /**
     * Moves an entry to another timeout class. The new timeout runs from when the flow was seen last; one that has already
     * passed takes effect with the next tick.
     */
    public void timeoutClass(int entry, int timeoutClass) {
        int word = at(entry) + CLASS_TAG_HASH;
        long value = (long) timeoutClass << CLASS_SHIFT | entries.get(word) & (1L << CLASS_SHIFT) - 1;
        if (value != entries.get(word)) {
            entries.set(word, value);
            unlink(entry);
            schedule(entry);
        }
    }

    /**
     * Removes entries whose timeout has passed.
     *
     * @param limit most entries to look at; those that were touched in time count, too
     * @param listener told of each one
     * @return how many were removed
     */
    public int expire(long nowNanos, int limit, ExpiryListener listener) {
        long end = nowNanos >> TICK_SHIFT;
        if (end - tick > WHEEL_SIZE) {
            tick = end - WHEEL_SIZE;
        }
        int removed = 0;
        int looked = 0;
        while (tick < end) {
            int entry = wheel[slot(tick)];
            if (entry == NONE) {
                tick++;
            } else if (looked++ == limit) {
                return removed;
            } else if (deadline(entry) - nowNanos <= 0) {
                listener.expired(entry);
                remove(entry);
                removed++;
            } else {
                unlink(entry);
                schedule(entry);
            }
        }
        return removed;
    }

    private long deadline(int entry) {
        return lastSeen(entry) + timeouts[timeoutClass(entry)];
    }

    /** Puts an entry into the slot of its deadline, or into the last one if that is further away. */
    private void schedule(int entry) {
        long due = Math.clamp(deadline(entry) >> TICK_SHIFT, tick, tick + WHEEL_SIZE - 1);
        int slot = slot(due);
        int head = wheel[slot];
        links(entry, headMark(slot), head);
        if (head != NONE) {
            links(head, entry, following(head));
        }
        wheel[slot] = entry;
    }

    private void unlink(int entry) {
        int previous = previous(entry);
        int following = following(entry);
        if (previous < 0) {
            wheel[headMark(previous)] = following;
        } else {
            links(previous, previous(previous), following);
        }
        if (following != NONE) {
            links(following, previous, following(following));
        }
    }

    private static int slot(long tick) {
        return (int) tick & WHEEL_SIZE - 1;
    }

    /** What the first entry of a slot has as its previous one, and back: the slot's number, made negative. */
    private static int headMark(int slot) {
        return ~slot;
    }

    private int previous(int entry) {
        return (int) (entries.get(at(entry) + LINKS) >> 32);
    }

    private int following(int entry) {
        return (int) entries.get(at(entry) + LINKS);
    }

    private void links(int entry, int previous, int following) {
        entries.set(at(entry) + LINKS, (long) previous << 32 | following & 0xffff_ffffL);
    }

    private int allocate() {
        if (firstFree == NONE) {
            return unused++;
        }
        int entry = firstFree;
        firstFree = following(entry);
        return entry;
    }

    private int bucketOf(int entry) {
        int bucket = (int) entries.get(at(entry) + CLASS_TAG_HASH) & bucketMask;
        while ((int) (buckets.get(bucket) >>> 32) != entry + 1) {
            bucket = bucket + 1 & bucketMask;
        }
        return bucket;
    }

    /** Empties a bucket and moves later ones of its run back, so that no probe meets a gap before its goal. */
    private void removeBucket(int bucket) {
        int gap = bucket;
        for (int next = gap + 1 & bucketMask; buckets.get(next) != 0; next = next + 1 & bucketMask) {
            int home = (int) buckets.get(next) & bucketMask;
            if ((next - home & bucketMask) >= (next - gap & bucketMask)) {
                buckets.set(gap, buckets.get(next));
                gap = next;
            }
        }
        buckets.set(gap, 0);
    }

    private boolean matches(int entry, FlowKey key) {
        int at = at(entry);
        return entries.get(at + TAIL) == key.tail()
                && entries.get(at + 1) == key.sourceLow()
                && entries.get(at + 3) == key.destinationLow()
                && entries.get(at) == key.sourceHigh()
                && entries.get(at + 2) == key.destinationHigh();
    }

    private static int at(int entry) {
        return entry * WORDS;
    }

    private int hash(FlowKey key) {
        long addresses = multiply(key.sourceHigh() ^ hashKeys[0], key.sourceLow() ^ hashKeys[1])
                ^ multiply(key.destinationHigh() ^ hashKeys[2], key.destinationLow() ^ hashKeys[3]);
        long all = multiply(addresses ^ hashKeys[4], key.tail() ^ hashKeys[5]);
        return (int) (all ^ all >>> 32);
    }

    /** The two halves of the 128-bit product, folded: each bit depends on all bits of both factors. */
    private static long multiply(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }
}
