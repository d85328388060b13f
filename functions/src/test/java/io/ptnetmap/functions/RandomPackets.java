// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions;

import java.util.Random;

/** Packets of random length and contents, half of them with a plausible beginning so that parsers get deep into them. */
public final class RandomPackets {
    private static final int[] ETHER_TYPES = {0x0800, 0x86dd, 0x8100, 0x88a8, 0x0806};
    private static final int[] PROTOCOLS = {6, 17, 1, 58, 0, 44};

    private final Random random;

    public RandomPackets(long seed) {
        random = new Random(seed);
    }

    public byte[] next() {
        byte[] packet = new byte[random.nextInt(4) == 0 ? random.nextInt(20) : random.nextInt(200)];
        random.nextBytes(packet);
        if (packet.length >= 54 && random.nextBoolean()) {
            makePlausible(packet);
        }
        return packet;
    }

    private void makePlausible(byte[] packet) {
        int type = ETHER_TYPES[random.nextInt(ETHER_TYPES.length)];
        packet[12] = (byte) (type >> 8);
        packet[13] = (byte) type;
        packet[14] = (byte) (type == 0x86dd ? 0x60 : 0x45 + random.nextInt(3));
        packet[type == 0x86dd ? 20 : 23] = (byte) PROTOCOLS[random.nextInt(PROTOCOLS.length)];
        if (random.nextBoolean()) {
            int length = type == 0x86dd ? packet.length - 54 : packet.length - 14;
            packet[type == 0x86dd ? 18 : 16] = 0;
            packet[type == 0x86dd ? 19 : 17] = (byte) length;
            packet[20] = type == 0x86dd ? packet[20] : 0;
            packet[21] = type == 0x86dd ? packet[21] : 0;
        }
    }
}
