// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.swap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.functions.Allocation;
import io.ptnetmap.functions.Frames;
import io.ptnetmap.functions.RandomPackets;
import io.ptnetmap.functions.TestBatch;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.testkit.FunctionResult;
import io.ptnetmap.nfv.testkit.FunctionTester;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SwapTest {
    private static final List<byte[]> FRAMES = List.of(
            Frames.udp("10.0.0.1", 1000, "10.9.8.7", 53, 20),
            Frames.tcp("10.0.0.1", 1000, "10.9.8.7", 443, 2),
            Frames.icmp("10.0.0.1", "10.9.8.7", 8, 0, 77),
            Frames.udp("2001:db8::1", 1000, "2001:db8:9::2", 53, 20),
            Frames.tcp("2001:db8::1", 1000, "2001:db8:9::2", 443, 2));

    private static byte[] swap(Layer upTo, byte[] frame) {
        TestBatch batch = new TestBatch().clear().add(frame);
        batch.run(new Swap(new SwapConfig(upTo, false)));
        assertEquals("forwarded", batch.verdict(0));
        return batch.bytes(0);
    }

    @Test
    void macAddressesChangePlacesAndNothingElse() {
        for (byte[] frame : FRAMES) {
            byte[] swapped = swap(Layer.ETHERNET, frame);
            assertEquals(Frames.u48(frame, 0), Frames.u48(swapped, 6));
            assertEquals(Frames.u48(frame, 6), Frames.u48(swapped, 0));
            assertArrayEquals(from(frame, 12), from(swapped, 12));
        }
    }

    private static byte[] from(byte[] frame, int offset) {
        return Arrays.copyOfRange(frame, offset, frame.length);
    }

    @ParameterizedTest
    @EnumSource
    void eachLayerTakesTheLowerOnesAlongAndChecksumsStayRight(Layer upTo) {
        for (byte[] frame : FRAMES) {
            byte[] swapped = swap(upTo, frame);
            boolean network = upTo != Layer.ETHERNET;
            assertEquals(Frames.u48(frame, 6), Frames.u48(swapped, 0));
            assertArrayEquals(address(frame, !network), address(swapped, true));
            assertArrayEquals(address(frame, network), address(swapped, false));
            assertTrue(!isIpv4(frame) || Frames.checksumsValid(swapped));
        }
        byte[] udp = swap(upTo, FRAMES.getFirst());
        assertEquals(upTo == Layer.TRANSPORT ? 53 : 1000, Frames.sourcePort(udp));
        assertEquals(upTo == Layer.TRANSPORT ? 1000 : 53, Frames.destinationPort(udp));
    }

    private static boolean isIpv4(byte[] frame) {
        return Frames.u16(frame, 12) == 0x0800;
    }

    /** Source or destination address. */
    private static byte[] address(byte[] frame, boolean source) {
        int size = isIpv4(frame) ? 4 : 16;
        int at = Frames.L3 + (isIpv4(frame) ? 12 : 8) + (source ? 0 : size);
        return Arrays.copyOfRange(frame, at, at + size);
    }

    @Test
    void whatHasNoPortsKeepsItsPayload() {
        byte[] echo = swap(Layer.TRANSPORT, FRAMES.get(2));
        assertArrayEquals(from(FRAMES.get(2), Frames.L4), from(echo, Frames.L4));
        byte[] later = Frames.fragments(Frames.udp("10.0.0.1", 1, "10.0.0.2", 2, 200), 64)
                .get(1);
        byte[] swapped = swap(Layer.TRANSPORT, later);
        assertEquals("10.0.0.2", Frames.source(swapped));
        assertArrayEquals(from(later, Frames.L4), from(swapped, Frames.L4));
    }

    @Test
    void whatIsTooShortOrBrokenStaysAsItIs() {
        byte[] tooShort = Arrays.copyOf(FRAMES.getFirst(), 13);
        assertArrayEquals(tooShort, swap(Layer.TRANSPORT, tooShort));
        byte[] cut = Arrays.copyOf(FRAMES.getFirst(), Frames.L3 + 19);
        assertArrayEquals(from(cut, 12), from(swap(Layer.TRANSPORT, cut), 12));
    }

    @Test
    void swappedTwiceIsUnchanged() {
        Swap swap = new Swap(new SwapConfig(Layer.TRANSPORT, false));
        RandomPackets random = new RandomPackets(7);
        TestBatch batch = new TestBatch();
        for (int i = 0; i < 20_000; i++) {
            byte[] packet = random.next();
            batch.clear().add(packet).run(swap).run(swap);
            assertArrayEquals(packet, batch.bytes(0));
        }
    }

    @Test
    void reflectsFromEitherSide() {
        try (FunctionTester tester = FunctionTester.of(new Swap(new SwapConfig(Layer.NETWORK, true)))) {
            FunctionResult there = tester.feed(FRAMES.getFirst());
            assertEquals(1, there.returned().size());
            assertEquals("10.9.8.7", Frames.source(there.returned().getFirst()));
            assertFalse(tester.feedReverse(FRAMES.get(1)).returned().isEmpty());
        }
    }

    @Test
    void allocatesNothing() {
        Swap swap = new Swap(new SwapConfig(Layer.TRANSPORT, false));
        TestBatch batch = new TestBatch().clear();
        for (int i = 0; i < PacketBatch.MAX_SIZE; i++) {
            batch.add(FRAMES.get(i % FRAMES.size()));
        }
        assertEquals(0, Allocation.bytesOf(() -> batch.run(swap)));
    }
}
