// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LongArrayTest {
    private static final int GIGABYTE = 1 << 27;

    @ParameterizedTest
    @ValueSource(ints = {1, 512, 300_000, 1_000_000})
    void holdsWhatIsWritten(int length) {
        LongArray array = new LongArray(length);
        assertEquals(length, array.length());
        for (int i = 0; i < length; i++) {
            assertEquals(0, array.get(i));
            array.set(i, ~(long) i);
        }
        for (int i = 0; i < length; i++) {
            assertEquals(~(long) i, array.get(i));
        }
        array.clear();
        assertEquals(0, array.get(length - 1));
    }

    @Test
    void takesWordsThatLieApart() {
        LongArray array = new LongArray(10);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(ValueLayout.JAVA_LONG, 12);
            for (int i = 0; i < 12; i++) {
                memory.setAtIndex(ValueLayout.JAVA_LONG, i, 100 + i);
            }
            array.set(3, 4, memory.address(), 3 * Long.BYTES);
            assertThrows(IndexOutOfBoundsException.class, () -> array.set(7, 4, memory.address(), Long.BYTES));
            assertThrows(IndexOutOfBoundsException.class, () -> array.set(-1, 1, memory.address(), Long.BYTES));
        }
        long[] expected = {0, 0, 0, 100, 103, 106, 109, 0, 0, 0};
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], array.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 10, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void isNotLeft(int index) {
        LongArray array = new LongArray(10);
        assertThrows(IndexOutOfBoundsException.class, () -> array.get(index));
        assertThrows(IndexOutOfBoundsException.class, () -> array.set(index, 1));
    }

    @Test
    void hasNoNegativeLength() {
        assertThrows(IllegalArgumentException.class, () -> new LongArray(-1));
        assertThrows(IndexOutOfBoundsException.class, () -> new LongArray(0).get(0));
    }

    @Test
    void givesItsMemoryBack() throws Exception {
        long before = mappedKilobytes();
        long sum = 0;
        for (int i = 0; i < 50; i++) {
            LongArray array = new LongArray(GIGABYTE);
            array.set(i, 1);
            sum += array.get(i);
        }
        assertEquals(50, sum);
        long end = System.nanoTime() + 20_000_000_000L;
        while (mappedKilobytes() - before > 10 << 20 && System.nanoTime() < end) {
            System.gc();
            Thread.sleep(50);
        }
        long kept = mappedKilobytes() - before;
        assertTrue(kept <= 10 << 20, () -> kept + " KiB are still mapped");
    }

    private static long mappedKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmSize:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
