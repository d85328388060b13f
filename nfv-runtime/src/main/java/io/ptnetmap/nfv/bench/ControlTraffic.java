// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.linux.Linux;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** What users, browsers and monitoring ask of a node. For one thread. */
final class ControlTraffic {
    private static final long SECOND = 1_000_000_000L;
    private static final String CHAINS = "/v1/chains/";
    private static final String CHANGED = CHAINS + MeasuredNode.CHAIN + "/functions/monitor/config";
    private static final List<Request> POLLED =
            List.of(Request.STATISTICS, Request.CHAIN, Request.FUNCTIONS, Request.LINKS, Request.NODE);

    /** What answers are waited for. */
    enum Request {
        STATISTICS,
        CHAIN,
        FUNCTIONS,
        LINKS,
        NODE,
        SCRAPE,
        CHANGE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        private String path(String chain) {
            return switch (this) {
                case CHAIN -> CHAINS + chain;
                case STATISTICS, FUNCTIONS, LINKS -> CHAINS + chain + "/" + this;
                case NODE -> "/v1/node";
                case SCRAPE -> "/metrics";
                case CHANGE -> CHANGED;
            };
        }
    }

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
    private final List<String> chains = new ArrayList<>(List.of(MeasuredNode.CHAIN));
    private int changes;

    /**
     * @param cpu processor of whoever asks
     * @param polls requests a second
     * @param others chains besides, that are asked for as often
     */
    ControlTraffic(MeasuredNode node, int cpu, int polls, int others) {
        this.node = node;
        this.cpu = cpu;
        this.polls = polls;
        for (int i = 0; i < others; i++) {
            chains.add(MeasuredNode.other(i));
        }
    }

    /** How long answers took, from when each was to be asked for. */
    static final class Answers {
        private final Map<Request, Histogram> times = new EnumMap<>(Request.class);

        private Answers() {
            for (Request request : Request.values()) {
                times.put(request, new Histogram(3));
            }
        }

        private void add(Request request, long since) {
            times.get(request).recordValue(System.nanoTime() - since);
        }

        /** To one kind of requests; nobody else's. */
        Histogram to(Request request) {
            return times.get(request);
        }

        /** To all that is polled. */
        Histogram toPolling() {
            Histogram all = new Histogram(3);
            POLLED.forEach(request -> all.add(times.get(request)));
            return all;
        }
    }

    /** Asks for a while. */
    Answers run(List<Kind> kinds, long nanos) {
        Answers answers = new Answers();
        List<CompletableFuture<Void>> done = new ArrayList<>();
        long end = System.nanoTime() + nanos;
        for (Kind kind : kinds) {
            done.add(start(() -> {
                // Made here, for its threads stay where this one is.
                try (NodeApi api = node.connect()) {
                    switch (kind) {
                        case POLLING -> poll(api, answers, end);
                        case EVENTS -> follow(api, end);
                        case SCRAPES -> each(SECOND, end, answers, Request.SCRAPE, () -> api.get("/metrics"));
                        case CHANGES -> each(SECOND, end, answers, Request.CHANGE, () -> change(api));
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

    private static void each(long interval, long end, Answers answers, Request request, Runnable work) {
        for (long next = System.nanoTime(); next - end < 0; next += interval) {
            rest(next);
            work.run();
            answers.add(request, next);
        }
    }

    private static void rest(long until) {
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void poll(NodeApi api, Answers answers, long end) {
        long interval = SECOND / polls;
        long next = System.nanoTime();
        for (int i = 0; next - end < 0; i++, next += interval) {
            rest(next);
            Request request = POLLED.get(i % POLLED.size());
            api.get(request.path(chains.get(i / POLLED.size() % chains.size())));
            answers.add(request, next);
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
        api.send(
                "PATCH",
                Request.CHANGE.path(MeasuredNode.CHAIN),
                "application/merge-patch+json",
                "{\"top\": " + (5 + changes++ % 2) + "}");
    }
}
