// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RingWindowTest {
    private static final int SLOTS =
            AbiFacts.at("/vectors/ring_prologue/num_slots").asInt();

    private static Set<List<Integer>> tuples(String name) {
        return AbiFacts.elements("/vectors/ring_prologue/" + name)
                .map(tuple -> tuple.valueStream()
                        .map(JsonNode::asLong)
                        .map(Long::intValue)
                        .toList())
                .collect(Collectors.toSet());
    }

    /** netmap accepts 30 tuples more, all with a {@code cur} that is no slot; these are refused here (ABI §3.3). */
    @Test
    void acceptsWhatNetmapAcceptsExceptCurBeyondTheRing() {
        Set<List<Integer>> quirks = tuples("accepted_outside_the_model");
        assertEquals(30, quirks.size());
        quirks.forEach(tuple -> assertTrue(Integer.compareUnsigned(tuple.get(3), SLOTS) >= 0, tuple::toString));
        Set<List<Integer>> expected = tuples("accepted");
        assertTrue(expected.removeAll(quirks));

        int tried = 0;
        List<Integer> values = AbiFacts.elements("/vectors/ring_prologue/head_and_cur_values_tried")
                .map(value -> (int) value.asLong())
                .toList();
        for (int start = 0; start < SLOTS; start++) {
            for (int tail = 0; tail < SLOTS; tail++) {
                for (int head : values) {
                    for (int cur : values) {
                        List<Integer> tuple = List.of(start, tail, head, cur);
                        assertEquals(
                                expected.contains(tuple),
                                RingWindow.accepts(start, tail, head, cur, SLOTS),
                                tuple::toString);
                        tried++;
                    }
                }
            }
        }
        assertEquals(AbiFacts.at("/vectors/ring_prologue/tried").asInt(), tried);
    }

    @Test
    void distanceGoesForward() {
        assertEquals(0, RingWindow.distance(3, 3, 7));
        assertEquals(2, RingWindow.distance(6, 1, 7));
        assertEquals(5, RingWindow.distance(1, 6, 7));
    }

    @Test
    void refusesNegativeNumbers() {
        assertFalse(RingWindow.accepts(0, 3, -1, 2, SLOTS));
        assertFalse(RingWindow.accepts(3, 1, 3, Integer.MIN_VALUE, SLOTS));
    }
}
