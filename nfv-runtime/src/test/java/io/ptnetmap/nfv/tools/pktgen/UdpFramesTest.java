// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.packet.Checksum;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.Ipv4;
import io.ptnetmap.nfv.tools.MacAddress;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UdpFramesTest {
    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");

    private final Arena arena = Arena.ofAuto();
    private final Packet packet = new Packet();
    private final Headers headers = new Headers();

    private static FrameConfig config(int min, int max, String source, String destination, boolean random) {
        boolean ipv6 = source.contains("::");
        return new FrameConfig(
                min,
                max,
                EndpointRange.parse(source, ipv6),
                EndpointRange.parse(destination, ipv6),
                MAC,
                MacAddress.BROADCAST,
                random,
                random);
    }

    private Headers parse(UdpFrames frames) {
        int length = frames.next();
        packet.wrap(
                frames.address(), length, length, length, arena.allocate(8, 8).address());
        assertTrue(headers.parse(packet), "not well-formed");
        return headers;
    }

    private void assertChecksums(Headers parsed) {
        assertTrue(Checksum.transportValid(parsed), "UDP checksum");
        assertTrue(packet.u16(parsed.l4Offset() + 6) != 0);
        Ipv4 ip = new Ipv4();
        if (ip.wrap(packet)) {
            assertTrue(Checksum.valid(ip), "IPv4 checksum");
        }
    }

    @Test
    void rangesAreGoneThroughSourcePortFirst() {
        List<String> seen = new ArrayList<>();
        try (UdpFrames frames =
                new UdpFrames(config(60, 60, "10.0.0.1:7-10.0.0.2:8", "10.1.0.1:1-10.1.0.1:2", false), 1)) {
            for (int i = 0; i < 9; i++) {
                Headers parsed = parse(frames);
                assertChecksums(parsed);
                seen.add((parsed.sourceIpv4() & 0xff) + ":" + parsed.sourcePort() + ">" + parsed.destinationPort());
            }
        }
        assertEquals(List.of("1:7>1", "1:8>1", "2:7>1", "2:8>1", "1:7>2", "1:8>2", "2:7>2", "2:8>2", "1:7>1"), seen);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1:1-10.0.255.255:65535", "[fd00::1]:1-[fd00::ffff]:65535"})
    void checksumsAreRightForAllSizesAndRandomAddresses(String range) {
        Set<Integer> ports = new HashSet<>();
        Set<Integer> sizes = new HashSet<>();
        try (UdpFrames frames = new UdpFrames(config(62, 1514, range, range, true), 1)) {
            for (int i = 0; i < 20_000; i++) {
                if (i > 10_000 && frames.hasRoomForSequence()) {
                    frames.sequence(i * 0x01000193);
                }
                Headers parsed = parse(frames);
                assertChecksums(parsed);
                ports.add(parsed.sourcePort());
                sizes.add(packet.length());
            }
        }
        assertTrue(ports.size() > 15_000, ports::toString);
        assertEquals(1514 - 62 + 1, sizes.size());
    }

    @Test
    void numbersStandAtTheStartOfThePayload() {
        try (UdpFrames frames = new UdpFrames(config(60, 60, "10.0.0.1", "10.1.0.1", false), 1)) {
            IntStream.of(0, 1, -1, 0x12345678).forEach(number -> {
                frames.sequence(number);
                assertChecksums(parse(frames));
                assertEquals(number, Memory.getIntBigEndian(frames.address() + 42));
            });
        }
    }

    @Test
    void framesShorterThanTheirHeadersAreCut() {
        try (UdpFrames frames = new UdpFrames(config(16, 16, "10.0.0.1", "10.1.0.1", false), 1)) {
            assertEquals(16, frames.next());
            assertEquals(0x0800, Memory.getShortBigEndian(frames.address() + 12));
        }
    }
}
