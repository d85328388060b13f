// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.linux.Linux;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** What users, browsers and monitoring ask of a node. For one thread. */
final class ControlTraffic {
    private static final long SECOND = 1_000_000_000L;
    private static final String PATH = "/v1/chains/" + MeasuredNode.CHAIN;
    private static final List<String> POLLED =
            List.of(PATH + "/statistics", PATH, PATH + "/functions", PATH + "/links", "/v1/node");
    private static final String CHANGED = PATH + "/functions/monitor/config";

    /** What is asked. */
    enum Kind {
        /** Statistics, functions, links, the chain and the node, in turn. */
        POLLING,
        /** The statistics as a dashboard gets them, by server-sent events, each second. */
        EVENTS,
        /** The metrics, each second. */
        SCRAPES,
        /** A function's configuration is changed, each second. */
        CHANGES;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final MeasuredNode node;
    private final int cpu;
    private final int polls;
    private int changes;

    /**
     * @param cpu processor of whoever asks
     * @param polls requests a second
     */
    ControlTraffic(MeasuredNode node, int cpu, int polls) {
        this.node = node;
        this.cpu = cpu;
        this.polls = polls;
    }

    /**
     * Asks for a while.
     *
     * @return how long the polling's answers took, from when each was to be asked for
     */
    Histogram run(List<Kind> kinds, long nanos) {
        Histogram answers = new Histogram(3);
        List<CompletableFuture<Void>> done = new ArrayList<>();
        long end = System.nanoTime() + nanos;
        for (Kind kind : kinds) {
            done.add(start(() -> {
                // Made here, for its threads stay where this one is.
                try (NodeApi api = node.connect()) {
                    switch (kind) {
                        case POLLING -> poll(api, answers, end);
                        case EVENTS -> follow(api, end);
                        case SCRAPES -> each(SECOND, end, () -> api.get("/metrics"));
                        case CHANGES -> each(SECOND, end, () -> change(api));
                    }
                }
            }));
        }
        done.forEach(PinnedThread::result);
        return answers;
    }

    private CompletableFuture<Void> start(Runnable work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().name("control-traffic").daemon().start(() -> {
            try {
                Linux.pinThread(cpu);
                work.run();
                done.complete(null);
            } catch (RuntimeException failure) {
                done.completeExceptionally(failure);
            }
        });
        return done;
    }

    private static void each(long interval, long end, Runnable work) {
        for (long next = System.nanoTime(); next - end < 0; next += interval) {
            rest(next);
            work.run();
        }
    }

    private static void rest(long until) {
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void poll(NodeApi api, Histogram answers, long end) {
        long interval = SECOND / polls;
        long next = System.nanoTime();
        for (int i = 0; next - end < 0; i++, next += interval) {
            rest(next);
            api.get(POLLED.get(i % POLLED.size()));
            answers.recordValue(System.nanoTime() - next);
        }
    }

    private static void follow(NodeApi api, long end) {
        try (InputStream events = api.stream("/v1/statistics?interval=1000")) {
            byte[] some = new byte[8192];
            while (System.nanoTime() - end < 0 && events.read(some) >= 0) {
                // A dashboard would show it.
            }
        } catch (IOException failure) {
            throw new BenchException("the node sends no events: " + failure.getMessage(), failure);
        }
    }

    private void change(NodeApi api) {
        api.send("PATCH", CHANGED, "application/merge-patch+json", "{\"top\": " + (5 + changes++ % 2) + "}");
    }
}
