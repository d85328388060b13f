// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FunctionTesterTest {
    /** Does to a packet what its first byte says, and counts the bytes up. */
    private static class Obedient implements NetworkFunction {
        private DropCause ordered;
        private long startedNanos;

        @Override
        public void start(FunctionContext context) {
            ordered = context.dropCause("ordered");
            startedNanos = context.nowNanos();
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                int order = batch.packet(i).u8(0);
                batch.packet(i).u8(0, order + 1);
                switch (order) {
                    case 'b' -> out.forward(i, batch.side());
                    case 'c' -> out.consume(i);
                    case 'd' -> out.drop(i, ordered);
                    case 'n' -> batch.packet(out.create(1, batch.side())).u8(0, 'N');
                    default -> out.forward(i);
                }
            }
        }
    }

    @FunctionType(
            name = "obedient-reader",
            summary = "As the other, but nothing comes of its verdicts",
            readOnly = true)
    private static final class ReadOnly extends Obedient {}

    private static byte[] packet(char order) {
        return new byte[] {(byte) order};
    }

    @Test
    void tellsWhatBecameOfEachPacket() {
        try (FunctionTester tester = FunctionTester.of(new Obedient())) {
            FunctionResult result = tester.feed(packet('f'), packet('b'), packet('c'), packet('d'), packet('n'));
            assertEquals(
                    List.of("forwarded", "returned", "consumed", "ordered", "forwarded", "returned"),
                    result.verdicts());
            assertArrayEquals(packet('e'), result.packets().get(3), "dropped ones are there too");
            assertEquals(2, result.forwarded().size());
            assertArrayEquals(packet('o'), result.forwarded().get(1));
            assertArrayEquals(packet('c'), result.returned().get(0));
            assertArrayEquals(packet('N'), result.returned().get(1));
            assertEquals(1, result.consumed());
            assertEquals(Map.of("ordered", 1L), result.drops());
            assertEquals(Map.of(), tester.feedReverse(packet('f')).drops(), "each batch by itself");
        }
    }

    @Test
    void verdictsOfReadOnlyFunctionsDoNotCount() {
        try (FunctionTester tester = FunctionTester.of(new ReadOnly())) {
            assertEquals(
                    List.of("forwarded", "forwarded"),
                    tester.feed(packet('d'), packet('b')).verdicts());
        }
    }

    @Test
    void timePassesOnlyWhenTold() {
        Obedient function = new Obedient();
        try (FunctionTester tester = FunctionTester.of(function)) {
            assertEquals(function.startedNanos, tester.nowNanos());
            tester.advance(Duration.ofSeconds(2));
            assertEquals(function.startedNanos + 2_000_000_000L, tester.nowNanos());
        }
    }

    @Test
    void refusesMoreThanABatch() {
        try (FunctionTester tester = FunctionTester.of(new Obedient())) {
            byte[][] packets = new byte[257][1];
            assertThrows(IllegalArgumentException.class, () -> tester.feed(packets));
        }
    }
}
