// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TapRingTest {
    private static final int SIZE = 1 << 16;
    private static final int LONGEST = 3000;

    /** A packet whose bytes, length and time all say its number. */
    private static boolean write(TapRing ring, MemorySegment memory, long number, int length) {
        memory.fill((byte) number);
        if (!ring.begin(length, length + 1, number)) {
            return false;
        }
        ring.append(memory.address(), length / 3);
        ring.append(memory.address(), length);
        ring.end();
        return true;
    }

    private static void assertPacket(TapReader packets, long number, int length) {
        assertTrue(packets.next());
        assertEquals(number, packets.timestampNanos());
        assertEquals(length, packets.captured());
        assertEquals(length + 1, packets.original());
        assertTrue(packets.forward());
        byte[] expected = new byte[length];
        Arrays.fill(expected, (byte) number);
        assertArrayEquals(expected, Arrays.copyOfRange(packets.array(), packets.offset(), packets.offset() + length));
    }

    private static TapReader take(TapRing ring, int room) {
        ByteBuffer chunk = ByteBuffer.allocate(room);
        while (ring.read(chunk)) {
            // All that fits.
        }
        TapReader reader = new TapReader();
        reader.add(new TapChunk(Arrays.copyOf(chunk.array(), chunk.position()), new byte[0], 0, 0, 0));
        return reader;
    }

    @Test
    void packetsComeOutAsTheyWentInAndWhatFindsNoRoomIsCounted() {
        TapRing ring = new TapRing(SIZE);
        Random random = new Random(1);
        Deque<long[]> inside = new ArrayDeque<>();
        long refused = 0;
        long number = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(LONGEST);
            for (int round = 0; round < 2_000; round++) {
                for (int i = random.nextInt(80); i > 0; i--) {
                    int length = random.nextInt(LONGEST);
                    if (write(ring, memory, ++number, length)) {
                        inside.add(new long[] {number, length});
                    } else {
                        refused++;
                    }
                }
                TapReader packets = take(ring, LONGEST + 16 + random.nextInt(2 * SIZE));
                long first = inside.isEmpty() ? 0 : inside.peekFirst()[0];
                while (!inside.isEmpty() && ring.nextTimestamp() != inside.peekFirst()[0]) {
                    long[] packet = inside.removeFirst();
                    assertPacket(packets, packet[0], (int) packet[1]);
                }
                assertTrue(inside.isEmpty() || inside.peekFirst()[0] > first, "something is read each time");
                assertFalse(packets.next());
            }
        }
        assertTrue(refused > 100, () -> "the ring was never full");
        assertEquals(refused, ring.dropped());
    }

    @Test
    void aPacketThatIsLargerThanTheRingIsRefused() {
        TapRing ring = new TapRing(SIZE);
        assertFalse(ring.begin(SIZE, SIZE, 1));
        assertEquals(1, ring.dropped());
        assertEquals(Long.MAX_VALUE, ring.nextTimestamp());
    }

    @Test
    void aReaderOnAnotherThreadSeesWholePackets() throws Exception {
        TapRing ring = new TapRing(SIZE);
        int count = 200_000;
        Thread writer = Thread.ofPlatform().start(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(LONGEST);
                for (int number = 1; number <= count; number++) {
                    write(ring, memory, number, number % 200);
                }
            }
        });
        long last = 0;
        long seen = 0;
        boolean done = false;
        while (!done) {
            done = !writer.isAlive();
            TapReader packets = take(ring, SIZE);
            while (packets.next()) {
                assertTrue(packets.timestampNanos() > last);
                last = packets.timestampNanos();
                assertEquals(last % 200, packets.captured());
                for (int i = 0; i < packets.captured(); i++) {
                    assertEquals((byte) last, packets.array()[packets.offset() + i]);
                }
                seen++;
            }
        }
        writer.join();
        assertEquals(count, seen + ring.dropped());
        assertTrue(seen > 0);
    }
}
