// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.capture.PacketTrace;
import io.ptnetmap.nfv.capture.TapOptions;
import io.ptnetmap.nfv.capture.TraceOptions;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Taps and traces: both ways over a hop, too many packets for the reader, an end to each; packets through rows, observers and back. */
class SeeingTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final long ENDLESS = 1_000_000_000_000L;
    private static final int ENHANCED_PACKET = 6;
    private static final int INTERFACE_STATISTICS = 5;

    @TempDir
    Path directory;

    private final FunctionRegistry functions = FunctionRegistry.open();

    @AfterEach
    void close() {
        functions.close();
    }

    private ChainRun launch(String elements, Consumer<ChainRun> beforeStart) throws IOException {
        Path file = Files.writeString(directory.resolve("chain.yaml"), "chain: seeing\nfunctions:\n" + elements);
        return new Launcher()
                .launch(
                        ChainDescriptor.read(file).resolve(functions, List.of()),
                        new LaunchOptions(
                                functions,
                                Optional.empty(),
                                LaunchOptions.Machines.ofThisUser(),
                                Optional.empty(),
                                Optional.empty(),
                                beforeStart));
    }

    private static String source(long count) {
        return "  - {name: source, type: counting-source, config: {count: " + count + "}}\n";
    }

    private record Block(int type, ByteBuffer body) {}

    private static List<Block> blocks(byte[] pcapng) {
        List<Block> blocks = new ArrayList<>();
        ByteBuffer file = ByteBuffer.wrap(pcapng).order(ByteOrder.LITTLE_ENDIAN);
        while (file.hasRemaining()) {
            int type = file.getInt(file.position());
            int length = file.getInt(file.position() + 4);
            blocks.add(
                    new Block(type, file.slice(file.position() + 8, length - 12).order(ByteOrder.LITTLE_ENDIAN)));
            assertEquals(length, file.getInt(file.position() + length - 4));
            file.position(file.position() + length);
        }
        return blocks;
    }

    /** The number that stands behind each packet's Ethernet header, which way it went, and how much of it is there. */
    private record Seen(long number, int direction, int captured, int original) {
        static Seen of(Block block) {
            ByteBuffer body = block.body();
            int captured = body.getInt(12);
            int options = 20 + (captured + 3 & ~3);
            assertEquals(2, body.getShort(options), "epb_flags");
            long number = Long.reverseBytes(body.getLong(20 + 14));
            return new Seen(number, body.getInt(options + 4), captured, body.getInt(16));
        }
    }

    private static List<Seen> packets(byte[] pcapng) {
        return blocks(pcapng).stream()
                .filter(block -> block.type() == ENHANCED_PACKET)
                .map(Seen::of)
                .toList();
    }

    private static long statistic(byte[] pcapng, int option) {
        ByteBuffer body = blocks(pcapng).getLast().body();
        assertEquals(INTERFACE_STATISTICS, blocks(pcapng).getLast().type());
        for (int at = 12; at < body.limit() && body.getShort(at) != 0; at += 4 + body.getShort(at + 2)) {
            if (body.getShort(at) == option) {
                return body.getLong(at + 4);
            }
        }
        throw new AssertionError("no option " + option);
    }

    @ParameterizedTest
    @ValueSource(strings = {"worker: 0", "worker: 1", "link: {type: pipe}", "process: own"})
    void bothWaysOverAHopAreSeen(String where) throws Exception {
        AtomicReference<PacketTap> tap = new AtomicReference<>();
        String chain = source(1000) + "  - {name: a, type: pass}\n  - {name: back, type: mirror, " + where + "}\n";
        try (ChainRun run = launch(chain, begun -> tap.set(begun.tap("a..back", TapOptions.ALL)))) {
            assertTrue(run.await(SOON));
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            assertEquals(2000, tap.get().writeTo(file));
            for (int direction : List.of(1, 2)) {
                List<Seen> way = packets(file.toByteArray()).stream()
                        .filter(packet -> packet.direction() == direction)
                        .toList();
                assertEquals(1000, way.size());
                for (int i = 0; i < way.size(); i++) {
                    assertEquals(new Seen(i, direction, 60, 60), way.get(i));
                }
            }
            assertEquals(2000, statistic(file.toByteArray(), 4));
            assertEquals(0, statistic(file.toByteArray(), 5));
            assertEquals(2000, statistic(file.toByteArray(), 6));
        }
    }

    @Test
    void aReaderThatDoesNotKeepUpLosesPacketsOfTheCaptureOnly() throws Exception {
        AtomicReference<PacketTap> tap = new AtomicReference<>();
        int count = 300_000;
        String chain = source(count) + "  - {name: a, type: pass}\n  - {name: sink, type: checking-sink}\n";
        try (ChainRun run = launch(chain, begun -> tap.set(begun.tap("a..sink", TapOptions.ALL.withRing(1 << 16))))) {
            assertTrue(run.await(SOON));
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            long written = tap.get().writeTo(file);
            assertTrue(written > 100 && written < count, () -> written + " written");
            assertEquals(written, packets(file.toByteArray()).size());
            assertEquals(count, statistic(file.toByteArray(), 4));
            assertEquals(count - written, statistic(file.toByteArray(), 5), "isb_ifdrop");
            assertEquals(
                    new PacketTap.Counts(count, count, count - written, written),
                    tap.get().counts());
            assertEquals((long) count, run.reports().get("sink").get("in-order"));
        }
    }

    @Test
    void aCaptureEndsWithItsCountAndLeavesNothingBehind() throws Exception {
        String chain = source(ENDLESS) + "  - {name: a, type: pass}\n  - {name: sink, type: checking-sink}\n";
        try (ChainRun run = launch(chain, begun -> {})) {
            assertFalse(probed(200), "nothing looks before");
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            PacketTap tap = run.tap("source..a", TapOptions.ALL.withCount(10).withSnaplen(30));
            assertTrue(probed(2000), "the probe is in the way while the capture goes on");
            assertEquals(10, tap.writeTo(file));
            List<Seen> packets = packets(file.toByteArray());
            assertEquals(10, packets.size());
            for (int i = 0; i < 10; i++) {
                assertEquals(new Seen(packets.getFirst().number() + i, 1, 30, 60), packets.get(i));
            }
            assertFalse(probed(200), "nor after it");
        }
    }

    /** Whether one of so many looks finds a probe between the worker and its functions. */
    private static boolean probed(int looks) throws InterruptedException {
        Thread worker = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("worker-0"))
                .findFirst()
                .orElseThrow();
        boolean found = false;
        for (int i = 0; i < looks && !found; i++) {
            found = Stream.of(worker.getStackTrace())
                    .anyMatch(frame -> frame.getClassName().endsWith(".ProbeMeter"));
            Thread.sleep(0, 100_000);
        }
        return found;
    }

    @Test
    void aCaptureEndsWhenItIsClosedOrNobodyReadsItAnyMore() throws Exception {
        String chain = source(ENDLESS) + "  - {name: a, type: pass}\n  - {name: sink, type: checking-sink}\n";
        try (ChainRun run = launch(chain, begun -> {})) {
            PacketTap closed = run.tap("a..sink", TapOptions.ALL);
            Thread.ofPlatform().start(() -> {
                while (closed.counts().written() == 0) {
                    Thread.onSpinWait();
                }
                closed.close();
            });
            assertTrue(closed.writeTo(OutputStream.nullOutputStream()) > 0);
            PacketTap broken = run.tap("a..sink", TapOptions.ALL);
            OutputStream full = new OutputStream() {
                private int left = 1000;

                @Override
                public void write(int value) throws IOException {
                    if (left-- == 0) {
                        throw new IOException("no space left");
                    }
                }
            };
            assertThrows(IOException.class, () -> broken.writeTo(full));
            assertFalse(probed(200));
        }
    }

    @Test
    void hopsAndFunctionsThatAreNotThereAreNamed() throws Exception {
        String chain = source(10) + "  - {name: a, type: pass}\n  - {name: sink, type: checking-sink}\n";
        try (ChainRun run = launch(chain, begun -> {})) {
            ChainRequestException refusal =
                    assertThrows(ChainRequestException.class, () -> run.tap("source..sink", TapOptions.ALL));
            assertTrue(refusal.getMessage().contains("source..a, a..sink"), refusal::getMessage);
            assertThrows(ChainRequestException.class, () -> run.trace(new TraceOptions("", 1, "b")));
        }
    }

    private static List<PacketTrace> follow(PacketTracer tracer) throws InterruptedException {
        List<PacketTrace> traces = new ArrayList<>();
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!tracer.isOver()) {
            assertTrue(System.nanoTime() < deadline, "in time");
            tracer.next(Duration.ofMillis(100)).ifPresent(traces::add);
        }
        return traces;
    }

    private static String steps(PacketTrace trace) {
        return String.join(
                ", ",
                trace.steps().stream()
                        .map(step -> step.function() + " " + step.side() + " " + step.verdict())
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"worker: 0", "worker: 1", "link: {type: pipe}", "process: own"})
    void packetsAreFollowedThereAndBack(String where) throws Exception {
        AtomicReference<PacketTracer> tracer = new AtomicReference<>();
        String chain = source(1000) + "  - {name: a, type: pass}\n  - {name: back, type: mirror, " + where + "}\n";
        try (ChainRun run = launch(chain, begun -> tracer.set(begun.trace(new TraceOptions("", 3))))) {
            assertTrue(run.await(SOON));
            List<PacketTrace> traces = follow(tracer.get());
            assertEquals(3, traces.size());
            for (PacketTrace trace : traces) {
                assertEquals(
                        "source in created, a in forwarded, back in returned, a out forwarded, source out dropped",
                        steps(trace));
                assertEquals("dropped by 'source': returned-to-source", trace.end());
                assertTrue(trace.complete());
                assertEquals(60, trace.length());
            }
            assertEquals(
                    List.of("0000000000000000", "0000000000000001", "0000000000000002"),
                    traces.stream()
                            .map(trace -> trace.packet().substring(28, 44))
                            .toList());
        }
    }

    @Test
    void aTraceThatEndsAtASwitchSaysSo() throws Exception {
        AtomicReference<PacketTracer> tracer = new AtomicReference<>();
        String chain = source(1000) + "  - {name: sink, type: checking-sink, link: {type: vale, slots: 2048}}\n";
        try (ChainRun run = launch(chain, begun -> tracer.set(begun.trace(new TraceOptions("", 3))))) {
            assertTrue(run.await(SOON));
            List<PacketTrace> traces = follow(tracer.get());
            assertEquals(3, traces.size());
            for (PacketTrace trace : traces) {
                assertEquals("source in created", steps(trace));
                assertEquals(
                        "copied, or dropped, by the switch behind 'source', where packets are not followed",
                        trace.end());
                assertFalse(trace.complete());
            }
        }
    }

    @Test
    void everyVerdictIsTold() throws Exception {
        AtomicReference<PacketTracer> tracer = new AtomicReference<>();
        String chain = source(160) + "  - {name: mixer, type: mixer}\n  - {name: sink, type: checking-sink}\n";
        try (ChainRun run =
                launch(chain, begun -> tracer.set(begun.trace(new TraceOptions("greater 0", 160, "mixer"))))) {
            assertTrue(run.await(SOON));
            List<String> ways =
                    follow(tracer.get()).stream().map(SeeingTest::steps).toList();
            for (String way : List.of(
                    "mixer in returned, source out dropped",
                    "mixer in dropped",
                    "mixer in consumed",
                    "mixer in forwarded, sink in consumed")) {
                assertTrue(
                        ways.contains(way),
                        () -> way + " in " + ways.stream().distinct().toList());
            }
        }
    }

    @Test
    void functionsInParallelAreAmongTheSteps() throws Exception {
        AtomicReference<PacketTracer> tracer = new AtomicReference<>();
        String chain = source(1000)
                + "  - parallel:\n      - {name: one, type: observer, worker: 1}\n"
                + "      - {name: two, type: observer, worker: 2}\n  - {name: sink, type: checking-sink, worker: 3}\n";
        try (ChainRun run = launch(chain, begun -> tracer.set(begun.trace(new TraceOptions("", 20))))) {
            assertTrue(run.await(SOON));
            List<PacketTrace> traces = follow(tracer.get());
            assertEquals(20, traces.size());
            for (PacketTrace trace : traces) {
                List<String> all = List.of(steps(trace).split(", "));
                assertTrue(all.contains("one in observed") && all.contains("two in observed"), all::toString);
                assertEquals("source in created", all.getFirst());
                assertEquals("sink in consumed", all.getLast());
            }
            assertThrows(ChainRequestException.class, () -> run.trace(new TraceOptions("", 1, "one")));
            assertEquals(1000L, run.reports().get("sink").get("in-order"), "whose times are as they were");
        }
    }

    @Test
    void severalLookAtTheSamePackets() throws Exception {
        List<PacketTap> taps = new ArrayList<>();
        List<PacketTracer> tracers = new ArrayList<>();
        String chain = source(5000) + "  - {name: a, type: pass}\n  - {name: sink, type: checking-sink, worker: 1}\n";
        try (ChainRun run = launch(
                chain,
                begun -> IntStream.range(0, 3).forEach(i -> {
                    taps.add(begun.tap("a..sink", TapOptions.ALL));
                    tracers.add(begun.trace(new TraceOptions("", 10)));
                }))) {
            assertTrue(run.await(SOON));
            for (PacketTap tap : taps) {
                assertEquals(5000, tap.writeTo(OutputStream.nullOutputStream()));
            }
            assertEquals(5000L, run.reports().get("sink").get("in-order"));
        }
    }
}
