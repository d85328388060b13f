// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Well-formed packets with garbage in some of their bytes, or cut off, so that every header field is wrong at some time. */
public final class Mutations {
    private static final int HEADERS = 90;

    private final Random random;
    private final List<byte[]> originals;

    /** @param originals well-formed packets */
    public Mutations(long seed, List<byte[]> originals) {
        this.random = new Random(seed);
        this.originals = originals;
    }

    /** Number of packets for tests with garbage: system property {@code garbage.packets}, else 200000. */
    public static int count() {
        return Integer.getInteger("garbage.packets", 200_000);
    }

    public byte[] next() {
        byte[] packet = originals.get(random.nextInt(originals.size())).clone();
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(Math.min(HEADERS, packet.length));
            packet[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (packet[at] ^ 1 << random.nextInt(8));
        }
        return random.nextInt(8) == 0 ? Arrays.copyOf(packet, random.nextInt(packet.length)) : packet;
    }

    /** Packets of all kinds between a few addresses of 10.1.0.0/24, 203.0.113.1, 198.51.100.0/24 and two of IPv6. */
    public static List<byte[]> originals() {
        String[][] ends = {
            {"10.1.0.2", "198.51.100.1"},
            {"198.51.100.1", "203.0.113.1"},
            {"10.1.0.3", "203.0.113.1"},
            {"2001:db8::1", "2001:db8:1::1"},
            {"2001:db8:1::1", "2001:db8::1"}
        };
        return IntStream.range(0, ends.length)
                .mapToObj(i -> between(ends[i][0], ends[i][1]))
                .flatMap(List::stream)
                .toList();
    }

    private static List<byte[]> between(String source, String destination) {
        boolean ipv6 = source.contains(":");
        byte[] udp = Frames.udp(source, 2000, destination, 2000, 60);
        byte[] tcp = Frames.tcp(source, 2000, destination, 2000, 0x12);
        byte[] back = Frames.udp(destination, 2000, source, 2000, 60);
        List<byte[]> pieces = ipv6 ? Frames.fragmentsIpv6(udp, 24, 9) : Frames.fragments(udp, 24);
        return List.of(
                udp,
                tcp,
                Frames.tcp(source, 2000, destination, 2000, 0x02),
                Frames.icmp(source, destination, ipv6 ? 128 : 8, 0, 2000),
                Frames.icmp(source, destination, ipv6 ? 129 : 0, 0, 2000),
                Frames.error(source, destination, ipv6 ? 1 : 3, back, 80),
                Frames.error(source, destination, ipv6 ? 3 : 11, back, ipv6 ? 48 : 28),
                Frames.ip(47, source, destination, new byte[30]),
                pieces.get(0),
                pieces.get(1));
    }
}
