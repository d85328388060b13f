// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.capture.PacketTrace;
import io.ptnetmap.nfv.capture.TapOptions;
import io.ptnetmap.nfv.capture.TraceOptions;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.PacketTap;
import io.ptnetmap.nfv.deploy.PacketTracer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Captures and traces of one run of a chain, from its first packet on. */
final class PacketWatch {
    private static final Duration LOOK = Duration.ofMillis(200);

    private final List<TapWish> taps;
    private final Optional<TraceOptions> trace;
    private final List<Writing> writings = new ArrayList<>();
    private Optional<Tracing> tracing = Optional.empty();

    /**
     * {@code FROM..TO=FILE[,FILTER]}.
     *
     * @param hop to be captured
     * @param file to write
     * @param filter which packets; empty = all
     */
    record TapWish(String hop, Path file, String filter) {
        /** @throws IllegalArgumentException if the text says something else */
        static TapWish parse(String text) {
            int fileAt = text.indexOf('=') + 1;
            int filterAt = text.indexOf(',', fileAt) + 1;
            String file = filterAt == 0 ? text.substring(fileAt) : text.substring(fileAt, filterAt - 1);
            if (fileAt < 2 || file.isEmpty()) {
                throw new IllegalArgumentException(
                        "'" + text + "' is no capture: write FROM..TO=FILE.pcapng or FROM..TO=FILE.pcapng,FILTER");
            }
            return new TapWish(
                    text.substring(0, fileAt - 1), Path.of(file), filterAt == 0 ? "" : text.substring(filterAt));
        }
    }

    /** What came of a capture. */
    record Capture(String hop, Path file, PacketTap.Counts counts) {}

    /** What has been seen. */
    record Seen(List<Capture> captures, List<PacketTrace> traces) {
        static final Seen NOTHING = new Seen(List.of(), List.of());
    }

    private record Writing(TapWish wish, PacketTap tap, CompletableFuture<Void> done) {}

    private record Tracing(PacketTracer tracer, CompletableFuture<List<PacketTrace>> traces) {}

    PacketWatch(List<TapWish> taps, Optional<TraceOptions> trace) {
        this.taps = taps;
        this.trace = trace;
    }

    /**
     * Begins.
     *
     * @throws UncheckedIOException if a file cannot be written
     */
    void begin(ChainRun run) {
        for (TapWish wish : taps) {
            PacketTap tap = run.tap(wish.hop(), TapOptions.ALL.withFilter(wish.filter()));
            try {
                OutputStream out = Files.newOutputStream(wish.file());
                writings.add(new Writing(wish, tap, inBackground("tap " + wish.hop(), () -> {
                    tap.writeTo(out);
                    return null;
                })));
            } catch (IOException failure) {
                tap.close();
                throw cannotWrite(wish, failure);
            }
        }
        tracing = trace.map(run::trace).map(tracer -> new Tracing(tracer, inBackground("trace", () -> follow(tracer))));
    }

    private static List<PacketTrace> follow(PacketTracer tracer) throws InterruptedException {
        List<PacketTrace> traces = new ArrayList<>();
        while (!tracer.isOver()) {
            tracer.next(LOOK).ifPresent(traces::add);
        }
        return List.copyOf(traces);
    }

    /** Something done by a thread of its own. */
    private interface Work<T> {
        T call() throws IOException, InterruptedException;
    }

    private static <T> CompletableFuture<T> inBackground(String name, Work<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                done.complete(work.call());
            } catch (IOException | InterruptedException | RuntimeException failure) {
                done.completeExceptionally(failure);
            }
        });
        return done;
    }

    /**
     * Ends, and tells what has been seen.
     *
     * @throws UncheckedIOException if a file could not be written
     */
    Seen end() {
        List<Capture> captures = new ArrayList<>();
        for (Writing writing : writings) {
            writing.tap().close();
            try {
                writing.done().join();
            } catch (CompletionException failure) {
                throw failure.getCause() instanceof IOException cause ? cannotWrite(writing.wish(), cause) : failure;
            }
            captures.add(new Capture(
                    writing.wish().hop(), writing.wish().file(), writing.tap().counts()));
        }
        List<PacketTrace> traces = tracing.map(following -> {
                    following.tracer().close();
                    return following.traces().join();
                })
                .orElse(List.of());
        return new Seen(captures, traces);
    }

    private static UncheckedIOException cannotWrite(TapWish wish, IOException failure) {
        return new UncheckedIOException("cannot write " + wish.file() + ": " + FileErrors.why(failure), failure);
    }
}
