// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.functions.Allocation;
import io.ptnetmap.functions.RandomPackets;
import io.ptnetmap.functions.TestBatch;
import io.ptnetmap.functions.generator.Generator;
import io.ptnetmap.functions.generator.GeneratorConfigs;
import io.ptnetmap.functions.generator.TransportProtocol;
import io.ptnetmap.nfv.api.PacketBatch;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SinkTest {
    private final TestBatch batch = new TestBatch();
    private final Sink sink = new Sink(new SinkConfig(true, true));

    @ParameterizedTest
    @CsvSource({"60-200,UDP,4", "80-1514,UDP,6", "72,TCP,4", "imix,TCP,6"})
    void findsNothingWrongWithWhatAGeneratorMade(String size, TransportProtocol protocol, int ipVersion) {
        Generator generator = new Generator(GeneratorConfigs.of(0, 0, size, 10, protocol, ipVersion, 255));
        for (int i = 0; i < 20; i++) {
            batch.clear().run(generator).createdAsInput().run(sink);
            assertEquals("consumed", batch.verdict(PacketBatch.MAX_SIZE - 1));
        }
        Map<String, Object> report = sink.report();
        assertEquals(generator.report().get("packets"), report.get("packets"));
        assertEquals(generator.report().get("bytes"), report.get("bytes"));
        assertEquals(0L, report.get("others"));
        assertEquals(0L, report.get("damaged"));
        assertEquals(Map.of("255", counts(20 * PacketBatch.MAX_SIZE, 0, 0, 0)), report.get("generators"));
        double max = latency(report, "max");
        assertTrue(max > 0 && max < 5e6, "max " + max);
        assertTrue(latency(report, "p50") <= latency(report, "p99") && latency(report, "p99") <= max);
    }

    private static double latency(Map<String, Object> report, String name) {
        return (double) ((Map<?, ?>) report.get("latency-us")).get(name);
    }

    @Test
    void findsLossDuplicatesDamageAndOrder() {
        batch.run(new Generator(GeneratorConfigs.of(0, 0, "100", 1, TransportProtocol.UDP, 4, 3)));
        byte[][] made = new byte[10][];
        for (int i = 0; i < made.length; i++) {
            made[i] = batch.bytes(i);
        }
        made[5][99]++;
        batch.clear();
        for (int i : new int[] {0, 1, 1, 3, 2, 5, 9}) {
            batch.add(made[i]);
        }
        batch.add(new byte[60]).run(sink);
        Map<String, Object> report = sink.report();
        assertEquals(8L, report.get("packets"));
        assertEquals(1L, report.get("others"));
        assertEquals(1L, report.get("damaged"));
        assertEquals(Map.of("3", counts(6, 5, 1, 1)), report.get("generators"));
    }

    @ParameterizedTest
    @CsvSource({"64-200,UDP,4", "84,UDP,6", "imix,TCP,4"})
    void tellsCopiesFromPacketsThatStayedWhereTheyWereMade(String size, TransportProtocol protocol, int ipVersion) {
        Generator generator =
                new Generator(GeneratorConfigs.withBufferIndex(GeneratorConfigs.of(size, 10, protocol, ipVersion)));
        batch.clear().run(generator).createdAsInput().run(sink);
        assertEquals(
                Map.of("in-place", (long) PacketBatch.MAX_SIZE, "copied", 0L),
                sink.report().get("zero-copy"));
        batch.clear().run(generator).createdAsInput().copied().run(sink);
        assertEquals(
                Map.of("in-place", (long) PacketBatch.MAX_SIZE, "copied", (long) PacketBatch.MAX_SIZE),
                sink.report().get("zero-copy"));
        assertEquals(0L, sink.report().get("damaged"));
        assertEquals(
                Map.of("0", counts(2 * PacketBatch.MAX_SIZE, 0, 0, 0)),
                sink.report().get("generators"));
    }

    @Test
    void tellsGeneratorsApart() {
        for (int id : new int[] {1, 2}) {
            batch.clear()
                    .run(new Generator(GeneratorConfigs.of(0, 10, "60", 1, TransportProtocol.UDP, 4, id)))
                    .createdAsInput()
                    .run(sink);
        }
        assertEquals(
                Map.of("1", counts(10, 0, 0, 0), "2", counts(10, 0, 0, 0)),
                sink.report().get("generators"));
    }

    @Test
    void withoutItsChecksItCountsOnly() {
        Sink plain = new Sink(new SinkConfig(false, false));
        batch.run(new Generator(GeneratorConfigs.of(0, 1, "60", 1, TransportProtocol.UDP, 4, 0)));
        byte[] packet = batch.bytes(0);
        packet[24]++;
        batch.clear().add(packet).run(plain);
        assertEquals(0L, plain.report().get("damaged"));
        assertEquals(Map.of("0", counts(1, 0, 0, 0)), plain.report().get("generators"));
        assertFalse(plain.report().containsKey("latency-us"));
    }

    @Test
    void survivesRandomAndDamagedPackets() {
        RandomPackets random = new RandomPackets(3);
        Generator generator = new Generator(GeneratorConfigs.of("60-120", 5, TransportProtocol.UDP, 4));
        Random damage = new Random(4);
        for (int i = 0; i < 400; i++) {
            batch.clear().run(generator);
            byte[][] made = new byte[PacketBatch.MAX_SIZE / 2][];
            for (int j = 0; j < made.length; j++) {
                made[j] = Arrays.copyOf(batch.bytes(j), damage.nextInt(batch.bytes(j).length) + 1);
                made[j][damage.nextInt(made[j].length)] = (byte) damage.nextInt();
            }
            batch.clear();
            for (byte[] packet : made) {
                batch.add(packet, damage.nextBoolean() ? packet.length : 2000, 0)
                        .add(random.next());
            }
            batch.run(sink);
        }
        assertEquals(400L * PacketBatch.MAX_SIZE, sink.report().get("packets"));
    }

    @Test
    void allocatesNothing() {
        batch.run(new Generator(GeneratorConfigs.of("imix", 10, TransportProtocol.UDP, 4)))
                .createdAsInput();
        assertEquals(0, Allocation.bytesOf(() -> batch.run(sink)));
    }

    private static Map<String, Object> counts(long received, long lost, long duplicated, long reordered) {
        return Map.of("received", received, "lost", lost, "duplicated", duplicated, "reordered", reordered);
    }
}
