// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames as a stack leaves them to the hardware, made and checked here word by word (RFC 1071). */
class LocalChecksumsTest {
    private static final int TCP = 6;
    private static final int UDP = 17;

    /** Where things are in a frame. */
    private record Layout(boolean ipv6, int protocol, int tags) {
        int network() {
            return 14 + 4 * tags;
        }

        int transport() {
            return network() + (ipv6 ? 40 : 20);
        }

        int field() {
            return transport() + (protocol == TCP ? 16 : 6);
        }
    }

    private static void word(byte[] frame, int at, int value) {
        frame[at] = (byte) (value >>> 8);
        frame[at + 1] = (byte) value;
    }

    private static int word(byte[] frame, int at) {
        return (frame[at] & 0xff) << 8 | frame[at + 1] & 0xff;
    }

    private static long sum(byte[] frame, int from, int to) {
        long sum = 0;
        for (int at = from; at < to; at++) {
            sum += (long) (frame[at] & 0xff) << ((at - from) % 2 == 0 ? 8 : 0);
        }
        return sum;
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded > 0xffff) {
            folded = (folded >>> 16) + (folded & 0xffff);
        }
        return (int) folded;
    }

    private static long pseudoHeader(byte[] frame, Layout layout, int bytes) {
        int addresses = layout.network() + (layout.ipv6() ? 8 : 12);
        return sum(frame, addresses, layout.transport()) + layout.protocol() + bytes;
    }

    /** A frame whose checksum field holds the pseudo-header's sum only, and {@code padding} bytes behind its packet. */
    private static byte[] unfinished(Layout layout, int payload, int padding, long seed) {
        int bytes = (layout.protocol() == TCP ? 20 : 8) + payload;
        byte[] frame = new byte[layout.transport() + bytes + padding];
        new Random(seed).nextBytes(frame);
        for (int i = 0; i < layout.tags(); i++) {
            word(frame, 12 + 4 * i, i + 1 < layout.tags() ? 0x88a8 : 0x8100);
        }
        word(frame, layout.network() - 2, layout.ipv6() ? 0x86dd : 0x0800);
        int ip = layout.network();
        if (layout.ipv6()) {
            word(frame, ip + 4, bytes);
            frame[ip + 6] = (byte) layout.protocol();
        } else {
            frame[ip] = 0x45;
            word(frame, ip + 2, 20 + bytes);
            word(frame, ip + 6, 0x4000);
            frame[ip + 9] = (byte) layout.protocol();
        }
        word(frame, layout.field(), fold(pseudoHeader(frame, layout, bytes)));
        return frame;
    }

    private static boolean isRight(byte[] frame, Layout layout, int padding) {
        int bytes = frame.length - padding - layout.transport();
        return fold(pseudoHeader(frame, layout, bytes) + sum(frame, layout.transport(), frame.length - padding))
                == 0xffff;
    }

    /** Completes a frame in pieces of this many bytes. */
    private static byte[] completed(byte[] frame, int piece) {
        try (Arena arena = Arena.ofConfined()) {
            int pieces = (frame.length + piece - 1) / piece;
            MemorySegment memory = arena.allocate((long) pieces * (piece + 32), 64);
            LocalChecksums checksums = new LocalChecksums(pieces);
            for (int i = 0; i < pieces; i++) {
                int length = Math.min(piece, frame.length - i * piece);
                long at = memory.address() + (long) i * (piece + 32);
                Memory.copy(frame, i * piece, at, length);
                checksums.piece(i, at, length);
            }
            checksums.complete(pieces);
            byte[] result = new byte[frame.length];
            for (int i = 0; i < pieces; i++) {
                MemorySegment.copy(
                        memory,
                        ValueLayout.JAVA_BYTE,
                        (long) i * (piece + 32),
                        result,
                        i * piece,
                        Math.min(piece, frame.length - i * piece));
            }
            return result;
        }
    }

    @ParameterizedTest
    @CsvSource({"false,6,0", "false,17,0", "true,6,0", "true,17,0", "false,6,1", "true,17,2"})
    void areCompletedInWholeFramesAndInPieces(boolean ipv6, int protocol, int tags) {
        Layout layout = new Layout(ipv6, protocol, tags);
        Random random = new Random(protocol);
        for (int i = 0; i < 300; i++) {
            int padding = random.nextInt(3) * random.nextInt(20);
            byte[] frame = unfinished(layout, random.nextInt(5000), padding, i);
            assertFalse(isRight(frame, layout, padding));
            for (int piece : new int[] {10_000, 1792, 150 + random.nextInt(500)}) {
                byte[] result = completed(frame, piece);
                assertTrue(isRight(result, layout, padding), "payload of frame " + i + " in pieces of " + piece);
                word(result, layout.field(), word(frame, layout.field()));
                assertArrayEquals(frame, result, "nothing else changes");
            }
        }
    }

    @Test
    void thatAreCompleteOrWrongStayAsTheyAre() {
        Layout layout = new Layout(false, TCP, 0);
        byte[] right = completed(unfinished(layout, 100, 0, 1), 2000);
        assertArrayEquals(right, completed(right, 2000));
        byte[] wrong = right.clone();
        word(wrong, layout.field(), word(right, layout.field()) ^ 0x0100);
        assertArrayEquals(wrong, completed(wrong, 2000), "a damaged frame must not be made to look right");
    }

    @Test
    void aUdpChecksumOfZeroIsSentAsTheOtherZero() {
        Layout layout = new Layout(false, UDP, 0);
        byte[] frame = unfinished(layout, 100, 0, 1);
        // The last word of the payload makes the sum all ones, whose complement is 0.
        int last = frame.length - 2;
        word(frame, last, 0);
        word(frame, last, 0xffff - fold(sum(frame, layout.transport(), frame.length)));
        assertEquals(0xffff, word(completed(frame, 2000), layout.field()));
    }

    @Test
    void fragmentsAndWhatDoesNotFitAreLeftAlone() {
        Layout layout = new Layout(false, TCP, 0);
        byte[] fragment = unfinished(layout, 100, 0, 1);
        word(fragment, layout.network() + 6, 0x2000);
        assertArrayEquals(fragment, completed(fragment, 2000));
        byte[] whole = unfinished(layout, 100, 0, 1);
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertArrayEquals(cut, completed(cut, 2000), "cut to " + length);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noBytesLeadOutOfTheFrame(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 5000; i++) {
            byte[] frame = unfinished(
                    new Layout(random.nextBoolean(), random.nextBoolean() ? TCP : UDP, random.nextInt(3)),
                    random.nextInt(60),
                    0,
                    i);
            for (int k = 0; k < 3; k++) {
                frame[12 + random.nextInt(frame.length - 12)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(frame, 1 + random.nextInt(frame.length));
            assertEquals(cut.length, completed(cut, 1 + random.nextInt(cut.length)).length);
        }
    }
}
