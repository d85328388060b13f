// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.api.packet.IpProtocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FlowTableTest {
    private static final List<Duration> TIMEOUTS =
            List.of(Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofHours(2));
    private static final int ALL = Integer.MAX_VALUE;
    private static final FlowTable.ExpiryListener IGNORE = entry -> {};

    private static FlowKey key(int number) {
        return new FlowKey().ipv4(IpProtocol.UDP, number, number >>> 3, 2, 53);
    }

    /** What the table should hold of one flow. */
    private static final class Flow {
        final int entry;
        long seen;
        int timeoutClass;
        /** When it came into this class: it cannot expire because of it before. */
        long changed;

        Flow(int entry, long seen, int timeoutClass) {
            this.entry = entry;
            this.seen = seen;
            this.timeoutClass = timeoutClass;
            this.changed = seen;
        }

        long deadline() {
            return seen + TIMEOUTS.get(timeoutClass).toNanos();
        }
    }

    /** A long random history, with a table so small that buckets collide, runs wrap around and it is often full. */
    @Property(tries = 300)
    void behavesAsAMap(@ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int capacity) {
        Random random = new Random(seed);
        FlowTable table = new FlowTable(capacity, TIMEOUTS, seed);
        Map<FlowKey, Flow> model = new HashMap<>();
        long now = random.nextLong() >> 1;
        for (int step = 0; step < 2000; step++) {
            FlowKey key = key(random.nextInt(60));
            Flow flow = model.get(key);
            assertEquals(flow == null ? -1 : flow.entry, table.lookup(key));
            int timeoutClass = random.nextInt(TIMEOUTS.size());
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    int entry = table.insert(key, now, timeoutClass);
                    if (flow != null) {
                        assertEquals(flow.entry, entry);
                    } else if (model.size() == capacity) {
                        assertEquals(-1, entry);
                    } else {
                        assertTrue(entry >= 0 && entry < capacity);
                        assertTrue(model.values().stream().noneMatch(other -> other.entry == entry));
                        model.put(key, new Flow(entry, now, timeoutClass));
                    }
                }
                case 2 -> {
                    if (flow != null) {
                        table.remove(flow.entry);
                        model.remove(key);
                        assertFalse(table.contains(flow.entry));
                    }
                }
                case 3 -> {
                    if (flow != null) {
                        table.touch(flow.entry, now);
                        flow.seen = now;
                    }
                }
                case 4 -> {
                    if (flow != null) {
                        table.timeoutClass(flow.entry, timeoutClass);
                        flow.timeoutClass = timeoutClass;
                        flow.changed = now;
                    }
                }
                default -> {
                    now += random.nextLong(1L << 20 + random.nextInt(24));
                    expire(table, model, now);
                }
            }
            assertEquals(model.size(), table.size());
        }
        assertSameContents(table, model);
        assertBatchLookup(table, model);
    }

    private static void assertBatchLookup(FlowTable table, Map<FlowKey, Flow> model) {
        FlowKey[] keys = new FlowKey[60];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = key(i);
        }
        int[] found = new int[keys.length];
        table.lookupAll(keys, keys.length, found);
        FlowData numbers = new FlowData(table.capacity());
        for (int i = 0; i < keys.length; i++) {
            Flow flow = model.get(keys[i]);
            assertEquals(flow == null ? -1 : flow.entry, found[i]);
            if (found[i] >= 0) {
                numbers.set(found[i], i);
            }
        }
        table.fetch(found, found.length);
        numbers.fetch(found, found.length);
        for (int i = 0; i < keys.length; i++) {
            assertTrue(found[i] < 0 || numbers.get(found[i]) == i);
        }
    }

    private static void expire(FlowTable table, Map<FlowKey, Flow> model, long now) {
        FlowKey key = new FlowKey();
        int before = model.size();
        int removed = table.expire(now, ALL, entry -> {
            table.key(entry, key);
            Flow flow = model.remove(key);
            assertEquals(flow.entry, entry);
            assertTrue(flow.deadline() - now <= 0, "expired before its time");
        });
        assertEquals(before - model.size(), removed);
        for (Flow flow : model.values()) {
            assertTrue(Math.max(flow.deadline(), flow.changed) - now > -FlowTable.TICK_NANOS, "should have expired");
        }
    }

    private static void assertSameContents(FlowTable table, Map<FlowKey, Flow> model) {
        FlowKey key = new FlowKey();
        int found = 0;
        for (int entry = table.next(-1); entry >= 0; entry = table.next(entry)) {
            table.key(entry, key);
            Flow flow = model.get(key);
            assertEquals(flow.entry, entry);
            assertEquals(flow.seen, table.lastSeen(entry));
            assertEquals(flow.timeoutClass, table.timeoutClass(entry));
            found++;
        }
        assertEquals(model.size(), found);
    }

    @Test
    void expiresInOrderOfDeadlines() {
        FlowTable table = new FlowTable(1000, TIMEOUTS, 1);
        Random random = new Random(5);
        long latest = 0;
        for (int i = 0; i < 1000; i++) {
            latest += random.nextInt(100_000_000);
            table.insert(key(i), latest, random.nextInt(2));
        }
        List<Long> ticks = new ArrayList<>();
        int removed = table.expire(latest + Duration.ofSeconds(31).toNanos(), ALL, entry -> {
            long deadline = table.lastSeen(entry)
                    + TIMEOUTS.get(table.timeoutClass(entry)).toNanos();
            ticks.add(deadline / FlowTable.TICK_NANOS);
        });
        assertEquals(1000, removed);
        assertEquals(ticks.stream().sorted().toList(), ticks);
    }

    @Test
    void worksOffALimitAtATime() {
        FlowTable table = new FlowTable(100, TIMEOUTS, 1);
        for (int i = 0; i < 100; i++) {
            table.insert(key(i), 0, 0);
        }
        long later = Duration.ofSeconds(2).toNanos();
        for (int left = 90; left >= 0; left -= 10) {
            assertEquals(10, table.expire(later, 10, IGNORE));
            assertEquals(left, table.size());
        }
        assertEquals(0, table.expire(later, 10, IGNORE));
    }

    @Test
    void listenerMayRemoveOthers() {
        FlowTable table = new FlowTable(100, TIMEOUTS, 1);
        for (int i = 0; i < 100; i++) {
            assertEquals(i, table.insert(key(i), 0, 0));
        }
        int told = table.expire(Duration.ofSeconds(2).toNanos(), ALL, entry -> table.remove(entry ^ 1));
        assertEquals(50, told);
        assertEquals(0, table.size());
    }

    @Test
    void timeoutsBeyondTheWheelAndPausesBeyondIt() {
        FlowTable table = new FlowTable(10, TIMEOUTS, 1);
        long timeout = TIMEOUTS.get(2).toNanos();
        table.insert(key(1), 0, 2);
        assertEquals(0, table.expire(timeout - 1, ALL, IGNORE));
        assertEquals(1, table.expire(timeout + FlowTable.TICK_NANOS, ALL, IGNORE));
        table.insert(key(2), timeout, 2);
        for (long now = timeout; now < 2 * timeout; now += Duration.ofMinutes(7).toNanos()) {
            assertEquals(0, table.expire(now, ALL, IGNORE));
        }
        assertEquals(1, table.expire(2 * timeout + FlowTable.TICK_NANOS, ALL, IGNORE));
    }

    @Test
    void clearedTableIsEmptyAndUsable() {
        FlowTable table = new FlowTable(4, TIMEOUTS);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 4; i++) {
                assertEquals(i, table.insert(key(i), 0, 0));
            }
            assertEquals(-1, table.insert(key(4), 0, 0));
            table.clear();
            assertEquals(0, table.size());
            assertEquals(-1, table.lookup(key(0)));
            assertEquals(-1, table.next(-1));
        }
    }

    @Test
    void argumentsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> new FlowTable(0, TIMEOUTS));
        assertThrows(IllegalArgumentException.class, () -> new FlowTable(1, List.of()));
    }
}
