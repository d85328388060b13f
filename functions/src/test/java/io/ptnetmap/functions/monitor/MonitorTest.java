// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.functions.Allocation;
import io.ptnetmap.functions.RandomPackets;
import io.ptnetmap.functions.TestBatch;
import io.ptnetmap.functions.generator.Generator;
import io.ptnetmap.functions.generator.GeneratorConfigs;
import io.ptnetmap.functions.generator.TransportProtocol;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.PacketBatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MonitorTest {
    private static final long SECOND = 1_000_000_000;
    private static final long START = 1_700_000_000 * SECOND;

    @TempDir
    Path directory;

    private TestBatch batch;

    @BeforeEach
    void emptyBatch() {
        batch = new TestBatch(directory);
    }

    @Test
    void countsFlowsProtocolsAndTopTalkers() {
        Monitor monitor = monitor(100, 3, Optional.empty(), FlowFileFormat.CSV);
        feed(monitor, packets("100", 4, TransportProtocol.UDP, 4, 40), START);
        feed(monitor, packets("200", 1, TransportProtocol.TCP, 6, 7), START + SECOND);
        batch.clear().add(new byte[60]).add(new byte[5]).run(monitor);

        Map<String, Object> report = monitor.report();
        assertEquals(49L, report.get("packets"));
        assertEquals(40 * 100L + 7 * 200L + 65, report.get("bytes"));
        assertEquals(
                Map.of(
                        "udp", Map.of("packets", 40L, "bytes", 4000L),
                        "tcp", Map.of("packets", 7L, "bytes", 1400L),
                        "other", Map.of("packets", 1L, "bytes", 60L),
                        "malformed", Map.of("packets", 1L, "bytes", 5L)),
                report.get("protocols"));
        assertEquals(5, report.get("flows"));
        List<?> top = (List<?>) report.get("top-talkers");
        assertEquals(3, top.size());
        assertEquals(
                Map.of(
                        "protocol",
                        6,
                        "source",
                        "2001:2::1",
                        "source-port",
                        1024,
                        "destination",
                        "2001:2:0:1::1",
                        "destination-port",
                        9,
                        "packets",
                        7L,
                        "bytes",
                        1400L,
                        "first-seen",
                        "2023-11-14T22:13:21Z",
                        "last-seen",
                        "2023-11-14T22:13:21Z"),
                top.getFirst());
    }

    @Test
    void countsWhatTheTableHasNoRoomFor() {
        Monitor monitor = monitor(10, 1, Optional.empty(), FlowFileFormat.CSV);
        feed(monitor, packets("60", 25, TransportProtocol.UDP, 4, 50), START);
        assertEquals(10, monitor.report().get("flows"));
        assertEquals(30L, monitor.report().get("flow-table-full"));
        assertEquals(30, batch.counter("flow-table-full"));
    }

    @Test
    void idleFlowsMakeRoomButStayTopTalkers() {
        Monitor monitor = monitor(10, 2, Optional.empty(), FlowFileFormat.CSV);
        feed(monitor, packets("1000", 3, TransportProtocol.UDP, 4, 6), START);
        batch.advance(70 * SECOND);
        monitor.tick(batch.nowNanos());
        assertEquals(0, monitor.report().get("flows"));
        assertEquals(3L, monitor.report().get("expired-flows"));
        feed(monitor, packets("72", 10, TransportProtocol.TCP, 4, 10), START);
        assertEquals(10, monitor.report().get("flows"));
        assertEquals(0L, monitor.report().get("flow-table-full"));
        List<?> top = (List<?>) monitor.report().get("top-talkers");
        assertEquals(
                List.of(2000L, 2000L),
                top.stream().map(t -> ((Map<?, ?>) t).get("bytes")).toList());
    }

    @Test
    void writesCsvAtIntervalsAndAtTheEnd() throws Exception {
        Path file = directory.resolve("flows.csv");
        Monitor monitor = monitor(5000, 0, Optional.of("flows.csv"), FlowFileFormat.CSV);
        feed(monitor, packets("100", 2000, TransportProtocol.UDP, 4, 4000), START);
        assertEquals(List.of(FlowRecord.CSV_HEADER), Files.readAllLines(file));
        batch.advance(10 * SECOND);
        for (int i = 0; i < 5; i++) {
            monitor.tick(batch.nowNanos());
        }
        List<String> lines = Files.readAllLines(file);
        assertEquals(2001, lines.size());
        assertEquals("17,198.18.0.1,1024,198.19.0.1,9,2,200,2023-11-14T22:13:20Z,2023-11-14T22:13:20Z", lines.get(1));
        feed(monitor, packets("100", 1, TransportProtocol.TCP, 6, 1), START);
        monitor.stop();
        assertEquals(2002, Files.readAllLines(file).size());
        assertFalse(Files.exists(directory.resolve("flows.csv.next")));
    }

    @Test
    void writesJson() throws Exception {
        Monitor monitor = monitor(50, 0, Optional.of("flows.json"), FlowFileFormat.JSON);
        feed(monitor, packets("100", 20, TransportProtocol.UDP, 6, 40), START);
        monitor.stop();
        JsonNode root = JsonMapper.shared().readTree(Files.readString(directory.resolve("flows.json")));
        assertEquals(
                40,
                root.path("totals")
                        .path("protocols")
                        .path("udp")
                        .path("packets")
                        .asInt());
        assertEquals(20, root.path("flows").size());
        assertEquals("2001:2::1", root.path("flows").path(0).path("source").asString());
    }

    @Test
    void refusesWhatCannotWork() {
        assertThrows(
                ConfigurationException.class, () -> monitor(1, 1, Optional.of("none/flows.csv"), FlowFileFormat.CSV));
        assertThrows(
                ConfigurationException.class,
                () -> new MonitorConfig(
                        1, Duration.ZERO, 1, Optional.empty(), FlowFileFormat.CSV, Duration.ofSeconds(1)));
    }

    @Test
    void survivesRandomPackets() {
        RandomPackets random = new RandomPackets(6);
        Monitor monitor = monitor(1000, 10, Optional.empty(), FlowFileFormat.CSV);
        for (int i = 0; i < 400; i++) {
            batch.clear();
            for (int j = 0; j < PacketBatch.MAX_SIZE; j++) {
                batch.add(random.next());
            }
            batch.run(monitor);
            batch.advance(SECOND);
            monitor.tick(batch.nowNanos());
        }
        Map<String, Object> report = monitor.report();
        assertEquals(400L * PacketBatch.MAX_SIZE, report.get("packets"));
        assertTrue((long) report.get("expired-flows") > 1_000, report::toString);
    }

    @Test
    void allocatesNothing() {
        Monitor monitor = monitor(1000, 10, Optional.empty(), FlowFileFormat.CSV);
        batch.run(new Generator(GeneratorConfigs.of("imix", 200, TransportProtocol.UDP, 4)))
                .createdAsInput();
        assertEquals(0, Allocation.bytesOf(() -> batch.run(monitor)));
    }

    /** Workers stand still while flows are handed over. */
    @Test
    void flowsAreNotCopiedWhenOthersAreToBeTold() {
        Monitor first = monitor(5000, 1, Optional.empty(), FlowFileFormat.CSV);
        feed(first, packets("100", 3000, TransportProtocol.UDP, 4, 6000), START);
        Monitor second = monitor(5000, 3, Optional.empty(), FlowFileFormat.CSV);
        Monitor third = monitor(5000, 2, Optional.empty(), FlowFileFormat.CSV);
        assertEquals(1, ((List<?>) first.report().get("top-talkers")).size());
        long bytes = Allocation.bytesOf(() -> {
            assertEquals(
                    Map.of("flows", 3000L), second.takeOver(first.handOver()).taken());
            assertEquals(
                    Map.of("flows", 3000L), third.takeOver(second.handOver()).taken());
        });
        assertTrue(bytes < 2_000_000, bytes + " bytes allocated in 200 runs");
        assertEquals(3, ((List<?>) second.report().get("top-talkers")).size());
        feed(third, packets("1000", 1, TransportProtocol.TCP, 4, 6), START);
        assertEquals(3001, third.report().get("flows"));
        assertEquals(6006L, third.report().get("packets"));
        assertEquals(2, ((List<?>) third.report().get("top-talkers")).size());
    }

    private Monitor monitor(int capacity, int top, Optional<String> file, FlowFileFormat format) {
        Monitor monitor = new Monitor(
                new MonitorConfig(capacity, Duration.ofSeconds(60), top, file, format, Duration.ofSeconds(10)));
        monitor.start(batch);
        return monitor;
    }

    private Generator packets(String size, int flows, TransportProtocol protocol, int ipVersion, int count) {
        return new Generator(GeneratorConfigs.of(0, count, size, flows, protocol, ipVersion, 0));
    }

    /** Has the monitor see all packets of a generator at one time. */
    private void feed(Monitor monitor, Generator generator, long timestamp) {
        while (!generator.exhausted()) {
            batch.clear().run(generator).createdAsInput();
            for (int i = 0; i < batch.size(); i++) {
                batch.packet(i).timestampNanos(timestamp);
            }
            batch.run(monitor);
        }
    }
}
