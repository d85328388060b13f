// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EdgesTest {
    /** Numbers are not in the chain's order once it has been changed. */
    private static final List<Integer> ORDER = List.of(4, 0, 9, 2, 7);

    private static Set<Integer> outermost(Set<Integer> before, Set<Integer> behind) {
        return new Edges(before, behind).outermost(ORDER);
    }

    @Test
    void whatLeavesInTheMiddleIsHeldAtBothSides() {
        assertEquals(Set.of(0, 2), outermost(Set.of(0), Set.of(2)));
    }

    @Test
    void whatLeavesAtAnEndIsHeldAtTheOther() {
        assertEquals(Set.of(9), outermost(Set.of(), Set.of(9)));
        assertEquals(Set.of(9), outermost(Set.of(9), Set.of()));
        assertEquals(Set.of(), outermost(Set.of(), Set.of()));
    }

    @Test
    void whatStaysBetweenTwoThatLeaveGoesOn() {
        assertEquals(Set.of(4, 7), outermost(Set.of(4, 2), Set.of(0, 7)));
        assertEquals(Set.of(), outermost(Set.of(2), Set.of(0)));
    }

    @Test
    void partsThatLeaveAreOneWhereALinkJoinsThem() {
        Edges one = new Edges(Set.of(4), Set.of(0));
        Edges other = new Edges(Set.of(0), Set.of(9));
        assertEquals(Set.of(4, 9), one.plus(other).outermost(ORDER));
        assertEquals(Set.of(), new Edges(Set.of(0), Set.of(0)).outermost(ORDER));
    }
}
