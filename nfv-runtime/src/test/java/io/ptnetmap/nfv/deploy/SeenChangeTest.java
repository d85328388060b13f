// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static io.ptnetmap.nfv.deploy.LiveChains.launch;
import static io.ptnetmap.nfv.deploy.LiveChains.own;
import static io.ptnetmap.nfv.deploy.LiveChains.source;
import static io.ptnetmap.nfv.deploy.LiveChains.tally;
import static io.ptnetmap.nfv.deploy.LiveChains.target;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.nfv.capture.FieldChange;
import io.ptnetmap.nfv.capture.PacketTrace;
import io.ptnetmap.nfv.capture.TapOptions;
import io.ptnetmap.nfv.capture.TraceOptions;
import io.ptnetmap.nfv.engine.LiveFunctions.Waypoint;
import io.ptnetmap.nfv.engine.RunningChain;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Chains that are changed while somebody looks at their packets. */
@Timeout(120)
class SeenChangeTest {
    /** Of the numbered packets, as many in a second as one can read about. */
    private static final String SOME = "ether[21] = 0";

    private static final int MANY = 10_000;
    private static final int SETTLED = 10;
    private static final Duration SOON = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** Where a packet's number is. */
    private static final int NUMBER = 14;

    /** Packets that may be on the chain's links, of those that are followed. */
    private static final int UNDER_WAY = 16;

    /** A few packets each millisecond. */
    private static final String SINK = "{name: sink, type: slow-sink, worker: 1, link: {slots: 8}}";

    private static final String HERE = "worker: 0";
    private static final String ELSEWHERE = "process: own";

    @TempDir
    Path directory;

    private static String path(PacketTrace trace) {
        return trace.steps().stream().map(PacketTrace.Step::function).collect(Collectors.joining(", "));
    }

    private static PacketTrace complete(PacketTracer tracer) throws InterruptedException {
        while (true) {
            assertFalse(tracer.isOver());
            Optional<PacketTrace> next = tracer.next(SOON);
            if (next.isPresent() && next.get().complete()) {
                return next.get();
            }
        }
    }

    /** Packets take this way, and from some moment on no other one. */
    private static void assertAllTake(String way, PacketTracer tracer) throws InterruptedException {
        while (!path(complete(tracer)).equals(way)) {
            Thread.onSpinWait();
        }
        for (int i = 0; i < SETTLED; i++) {
            PacketTrace trace = complete(tracer);
            assertEquals(way, path(trace), trace::toString);
            assertEquals("consumed by 'sink'", trace.end());
        }
    }

    @Test
    void aTraceGoesOnInTheChangedChain() throws Exception {
        try (RunningChain running = launch(directory, source(), tally("a", 1, 0), SINK);
                PacketTracer tracer = running.run().trace(new TraceOptions(SOME, MANY))) {
            assertAllTake("source, a, sink", tracer);
            running.run().change(target(directory, running, source(), tally("a", 1, 0), tally("b", 1, 2), SINK));
            assertAllTake("source, a, b, sink", tracer);
            running.run().change(target(directory, running, source(), tally("b", 2, 0), SINK));
            assertAllTake("source, b, sink", tracer);
            assertEquals("", tracer.ending());
            running.run().change(target(directory, running, source(), own("b", 2), SINK));
            assertAllTake("source, b, sink", tracer);
            running.run().change(target(directory, running, source(), tally("b", 2, 0), SINK));
            assertAllTake("source, b, sink", tracer);
            assertEquals("", tracer.ending());
        }
    }

    private static String waypoint(String name, String where) {
        return "{name: " + name + ", type: waypoint, " + where + ", config: {first: " + name.equals("a") + "}}";
    }

    /** Chains that each become the next: what they have between {@code source, a} and {@code d, sink}. */
    private static final List<List<String>> CHAINS = List.of(
            List.of(),
            // A process comes in,
            List.of(waypoint("c", ELSEWHERE)),
            // another one before it, and leaves;
            List.of(waypoint("b", ELSEWHERE), waypoint("c", ELSEWHERE)),
            List.of(waypoint("c", ELSEWHERE)),
            // one takes its place, and another one that;
            List.of(waypoint("b", ELSEWHERE)),
            List.of(waypoint("c", ELSEWHERE)),
            // a function moves in here, and back, and has another one come before it;
            List.of(waypoint("c", HERE)),
            List.of(waypoint("c", ELSEWHERE)),
            List.of(waypoint("b", "worker: 2"), waypoint("c", ELSEWHERE)),
            // all leaves, and two come in side by side.
            List.of(),
            List.of(waypoint("b", ELSEWHERE), waypoint("c", ELSEWHERE)));

    private static String[] chain(List<String> between) {
        return Stream.of(
                        Stream.of(source(), waypoint("a", HERE)),
                        between.stream(),
                        Stream.of(waypoint("d", HERE), SINK))
                .flatMap(elements -> elements)
                .toArray(String[]::new);
    }

    /** The functions of a chain, as {@link #placedPath} has them. */
    private static String way(List<String> between) {
        return Stream.of(
                        Stream.of("source", "a"),
                        between.stream()
                                .map(element ->
                                        element.substring(7, 8) + (element.contains(ELSEWHERE) ? " elsewhere" : "")),
                        Stream.of("d", "sink"))
                .flatMap(names -> names)
                .collect(Collectors.joining(", "));
    }

    private static String placedPath(PacketTrace trace) {
        return trace.steps().stream()
                .map(step -> step.function() + (step.process().equals("same") ? "" : " elsewhere"))
                .collect(Collectors.joining(", "));
    }

    @Test
    void everyPacketIsToldOfWithAllThatItHasPassed() throws Exception {
        try (RunningChain running = launch(directory, chain(CHAINS.getFirst()))) {
            PacketTracer tracer = running.run().trace(new TraceOptions(SOME, MANY));
            List<PacketTrace> traces = new CopyOnWriteArrayList<>();
            Thread reading = Thread.ofPlatform().start(() -> read(tracer, traces));
            await(traces, 0, way(CHAINS.getFirst()));
            for (List<String> between : CHAINS.subList(1, CHAINS.size())) {
                running.run().change(target(directory, running, chain(between)));
                await(traces, traces.size(), way(between));
            }
            tracer.close();
            reading.join();
            assertEquals("", tracer.ending());
            assertWays(traces, CHAINS.stream().map(SeenChangeTest::way).toList());
        }
    }

    private static void read(PacketTracer tracer, List<PacketTrace> traces) {
        try {
            while (!tracer.isOver()) {
                tracer.next(SOON).ifPresent(traces::add);
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until some more packets have been told of that have taken this way. */
    private static void await(List<PacketTrace> traces, int after, String way) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (traces.stream()
                        .skip(after)
                        .filter(trace -> placedPath(trace).equals(way))
                        .count()
                < SETTLED) {
            assertTrue(
                    System.nanoTime() < deadline,
                    () -> "no packet takes " + way + ", they take "
                            + traces.stream()
                                    .skip(after)
                                    .map(trace -> placedPath(trace) + ": " + trace.end())
                                    .distinct()
                                    .toList());
            Thread.sleep(1);
        }
    }

    /** In the order in which they were made, packets take one way after the other, and what they carry says the same. */
    private static void assertWays(List<PacketTrace> traces, List<String> ways) {
        List<PacketTrace> inOrder = traces.stream()
                .sorted(Comparator.comparing(SeenChangeTest::number))
                .toList();
        int way = 0;
        for (PacketTrace trace : inOrder) {
            // What is under way at the end is told of as far as it has come.
            if (trace.complete() || !isAmongLast(trace, inOrder)) {
                assertTrue(trace.complete(), trace::toString);
                int before = way;
                while (way < ways.size() && !ways.get(way).equals(placedPath(trace))) {
                    way++;
                }
                assertTrue(way < ways.size(), () -> "not behind " + ways.get(before) + ": " + trace);
                assertWaypoints(trace);
            }
        }
        assertEquals(ways.size() - 1, way);
    }

    /** Such as the sink's queue had room for. */
    private static boolean isAmongLast(PacketTrace trace, List<PacketTrace> inOrder) {
        return inOrder.indexOf(trace) >= inOrder.size() - UNDER_WAY;
    }

    private static String number(PacketTrace trace) {
        return trace.packet().substring(28, 44);
    }

    /** Each waypoint has found in the packet that it has passed as many as the trace says. */
    private static void assertWaypoints(PacketTrace trace) {
        String place = "bytes[" + Waypoint.PLACE + ".." + Waypoint.PLACE + "]";
        int passed = 1;
        for (PacketTrace.Step step : trace.steps().subList(2, trace.steps().size() - 1)) {
            FieldChange expected =
                    new FieldChange(place, String.format("%02x", passed), String.format("%02x", passed + 1));
            assertEquals(List.of(expected), step.changes(), trace::toString);
            passed++;
        }
    }

    @Test
    void aTraceGoesOnWhereAChangeIsRefused() throws Exception {
        String faulty = "{name: b, type: tally, process: own, config: {step: 1, fault: take-over}}";
        try (RunningChain running = launch(directory, source(), tally("b", 1, 0), SINK);
                PacketTracer tracer = running.run().trace(new TraceOptions(SOME, MANY))) {
            assertAllTake("source, b, sink", tracer);
            assertThrows(
                    ChangeRefusedException.class,
                    () -> running.run().change(target(directory, running, source(), faulty, SINK)));
            assertAllTake("source, b, sink", tracer);
        }
    }

    @Test
    void aTraceFromAFunctionEndsWhenThatLeaves() throws Exception {
        try (RunningChain running = launch(directory, source(), tally("a", 1, 0), SINK);
                PacketTracer tracer = running.run().trace(new TraceOptions(SOME, MANY, "a"))) {
            assertAllTake("a, sink", tracer);
            running.run().change(target(directory, running, source(), SINK));
            while (!tracer.isOver()) {
                tracer.next(SOON);
            }
            assertTrue(tracer.ending().startsWith("the chain was changed: no function 'a'"), tracer::ending);
        }
    }

    @Test
    void aCaptureEndsWithItsHop() throws Exception {
        try (RunningChain running = launch(directory, source(), tally("a", 1, 0), SINK)) {
            PacketTap stays = running.run().tap("source..a", TapOptions.ALL);
            PacketTap goes = running.run().tap("a..sink", TapOptions.ALL);
            CompletableFuture<Long> captured = CompletableFuture.supplyAsync(() -> written(goes));
            while (goes.counts().written() == 0) {
                Thread.sleep(1);
            }
            running.run().change(target(directory, running, source(), tally("a", 1, 0), own("b", 1), SINK));
            assertTrue(captured.get(10, TimeUnit.SECONDS) > 0);
            long before = stays.counts().passed();
            CompletableFuture<Long> onward = CompletableFuture.supplyAsync(() -> written(stays));
            while (stays.counts().passed() <= before + 100) {
                Thread.sleep(10);
            }
            stays.close();
            assertTrue(onward.get(10, TimeUnit.SECONDS) > 0);
        }
    }

    @Test
    void aCaptureMissesNothingWhereTheEndsOfItsHopMove() throws Exception {
        Path file = directory.resolve("capture.pcapng");
        try (RunningChain running = launch(directory, source(), tally("a", 1, 0), tally("b", 1, 0), SINK)) {
            PacketTap tap = running.run().tap("a..b", TapOptions.ALL);
            FutureTask<Long> capturing = new FutureTask<>(() -> tap.writeTo(Files.newOutputStream(file)));
            Thread.ofPlatform().start(capturing);
            awaitMore(tap);
            for (String[] next : new String[][] {
                {source(), tally("a", 1, 0), own("b", 1), SINK},
                {source(), own("a", 1), own("b", 1), SINK},
                {source(), own("a", 1), tally("b", 1, 0), SINK},
                {source(), tally("a", 1, 0), tally("b", 1, 0), SINK}
            }) {
                running.run().change(target(directory, running, next));
                awaitMore(tap);
            }
            tap.close();
            long written = capturing.get(20, TimeUnit.SECONDS);
            assertEquals(written, tap.counts().passed());
            try (CaptureReader reader = CaptureReader.open(file)) {
                long expected = -1;
                while (reader.next()) {
                    long number = ByteBuffer.wrap(reader.array()).getLong(reader.arrayOffset() + NUMBER);
                    assertEquals(expected < 0 ? number : expected, number);
                    expected = number + 1;
                }
                assertEquals(written, reader.packets());
            }
        }
    }

    private static void awaitMore(PacketTap tap) throws InterruptedException {
        long before = tap.counts().written();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (tap.counts().written() < before + 1000) {
            assertTrue(System.nanoTime() < deadline, () -> "nothing is captured: " + tap.counts());
            Thread.sleep(1);
        }
    }

    private static long written(PacketTap tap) {
        try {
            return tap.writeTo(OutputStream.nullOutputStream());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
