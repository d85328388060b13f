// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.NetmapPoller;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.nfv.chain.ChainFiles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that runs segments and observations, round after round.
 *
 * <p>Without work it first spins, for the next packet is often near; then gives way to other threads; then sleeps in {@code
 * poll(2)} until a port or a link has something. Where there are only sources, which tell when their next packet is due, it sleeps
 * at once. Requests from other threads are carried out between two rounds, so that
 * they see no batch half done.
 */
final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** Rounds without work before the thread gives way, and before it sleeps. */
    private static final int SPINS = 500;

    private static final int YIELDS = 50;
    private static final long TICK_NANOS = 50_000_000;
    /** How long to sleep while a source could have packets at any time, because of its rate. */
    private static final long SOURCE_NAP_NANOS = 20_000;
    /** By how much a sleep is longer than it is told: the kernel's timer slack, and the time that waking takes. */
    private static final long OVERSLEEP_NANOS = 60_000;

    private final int number;
    private final ChainFiles files;
    private final int cpu;
    private final Resumption resumption;
    private final Meter ownMeter;
    private Meter meter;
    private List<Segment> segments = new ArrayList<>();
    private List<Observation> observations = new ArrayList<>();
    private final Queue<Runnable> requests = new ConcurrentLinkedQueue<>();
    private final int requestEvent = Linux.eventfd();
    private NetmapPoller poller = new NetmapPoller();
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile Thread thread;
    private volatile boolean stopping;
    private boolean closed;
    private long moved;

    /** What a worker has done and has to do, at a moment between two rounds. */
    record Status(boolean idle, boolean sourcesExhausted, long moved) {}

    /**
     * @param number of the worker in its process
     * @param files where the files are that functions name
     * @param cpu processor to run on, -1 = any
     * @param resumption what functions are started with that it starts
     * @param meter takes the time of what it does
     */
    Worker(int number, ChainFiles files, int cpu, Resumption resumption, Meter meter) {
        this.number = number;
        this.files = files;
        this.cpu = cpu;
        this.resumption = resumption;
        this.ownMeter = meter;
        this.meter = meter;
    }

    /** Has it run these, and nothing else. Before its start, or while it {@linkplain Standstill stands still}. */
    void run(List<Segment> newSegments, List<Observation> newObservations) {
        segments = newSegments;
        observations = newObservations;
        segments.forEach(segment -> segment.meter(meter));
        observations.forEach(observation -> observation.meter(meter));
        poller = new NetmapPoller();
        poller.addDescriptor(requestEvent);
        observations.forEach(observation -> observation.addTo(poller));
    }

    /** Of this worker in its process. */
    int number() {
        return number;
    }

    /** Has these look at what passes its functions, instead of those before. Completes when they do. */
    CompletableFuture<Boolean> probes(List<Probe> probes) {
        return thread == null ? CompletableFuture.completedFuture(watch(probes)) : ask(() -> watch(probes));
    }

    private boolean watch(List<Probe> probes) {
        meter = probes.isEmpty() ? ownMeter : new ProbeMeter(ownMeter, probes);
        segments.forEach(segment -> segment.meter(meter));
        observations.forEach(observation -> observation.meter(meter));
        return true;
    }

    private List<Instance> instances() {
        return Stream.concat(
                        segments.stream().flatMap(segment -> segment.functions().stream()),
                        observations.stream().map(Observation::instance))
                .toList();
    }

    /** Starts the thread; functions are started on it. Completes when packets can flow. */
    CompletableFuture<Void> start() {
        thread = Thread.ofPlatform().name("worker-" + number).daemon().start(this::run);
        return started;
    }

    /** Completes when the thread has ended; exceptionally where a function has failed. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    private void run() {
        List<Instance> running = new ArrayList<>();
        try {
            if (cpu >= 0) {
                Linux.pinThread(cpu);
            }
            for (Instance instance : instances()) {
                instance.start(files, System::nanoTime, resumption);
                running.add(instance);
            }
            started.complete(null);
            loop();
            stopAll(instances()).ifPresentOrElse(ended::completeExceptionally, () -> ended.complete(null));
        } catch (Throwable failure) {
            LOG.debug("worker {} ends", number, failure);
            stopAll(started.isDone() ? instances() : running).ifPresent(failure::addSuppressed);
            started.completeExceptionally(failure);
            ended.completeExceptionally(failure);
        } finally {
            answerAll();
        }
    }

    /** Stops all of the functions, whatever some of them throw. Returns the first failure. */
    private static Optional<FunctionFailedException> stopAll(List<Instance> running) {
        Optional<FunctionFailedException> first = Optional.empty();
        for (Instance instance : running) {
            try {
                instance.stop();
            } catch (FunctionFailedException failure) {
                if (first.isEmpty()) {
                    first = Optional.of(failure);
                } else {
                    first.get().addSuppressed(failure);
                }
            }
        }
        return first;
    }

    private void answerAll() {
        for (Runnable request = requests.poll(); request != null; request = requests.poll()) {
            request.run();
        }
    }

    private void loop() {
        long nextTick = 0;
        int idleRounds = 0;
        while (!stopping) {
            long now = System.nanoTime();
            if (now - nextTick >= 0) {
                tick(now);
                nextTick = now + TICK_NANOS;
            }
            // Answered after a round that has begun after the question: who asks whether all is quiet must hear of
            // everything that had been sent by then. It stays in the queue meanwhile, lest a failure swallow it.
            Runnable request = requests.peek();
            int work = round(now);
            moved += work;
            meter.round(now, work);
            if (request != null) {
                requests.remove();
                request.run();
            }
            if (work != 0) {
                idleRounds = 0;
            } else if (restNanos(now) > OVERSLEEP_NANOS) {
                sleep(now, nextTick - now);
            } else if (idleRounds++ < SPINS) {
                Thread.onSpinWait();
            } else if (idleRounds < SPINS + YIELDS) {
                Thread.yield();
            } else {
                sleep(now, nextTick - now);
            }
        }
    }

    /** For how long no packet will come, whatever others do; 0 where that is not known. */
    private long restNanos(long now) {
        long rest = observations.isEmpty() ? TICK_NANOS : 0;
        for (int i = 0; i < segments.size() && rest > 0; i++) {
            Segment segment = segments.get(i);
            rest = segment.isAlone() && segment.producing() ? Math.min(rest, segment.idleNanos(now)) : 0;
        }
        return segments.isEmpty() ? 0 : rest;
    }

    private int round(long now) {
        int work = 0;
        for (int i = 0; i < segments.size(); i++) {
            work += segments.get(i).poll(now);
        }
        for (int i = 0; i < observations.size(); i++) {
            work += observations.get(i).poll(now);
        }
        return work;
    }

    private void tick(long now) {
        for (int i = 0; i < segments.size(); i++) {
            List<Instance> functions = segments.get(i).functions();
            for (int j = 0; j < functions.size(); j++) {
                functions.get(j).tick(now);
            }
        }
        for (int i = 0; i < observations.size(); i++) {
            observations.get(i).instance().tick(now);
        }
    }

    private void sleep(long now, long untilTick) {
        boolean work = false;
        long most = untilTick;
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            segment.addTo(poller);
            work |= segment.arm();
            if (segment.producing()) {
                most = Math.min(most, Math.max(SOURCE_NAP_NANOS, segment.idleNanos(now) - OVERSLEEP_NANOS));
            }
        }
        for (int i = 0; i < observations.size(); i++) {
            work |= observations.get(i).arm();
        }
        if (!work && requests.isEmpty()) {
            poller.await(Math.max(0, most));
            Linux.eventfdDrain(requestEvent);
        }
        for (int i = 0; i < segments.size(); i++) {
            segments.get(i).disarm();
        }
        for (int i = 0; i < observations.size(); i++) {
            observations.get(i).disarm();
        }
    }

    /** Has something done by the worker's thread between two rounds; after its end, by the caller's. */
    <T> CompletableFuture<T> ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Runnable request = () -> {
            try {
                answer.complete(question.get());
            } catch (RuntimeException failure) {
                answer.completeExceptionally(failure);
            }
        };
        requests.add(request);
        if (ended.isDone()) {
            answerAll();
        } else {
            wake();
        }
        return answer;
    }

    /** Whether its thread has been started, and goes on. */
    boolean isRunning() {
        return thread != null && !ended.isDone();
    }

    CompletableFuture<Status> status() {
        return ask(() -> new Status(
                segments.stream().allMatch(Segment::idle)
                        && observations.stream().allMatch(Observation::idle),
                segments.stream().noneMatch(Segment::open),
                moved));
    }

    /** Packets that are still inside: under way in segments, or unread on the links that lead to them. */
    CompletableFuture<Long> held() {
        return ask(() -> segments.stream().mapToLong(Segment::held).sum());
    }

    /** Takes nothing more from sources and from outside; what is inside still moves. */
    CompletableFuture<Void> stopSources() {
        return ask(() -> {
            segments.forEach(Segment::stop);
            return null;
        });
    }

    /** Ends the thread after the present round, and stops its functions. */
    void stop() {
        stopping = true;
        wake();
    }

    /** Waits for the end of the thread, where it was ever started. Returns whether it has come. */
    boolean awaitEnd(Duration timeout) {
        if (thread == null) {
            ended.complete(null);
        }
        ended.handle((nothing, failure) -> null)
                .completeOnTimeout(null, timeout.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        return ended.isDone();
    }

    private synchronized void wake() {
        if (!closed) {
            Linux.eventfdSignal(requestEvent);
        }
    }

    /** Gives back the descriptor that requests come by; after the thread's end only. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Linux.close(requestEvent);
        }
    }
}
