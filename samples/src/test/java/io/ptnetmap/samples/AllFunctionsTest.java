// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.api.FunctionType.Kind;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.registry.FunctionDescription;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.testkit.FunctionResult;
import io.ptnetmap.nfv.testkit.FunctionTester;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every function that there is takes every packet: no exception, no access outside the packet, and each packet in exactly
 * one account. The kit looks at the accounts after each batch.
 */
class AllFunctionsTest {
    private static final int BATCH = 128;
    private static final int QUICK = 20_000;
    private static final int SOAK = 1_000_000;

    /** What functions cannot do without. */
    private static final Map<String, String> CONFIGS = Map.of(
            "nat44", "{inside: [10.1.0.0/24], external: [203.0.113.1]}",
            "firewall",
                    "{rules: [{action: accept, protocol: tcp}, {action: drop, source: [10.1.0.0/24]}], default: accept}",
            "mirror", "{file: mirror.pcap, max-bytes: 1M}",
            "pcap-source", "{file: in.pcap}",
            "pcap-sink", "{file: out.pcapng, format: pcapng, snaplen: 96}",
            "generator", "{size: 60-1514, flows: 100}",
            "next-hop", "{neighbour: '02:00:00:00:02:80'}");

    private static final FunctionRegistry FUNCTIONS = FunctionRegistry.open();

    @TempDir
    Path directory;

    @AfterAll
    static void close() {
        FUNCTIONS.close();
    }

    static Stream<String> takingPackets() {
        return named(false);
    }

    static Stream<String> sources() {
        return named(true);
    }

    private static Stream<String> named(boolean sources) {
        return FUNCTIONS.functions().values().stream()
                .filter(function -> (function.kind() == Kind.SOURCE) == sources)
                .map(FunctionDescription::name);
    }

    @ParameterizedTest
    @MethodSource("takingPackets")
    void takesHostileTraffic(String function) throws Exception {
        feed(function, QUICK);
    }

    @Tag("soak")
    @ParameterizedTest
    @MethodSource("takingPackets")
    void takesAMillionHostilePackets(String function) throws Exception {
        feed(function, SOAK);
    }

    private void feed(String name, int count) throws IOException {
        long seed = System.nanoTime();
        HostileTraffic traffic = new HostileTraffic(seed);
        FunctionDescription function = FUNCTIONS.find(name).orElseThrow();
        try (FunctionTester tester = FunctionTester.of(instance(function), directory)) {
            for (int fed = 0; fed < count; fed += BATCH) {
                List<byte[]> batch = Stream.generate(traffic::next).limit(BATCH).toList();
                Side from = fed / BATCH % 4 == 3 && function.kind() == Kind.MIDDLE ? Side.OUT : Side.IN;
                FunctionResult result = tester.feed(from, batch);
                long decided =
                        result.forwarded().size() + result.returned().size() + result.dropped() + result.consumed();
                assertTrue(decided >= BATCH, () -> "of a batch of " + BATCH + ": " + result);
                tester.advance(Duration.ofMillis(10));
            }
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError(name + " with traffic of seed " + seed, failure);
        }
    }

    @ParameterizedTest
    @MethodSource("sources")
    void sourcesAccountForWhatTheyMake(String name) throws Exception {
        Files.copy(Capture.TRAFFIC.resolve("vlan.pcap"), directory.resolve("in.pcap"));
        FunctionDescription function = FUNCTIONS.find(name).orElseThrow();
        long made = 0;
        try (FunctionTester tester = FunctionTester.of(instance(function), directory)) {
            for (int batch = 0; batch < 100; batch++) {
                made += tester.feed().forwarded().size();
                tester.advance(Duration.ofMillis(10));
            }
        }
        assertTrue(made > 0, "made no packet");
    }

    /** An instance with a configuration read as that of a chain is. */
    private NetworkFunction instance(FunctionDescription function) throws IOException {
        String subject = "{type: " + function.name() + ", config: " + CONFIGS.getOrDefault(function.name(), "{}") + "}";
        List<String> elements = switch (function.kind()) {
            case SOURCE -> List.of(subject, "port: netmap:b");
            case MIDDLE -> List.of("port: netmap:a", subject, "port: netmap:b");
            case SINK -> List.of("port: netmap:a", subject);
        };
        Path file = Files.writeString(
                directory.resolve("chain.yaml"), "chain: c\nfunctions:\n  - " + String.join("\n  - ", elements) + "\n");
        Chain chain = ChainDescriptor.read(file).resolve(FUNCTIONS, List.of());
        Chain.Node node = chain.nodes().stream()
                .filter(candidate -> candidate.type().equals(function.name()))
                .findFirst()
                .orElseThrow();
        return FUNCTIONS.create(function.name(), node.config());
    }
}
