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

import io.ptnetmap.nfv.capture.PacketTrace;
import io.ptnetmap.nfv.capture.TapOptions;
import io.ptnetmap.nfv.capture.TraceOptions;
import io.ptnetmap.nfv.engine.RunningChain;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Chains that are changed while somebody looks at their packets. */
@Timeout(60)
class SeenChangeTest {
    /** Of the numbered packets, as many in a second as one can read about. */
    private static final String SOME = "ether[21] = 0";

    private static final int MANY = 10_000;
    private static final int SETTLED = 20;
    private static final Duration SOON = Duration.ofMillis(100);

    /** A few packets each millisecond. */
    private static final String SINK = "{name: sink, type: slow-sink, worker: 1, link: {slots: 8}}";

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
            while (!tracer.isOver()) {
                tracer.next(SOON);
            }
            assertTrue(tracer.ending().startsWith("the chain was changed in several processes"), tracer::ending);
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

    private static long written(PacketTap tap) {
        try {
            return tap.writeTo(OutputStream.nullOutputStream());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
