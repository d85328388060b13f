// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SequenceCheckTest {
    private final SequenceCheck check = new SequenceCheck();

    @Property
    void agreesWithASetOfAllNumbers(@ForAll @Size(max = 300) List<@IntRange(max = 200) Integer> sequences) {
        SequenceCheck subject = new SequenceCheck();
        Set<Integer> seen = new HashSet<>();
        int highest = -1;
        int duplicates = 0;
        int reordered = 0;
        for (int sequence : sequences) {
            if (!seen.add(sequence)) {
                duplicates++;
            } else if (sequence < highest) {
                reordered++;
            }
            highest = Math.max(highest, sequence);
            subject.accept(sequence);
        }
        assertEquals(duplicates, subject.duplicated());
        assertEquals(reordered, subject.reordered());
        assertEquals(highest + 1 - seen.size(), subject.lost());
    }

    @Test
    void remembersAWindow() {
        for (long i = 0; i < 3L * SequenceCheck.WINDOW; i++) {
            if (i % 2 == 0) {
                check.accept(i);
            }
        }
        long last = 3L * SequenceCheck.WINDOW - 2;
        check.accept(last - SequenceCheck.WINDOW + 2);
        assertEquals(1, check.duplicated());
        check.accept(last - SequenceCheck.WINDOW + 1);
        assertEquals(1, check.reordered());
        assertEquals(3L * SequenceCheck.WINDOW / 2 - 2, check.lost());
    }

    @Test
    void survivesAnyNumber() {
        check.accept(Long.MAX_VALUE);
        check.accept(Long.MIN_VALUE);
        check.accept(-1);
        check.accept(5);
        assertEquals(0, check.duplicated());
    }
}
