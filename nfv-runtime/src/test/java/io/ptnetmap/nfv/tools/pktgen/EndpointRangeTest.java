// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.tools.MacAddress;
import io.ptnetmap.nfv.tools.ToolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointRangeTest {
    @Test
    void rangesOfBothFamilies() {
        assertEquals(
                new EndpointRange(0, 0x0a000001, 0x0a000001, 1234, 1234, false),
                EndpointRange.parse("10.0.0.1", false));
        assertEquals(
                new EndpointRange(0, 0xc0a80001L, 0xc0a800feL, 5, 7, false),
                EndpointRange.parse("192.168.0.1:5-192.168.0.254:7", false));
        // The port of a range's end is that of its start where it is left out.
        assertEquals(
                new EndpointRange(0, 0x0a000001, 0x0a000009, 80, 80, false),
                EndpointRange.parse("10.0.0.1:80-10.0.0.9", false));
        assertEquals(
                new EndpointRange(0xfd00L << 48, 1, 9, 2000, 2010, true),
                EndpointRange.parse("[fd00::1]:2000-[fd00::9]:2010", true));
        assertEquals(new EndpointRange(0xfd00L << 48, 1, 1, 1234, 1234, true), EndpointRange.parse("fd00::1", true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0|false|'10.0.0' is no range of IPv4 addresses; write it as 10.0.0.1 or",
                "10.0.0.256|false|is no range of IPv4 addresses",
                "localhost|false|is no range of IPv4 addresses",
                "10.0.0.1:70000|false|UDP ports go up to 65535",
                "10.0.0.9-10.0.0.1|false|from the lower address and port to the higher",
                "10.0.0.1:9-10.0.0.2:1|false|from the lower address and port to the higher",
                "10.0.0.1-10.0.0.2-10.0.0.3|false|is no range of IPv4 addresses",
                "fd00::1-fd01::1|true|differ in their lower 64 bits only",
                "10.0.0.1|true|is no range of IPv6 addresses",
                "fd00::g|true|is no range of IPv6 addresses"
            })
    void badRangesAreExplained(String text, boolean ipv6, String expected) {
        String message = assertThrows(ToolException.class, () -> EndpointRange.parse(text, ipv6))
                .getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void ethernetAddresses() {
        assertEquals(0x0200_0000_00ffL, MacAddress.parse("2:0:0:0:0:ff").value());
        assertEquals("02:00:00:00:00:ff", new MacAddress(0x0200_0000_00ffL).toString());
        assertThrows(ToolException.class, () -> MacAddress.parse("02:00:00:00:00"));
        assertThrows(ToolException.class, () -> MacAddress.parse("02:00:00:00:00:0g"));
    }
}
