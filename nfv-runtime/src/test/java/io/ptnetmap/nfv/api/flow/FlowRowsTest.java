// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Flows on their way out of a table and back. */
class FlowRowsTest {
    private static final List<Duration> TIMEOUTS = List.of(Duration.ofSeconds(30), Duration.ofHours(2));
    private static final int WORDS = 3;

    /** Numbers of every length, with either sign. */
    private static long any(Random random) {
        return random.nextLong() >> random.nextInt(Long.SIZE);
    }

    private static FlowKey key(Random random) {
        return new FlowKey().words(any(random), any(random), any(random), any(random), any(random));
    }

    private static List<Long> row(FlowRows rows, int row) {
        FlowKey key = rows.key(row, new FlowKey());
        return List.of(
                key.sourceHigh(),
                key.sourceLow(),
                key.destinationHigh(),
                key.destinationLow(),
                key.tail(),
                rows.lastSeen(row),
                (long) rows.timeoutClass(row),
                rows.word(row, 0),
                rows.word(row, 1),
                rows.word(row, 2));
    }

    private static List<List<Long>> all(FlowRows rows) {
        List<List<Long>> all = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            all.add(row(rows, i));
        }
        return all;
    }

    private static FlowRows random(Random random, int flows) {
        FlowTable table = new FlowTable(Math.max(1, flows), TIMEOUTS, 1);
        FlowRows rows = new FlowRows(WORDS);
        for (int i = 0; i < flows; i++) {
            int entry = table.insert(key(random), any(random), random.nextInt(2));
            rows.add(table, entry, any(random), any(random), any(random));
        }
        return rows;
    }

    private static byte[] written(FlowRows rows, long now) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        rows.write(new DataOutputStream(bytes), now);
        return bytes.toByteArray();
    }

    private static FlowRows read(byte[] bytes, long now) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        FlowRows read = FlowRows.read(new DataInputStream(in), WORDS, now);
        assertEquals(0, in.available(), "all is read");
        return read;
    }

    @Property(tries = 200)
    void whatIsWrittenIsReadByAnyClock(@ForAll long seed, @ForAll @IntRange(max = 700) int flows) throws IOException {
        Random random = new Random(seed);
        FlowRows rows = random(random, flows);
        long now = any(random);
        assertEquals(all(rows), all(read(written(rows, now), now)));
        long other = any(random);
        FlowRows elsewhere = read(written(rows, now), other);
        for (int i = 0; i < flows; i++) {
            assertEquals(now - rows.lastSeen(i), other - elsewhere.lastSeen(i));
        }
    }

    @Property(tries = 500)
    void whatIsDamagedIsRefusedOrHasOtherValues(@ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int flows)
            throws IOException {
        Random random = new Random(seed);
        byte[] bytes = written(random(random, flows), 0);
        byte[] damaged = random.nextBoolean() ? bytes.clone() : Arrays.copyOf(bytes, random.nextInt(bytes.length));
        if (damaged.length == bytes.length) {
            damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        try {
            FlowRows.read(new DataInputStream(new ByteArrayInputStream(damaged)), WORDS, 0);
        } catch (IOException expected) {
            assertTrue(
                    expected instanceof EOFException || expected.getMessage().startsWith("not the flows of a table"));
        }
    }

    @Property(tries = 100)
    void rowsOfOtherFunctionsAreRefused(@ForAll long seed) throws IOException {
        byte[] bytes = written(random(new Random(seed), 3), 0);
        assertThrows(
                IOException.class,
                () -> FlowRows.read(new DataInputStream(new ByteArrayInputStream(bytes)), WORDS + 1, 0));
    }

    /** Flows come and go, and change, between the steps of a scan. */
    @Property(tries = 100)
    void aScanHasEachFlowOnceThatStays(@ForAll long seed, @ForAll @IntRange(max = 3000) int flows) throws IOException {
        Random random = new Random(seed);
        FlowTable table = new FlowTable(10_000, TIMEOUTS, seed);
        long[] known = new long[10_000];
        Set<List<Long>> staying = new HashSet<>();
        List<FlowKey> passing = new ArrayList<>();
        for (int i = 0; i < flows; i++) {
            FlowKey key = key(random);
            known[table.insert(key, i, 0)] = key.sourceLow();
            if (random.nextBoolean()) {
                staying.add(words(key));
            } else {
                passing.add(key);
            }
        }
        FlowScan scan = new FlowScan(table, WORDS, (rows, row, entry) -> rows.word(row, 1, known[entry]), 0);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        boolean more = true;
        while (more) {
            more = scan.take();
            for (int i = random.nextInt(200); i > 0 && !passing.isEmpty(); i--) {
                table.remove(table.lookup(passing.removeLast()));
            }
            for (int i = random.nextInt(200); i > 0; i--) {
                FlowKey key = key(random);
                int entry = table.insert(key, 0, 1);
                if (entry >= 0) {
                    known[entry] = key.sourceLow();
                }
            }
            scan.write(out);
        }
        FlowRows rows = read(bytes.toByteArray(), 0);
        assertEquals(scan.entries(), rows.size());
        Map<List<Long>, Integer> times = new HashMap<>();
        FlowKey key = new FlowKey();
        for (int i = 0; i < rows.size(); i++) {
            times.merge(words(rows.key(i, key)), 1, Integer::sum);
            assertEquals(key.sourceLow(), rows.word(i, 1), "each entry by itself is right");
        }
        staying.forEach(flow -> assertEquals(1, times.getOrDefault(flow, 0)));
    }

    private static List<Long> words(FlowKey key) {
        return List.of(key.sourceHigh(), key.sourceLow(), key.destinationHigh(), key.destinationLow(), key.tail());
    }
}
