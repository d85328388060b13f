// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.ObjectMapper;

/** Values in configurations: texts, and what is wrong with them. */
class ValuesTest {
    record Config(
            MacAddress mac,
            Ipv4Address gateway,
            Ipv6Address router,
            IpAddress any,
            List<IpPrefix> prefixes,
            List<PortRange> ports) {}

    @Test
    void jacksonReadsAndWritesThem() {
        String json = """
                {"mac":"02:00:00:00:00:0a","gateway":"192.0.2.1","router":"2001:db8::1","any":"fe80::1",\
                "prefixes":["10.0.0.0/8","2001:db8::/32"],"ports":["80","1024-65535"]}""";
        ObjectMapper mapper = new ObjectMapper();
        Config config = mapper.readValue(json, Config.class);
        assertEquals(new PortRange(1024, 65535), config.ports.get(1));
        assertEquals(Ipv6Address.parse("fe80::1"), config.any);
        assertEquals(mapper.readTree(json), mapper.readTree(mapper.writeValueAsString(config)));
        assertEquals(PortRange.of(443), mapper.readValue("443", PortRange.class));
        DatabindException failure =
                assertThrows(DatabindException.class, () -> mapper.readValue("\"10.0.0.300\"", Ipv4Address.class));
        assertTrue(failure.getMessage().contains("\"10.0.0.300\" is not an IPv4 address"));
    }

    /** RFC 5952 sections 4 and 5. */
    @ParameterizedTest
    @CsvSource({
        "2001:0db8::0001, 2001:db8::1",
        "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:DB8::ABCD, 2001:db8::abcd",
        "::, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1::, 1::",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "::ffff:c000:201, ::ffff:192.0.2.1",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
    })
    void canonicalIpv6(String text, String canonical) {
        assertEquals(canonical, Ipv6Address.parse(text).toString());
        assertEquals(Ipv6Address.parse(text), Ipv6Address.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "12345::",
                "g::",
                "::1%eth0",
                "1.2.3.4::",
                "::1.2.3",
                "::1.2.3.4:5",
                ":1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:",
                "1:2:3:4:5:6:7:1.2.3.4"
            })
    void notIpv6(String text) {
        assertThrows(IllegalArgumentException.class, () -> Ipv6Address.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1..2.3", "1.2.3.-4", "1.2.3.4 ", "localhost"
            })
    void notIpv4(String text) {
        assertThrows(IllegalArgumentException.class, () -> Ipv4Address.parse(text));
    }

    /** The JDK reads IPv6 texts, too; it takes mapped addresses for IPv4. */
    @Property
    void ipv6TextsAreReadByOthers(@ForAll long high, @ForAll long low, @ForAll @IntRange(max = 3) int zeroGroups)
            throws UnknownHostException {
        long sparse = high & -1L << 16 * zeroGroups;
        String text = new Ipv6Address(sparse, low).toString();
        ByteBuffer read = ByteBuffer.wrap(InetAddress.getByName(text).getAddress());
        assertEquals(sparse, read.getLong());
        assertEquals(low, read.getLong());
        assertEquals(new Ipv6Address(sparse, low), Ipv6Address.parse(text));
    }

    @Property
    void ipv4TextsParseBack(@ForAll int value) {
        assertEquals(value, Ipv4Address.parse(new Ipv4Address(value).toString()).value());
    }

    @Property
    void macTextsParseBack(@ForAll long value) {
        MacAddress mac = new MacAddress(value & Ethernet.BROADCAST);
        assertEquals(mac, MacAddress.parse(mac.toString()));
        assertEquals(
                mac,
                MacAddress.parse(
                        mac.toString().toUpperCase(java.util.Locale.ROOT).replace(':', '-')));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "02:00:00:00:00",
                "02:00:00:00:00:0g",
                "02-00:00-00:00-00",
                "020000000000",
                "02:00:00:00:00:001"
            })
    void notMac(String text) {
        assertThrows(IllegalArgumentException.class, () -> MacAddress.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, 11.0.0.0",
        "192.0.2.1, 192.0.2.1, 192.0.2.0",
        "0.0.0.0/0, 255.255.255.255, ::ffff:1.2.3.4",
        "::/0, ::ffff:1.2.3.4, 1.2.3.4",
        "2001:db8::/32, 2001:db8:ffff::, 2001:db9::",
        "2001:db8::/64, 2001:db8::ffff:0:0:1, 2001:db8:0:1::",
        "2001:db8::8000:0:0:0/65, 2001:db8::8000:0:0:1, 2001:db8::1",
        "::1/128, ::1, ::2"
    })
    void prefixes(String text, String inside, String outside) {
        IpPrefix prefix = IpPrefix.parse(text);
        assertTrue(prefix.contains(IpAddress.parse(inside)));
        assertFalse(prefix.contains(IpAddress.parse(outside)));
        assertEquals(prefix, IpPrefix.parse(prefix.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "/8", "2001:db8::1/64", "::/129"})
    void notPrefix(String text) {
        assertThrows(IllegalArgumentException.class, () -> IpPrefix.parse(text));
    }

    @Test
    void prefixErrorSaysWhatToWrite() {
        Exception error = assertThrows(IllegalArgumentException.class, () -> IpPrefix.parse("10.0.0.1/8"));
        assertTrue(error.getMessage().endsWith("write 10.0.0.0/8"), error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "65536", "80-", "-80", "90-80", "1-2-3", "http"})
    void notPorts(String text) {
        assertThrows(IllegalArgumentException.class, () -> PortRange.parse(text));
    }

    @Test
    void portRange() {
        PortRange range = PortRange.parse("1024-2047");
        assertTrue(range.contains(1024) && range.contains(2047));
        assertFalse(range.contains(1023) || range.contains(2048));
        assertEquals(1024, range.size());
        assertEquals("80", PortRange.parse("80").toString());
    }
}
