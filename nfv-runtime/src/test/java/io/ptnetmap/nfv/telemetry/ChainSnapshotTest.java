// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Link;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChainSnapshotTest {
    private static final Hop HOP = new HopBuilder("a", "tally")
            .at("same", 0)
            .received(10, 600)
            .receivedBackward(4, 240)
            .sent(9, 540)
            .drops(Map.of("rule", 1L))
            .behind(new Link("vale", 8, 0))
            .build();

    @Test
    void whatIsDroppedOnTheWayChangesNothingOfWhatCameIn() {
        Hop hop = HOP.unsent(Map.of("rule", 1L, "link-full", 2L));
        assertEquals(6, hop.sent());
        assertEquals(Map.of("rule", 2L, "link-full", 2L), hop.drops());
        assertEquals(4, hop.receivedBackward());
        assertEquals(240, hop.receivedBackwardBytes());
        assertEquals(0, hop.unaccounted());
    }

    @Test
    void accountsOfOneFunctionAddUp() {
        Hop hop = HOP.plus(HOP);
        assertEquals(18, hop.sent());
        assertEquals(Map.of("rule", 2L), hop.drops());
        assertEquals(8, hop.receivedBackward());
        assertEquals(0, hop.unaccounted());
    }
}
