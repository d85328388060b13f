// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Recorded packets with garbage in some of their bytes or cut off, and packets that are nothing but garbage. */
final class HostileTraffic {
    private static final int[] EDGE_LENGTHS = {0, 1, 13, 14, 15, 33, 34, 59, 60, 1514, 2047, 2048, 2049, 9000};
    /** Where headers are; the rest is payload. */
    private static final int HEADERS = 90;

    private final Random random;
    private final List<byte[]> originals;

    HostileTraffic(long seed) {
        random = new Random(seed);
        originals = Stream.of("gateway-in.pcapng", "vlan.pcap")
                .map(Path::of)
                .flatMap(file -> Capture.read(Capture.TRAFFIC.resolve(file)).stream())
                .map(Capture.Frame::bytes)
                .toList();
    }

    byte[] next() {
        return switch (random.nextInt(16)) {
            case 0 -> garbage(EDGE_LENGTHS[random.nextInt(EDGE_LENGTHS.length)]);
            case 1, 2 -> garbage(random.nextInt(200));
            case 3 -> cut(mutated());
            default -> mutated();
        };
    }

    private byte[] garbage(int length) {
        byte[] packet = new byte[length];
        random.nextBytes(packet);
        return packet;
    }

    private byte[] mutated() {
        byte[] packet = originals.get(random.nextInt(originals.size())).clone();
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(Math.min(HEADERS, packet.length));
            packet[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (packet[at] ^ 1 << random.nextInt(8));
        }
        return packet;
    }

    private byte[] cut(byte[] packet) {
        return Arrays.copyOf(packet, random.nextInt(packet.length));
    }
}
