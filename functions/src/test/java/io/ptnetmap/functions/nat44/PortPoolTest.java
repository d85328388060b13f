// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PortPoolTest {
    @Test
    void keepsThePortOrItsParity() {
        PortPool pool = new PortPool(1024, 65535);
        assertEquals(5000, pool.take(5000, 1));
        assertEquals(0, pool.take(5000, 2) % 2);
        assertEquals(1, pool.take(5, 3) % 2, "5 is outside the range");
        assertEquals(1, pool.binding(5000));
        pool.release(5000);
        assertEquals(PortPool.NONE, pool.binding(5000));
        assertEquals(5000, pool.take(5000, 4));
    }

    @Property(tries = 200)
    void givesEveryPortOnce(
            @ForAll @IntRange(max = 65535) int first, @ForAll @IntRange(max = 300) int more, @ForAll int wish) {
        int last = Math.min(first + more, 65535);
        PortPool pool = new PortPool(first, last);
        Set<Integer> taken = new HashSet<>();
        for (int i = first; i <= last; i++) {
            int port = pool.take(wish & 0xffff, i);
            assertTrue(port >= first && port <= last && taken.add(port));
            assertEquals(i, pool.binding(port));
        }
        assertEquals(PortPool.NONE, pool.take(wish & 0xffff, 0));
        pool.release(last);
        assertEquals(last, pool.take(wish & 0xffff, 0));
    }
}
