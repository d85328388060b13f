// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.adapter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.adapter.AdapterSpec.Kind;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterSpecTest {
    @ParameterizedTest
    @ValueSource(strings = {"netmap:null", "netmap:eth0", "vale0:tap", "nullx", "scratchpad", "x"})
    void otherPortsAreNoAdapters(String spec) {
        assertFalse(AdapterSpec.matches(spec));
    }

    @ParameterizedTest
    @CsvSource({
        "pcap:/a/b-c.pcap, PCAP, /a/b-c.pcap, false, true",
        "pcap:/a/b/R, PCAP, /a/b, false, true",
        "pcap:out.pcap/T, PCAP, out.pcap, true, false",
        "pcap:/a/T/T, PCAP, /a/T, true, false",
        "tap:left, TAP, left, true, true",
        "tap:left/T, TAP, left, true, false",
        "null, NULL, '', true, true",
        "null:, NULL, '', true, true",
        "null/R, NULL, '', false, true",
        "scratch@2, SCRATCH, '', true, true"
    })
    void kindNameAndDirections(String spec, Kind kind, String target, boolean transmit, boolean receive) {
        assertTrue(AdapterSpec.matches(spec));
        AdapterSpec parsed = AdapterSpec.parse(spec);
        assertEquals(kind, parsed.kind());
        assertEquals(target, parsed.target());
        assertEquals(transmit, parsed.transmit());
        assertEquals(receive, parsed.receive());
    }

    @Test
    void optionsAreThoseOfOtherPorts() {
        AdapterSpec parsed = AdapterSpec.parse("pcap:a/T@2@snaplen=96@conf:tx-slots=64");
        assertEquals(96, parsed.snaplen());
        assertEquals(2, parsed.region().memId());
        assertEquals(64, parsed.region().conf().txSlots());
        assertEquals(
                Optional.of("x{1"), AdapterSpec.parse("null@share=x{1").region().share());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pcap:|there is no name behind the colon",
                "tap:|there is no name behind the colon",
                "null:x|has no name",
                "tap:sixteencharacter|up to 15 characters",
                "pcap:a/RT|a file is read, /R, or written, /T, not both",
                "pcap:a@snaplen=0|snaplen is 1 to 262144 bytes",
                "pcap:a@nonsense=1|nonsense"
            })
    void badSpecificationsAreExplained(String spec, String expected) {
        String message = assertThrows(IllegalArgumentException.class, () -> AdapterSpec.parse(spec))
                .getMessage();
        assertTrue(message.contains(expected), message);
    }
}
