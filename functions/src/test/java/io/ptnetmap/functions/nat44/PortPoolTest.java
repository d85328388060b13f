// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.api.flow.FlowData;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PortPoolTest {
    private static PortPool pool(int first, int last) {
        return new PortPool(new FlowData(2 * PortPool.PORTS), PortPool.PORTS, first, last);
    }

    @Test
    void notesASessionBesideTheBinding() {
        PortPool pool = pool(1024, 65535);
        pool.take(5000, 7);
        assertEquals(PortPool.NONE, PortPool.session(pool.word(5000)));
        pool.session(5000, 9);
        assertEquals(9, PortPool.session(pool.word(5000)));
        assertEquals(7, PortPool.binding(pool.word(5000)));
        pool.session(5000, PortPool.NONE);
        assertEquals(7, PortPool.binding(pool.word(5000)));
        pool.release(5000);
        assertEquals(0, pool.word(5000));
    }

    @Test
    void keepsThePortOrItsParity() {
        PortPool pool = pool(1024, 65535);
        assertEquals(5000, pool.take(5000, 1));
        assertEquals(0, pool.take(5000, 2) % 2);
        assertEquals(1, pool.take(5, 3) % 2, "5 is outside the range");
        assertEquals(1, PortPool.binding(pool.word(5000)));
        pool.release(5000);
        assertEquals(PortPool.NONE, PortPool.binding(pool.word(5000)));
        assertEquals(5000, pool.take(5000, 4));
    }

    @Property(tries = 200)
    void givesEveryPortOnce(
            @ForAll @IntRange(max = 65535) int first, @ForAll @IntRange(max = 300) int more, @ForAll int wish) {
        int last = Math.min(first + more, 65535);
        PortPool pool = pool(first, last);
        Set<Integer> taken = new HashSet<>();
        for (int i = first; i <= last; i++) {
            int port = pool.take(wish & 0xffff, i);
            assertTrue(port >= first && port <= last && taken.add(port));
            assertEquals(i, PortPool.binding(pool.word(port)));
        }
        assertEquals(PortPool.NONE, pool.take(wish & 0xffff, 0));
        pool.release(last);
        assertEquals(last, pool.take(wish & 0xffff, 0));
    }
}
