// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.functions.generator.Generator;
import io.ptnetmap.functions.generator.GeneratorConfigs;
import io.ptnetmap.functions.generator.TransportProtocol;
import io.ptnetmap.functions.monitor.FlowFileFormat;
import io.ptnetmap.functions.monitor.Monitor;
import io.ptnetmap.functions.monitor.MonitorConfig;
import io.ptnetmap.functions.sink.Sink;
import io.ptnetmap.functions.sink.SinkConfig;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.testkit.FunctionTester;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions hand over what they know while packets with sequence numbers pass: each packet is seen by one of a series of them. */
class HandOverTest {
    private static final int SERIES = 4;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sequenceNumbersGoOn(boolean written) {
        List<FunctionTester> generators = series(
                number -> new Generator(GeneratorConfigs.of(0, 0, "100", number + 1, TransportProtocol.UDP, 4, 7)));
        List<FunctionTester> sinks = series(number -> new Sink(new SinkConfig(number % 2 == 0, true)));
        long packets = 0;
        for (int i = 0; i < SERIES; i++) {
            byte[][] made = generators.get(i).feed().packets().toArray(byte[][]::new);
            packets += made.length;
            sinks.get(i).feed(made);
            if (i + 1 < SERIES) {
                handOver(generators.get(i), generators.get(i + 1), written);
                handOver(sinks.get(i), sinks.get(i + 1), written);
            }
        }
        Map<?, ?> report = (Map<?, ?>) sinks.getLast().report().get("generators");
        assertEquals(Map.of("received", packets, "lost", 0L, "duplicated", 0L, "reordered", 0L), report.get("7"));
        assertEquals(packets, sinks.getLast().report().get("packets"));
        generators.forEach(FunctionTester::close);
        sinks.forEach(FunctionTester::close);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMonitorCountsOn(boolean written) {
        List<FunctionTester> monitors = series(number -> new Monitor(new MonitorConfig(
                1000 + number,
                Duration.ofSeconds(60),
                10,
                Optional.empty(),
                FlowFileFormat.CSV,
                Duration.ofSeconds(10))));
        try (FunctionTester generator =
                FunctionTester.of(new Generator(GeneratorConfigs.of(0, 0, "100", 20, TransportProtocol.UDP, 4, 7)))) {
            long packets = 0;
            for (int i = 0; i < SERIES; i++) {
                byte[][] made = generator.feed().packets().toArray(byte[][]::new);
                packets += made.length;
                monitors.get(i).feed(made);
                if (i + 1 < SERIES) {
                    handOver(monitors.get(i), monitors.get(i + 1), written);
                }
            }
            Map<String, Object> report = monitors.getLast().report();
            assertEquals(packets, report.get("packets"));
            assertEquals(20, report.get("flows"));
            long inFlows = ((List<?>) report.get("top-talkers"))
                    .stream()
                            .mapToLong(flow -> (long) ((Map<?, ?>) flow).get("packets"))
                            .sum();
            assertEquals(
                    packets / 2.0, inFlows, packets / 20.0, "ten of twenty flows, with all that was counted of them");
        }
        monitors.forEach(FunctionTester::close);
    }

    private static List<FunctionTester> series(IntFunction<NetworkFunction> maker) {
        return IntStream.range(0, SERIES)
                .mapToObj(maker)
                .map(FunctionTester::of)
                .toList();
    }

    private static void handOver(FunctionTester old, FunctionTester young, boolean written) {
        if (written) {
            old.handOverWritten(young);
        } else {
            old.handOver(young);
        }
    }
}
