// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.capture.ProbeRequest;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a chain that runs in this process: its workers, ports and links between threads. Made by {@link
 * EngineBuilder}. Thread-safe.
 */
public final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);

    private final List<Worker> workers;
    private final List<NetmapPort> ports;
    private final List<ThreadLink> threadLinks;
    private final List<Placed> placed;
    private final Map<Integer, TimeMeter> meters;
    private final Optional<Profiler> profiler;
    private final Function<String, NetworkFunction> maker;
    private final Probes probes;
    private boolean closed;

    /** An instance, where it runs, and the link towards the chain's beginning. */
    record Placed(Instance instance, int worker, Optional<LinkEnd> link) {}

    /**
     * What an engine has to do.
     *
     * @param idle nothing is being worked on and nothing waits
     * @param sourcesExhausted no source here will make another packet
     * @param moved packets moved so far: two equal statuses in a row, both idle, mean that nothing goes on
     */
    public record Status(boolean idle, boolean sourcesExhausted, long moved) {}

    /**
     * @param meters of the workers whose time is taken, by number
     * @param maker makes the function of a node anew, by its name
     */
    Engine(
            List<Worker> workers,
            List<NetmapPort> ports,
            List<ThreadLink> threadLinks,
            List<Placed> placed,
            Map<Integer, TimeMeter> meters,
            Optional<Profiler> profiler,
            Function<String, NetworkFunction> maker) {
        this.workers = workers;
        this.ports = ports;
        this.threadLinks = threadLinks;
        this.placed = placed;
        this.meters = meters;
        this.profiler = profiler;
        this.maker = maker;
        this.probes = new Probes(workers);
    }

    /** Builds parts of chains over ports of {@code netmap}. */
    public static EngineBuilder builder(Netmap netmap) {
        return builder(EnginePorts.of(netmap));
    }

    /** Builds parts of chains over ports from elsewhere. */
    public static EngineBuilder builder(EnginePorts ports) {
        return new EngineBuilder(ports);
    }

    /**
     * Starts functions and workers.
     *
     * @throws io.ptnetmap.nfv.chain.NodeConfigurationException if a function refuses its configuration
     * @throws FunctionFailedException if a function throws anything else; nothing runs then
     */
    public void start() {
        List<CompletableFuture<Void>> starting =
                workers.stream().map(Worker::start).toList();
        try {
            starting.forEach(Engine::result);
            profiler.ifPresent(follower -> follower.started(this));
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    /** Fails where a function has failed. */
    public void check() {
        for (Worker worker : workers) {
            if (worker.ended().isCompletedExceptionally()) {
                result(worker.ended());
            }
        }
    }

    /** What a worker's thread has come to; where it has failed, its exception. */
    private static <T> T result(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof RuntimeException cause ? cause : failure;
        }
    }

    public Status status() {
        check();
        List<CompletableFuture<Worker.Status>> asked =
                workers.stream().map(Worker::status).toList();
        boolean idle = true;
        boolean exhausted = true;
        long moved = 0;
        for (CompletableFuture<Worker.Status> answer : asked) {
            Worker.Status status = result(answer);
            idle &= status.idle();
            exhausted &= status.sourcesExhausted();
            moved += status.moved();
        }
        return new Status(idle, exhausted, moved);
    }

    /** Takes nothing more from sources and from outside the chain. */
    public void stopSources() {
        workers.stream().map(Worker::stopSources).toList().forEach(CompletableFuture::join);
    }

    /** The accounts of this engine's functions, in the chain's order. */
    public List<ChainSnapshot.Hop> hops(String process) {
        List<ChainSnapshot.Hop> hops = new ArrayList<>();
        for (Placed place : placed) {
            Account account = place.instance().account();
            // What came in is read last: it is never behind what became of it.
            long sent = account.sent.value();
            long sentBytes = account.sentBytes.value();
            long consumed = account.consumed.value();
            Map<String, Long> drops = account.drops();
            long created = account.created.value();
            hops.add(new ChainSnapshot.Hop(
                    place.instance().name(),
                    place.instance().type(),
                    process,
                    place.worker(),
                    account.received.value(),
                    account.receivedBytes.value(),
                    created,
                    sent,
                    sentBytes,
                    consumed,
                    drops,
                    0,
                    place.link().map(LinkEnd::state).orElse(new ChainSnapshot.Link("call", 0, 0))));
        }
        return hops;
    }

    /**
     * What a probe has seen since it was asked last; begins one that is not known yet.
     *
     * @param process where this is, as in the accounts
     */
    public ProbeReply probe(ProbeRequest request, String process) {
        return probes.ask(request, process);
    }

    /** Ends all probes. */
    public void closeProbes() {
        probes.close();
    }

    /** Whether the functions do their work, in the chain's order. */
    public ChainHealth health(String process) {
        return new ChainHealth(
                placed.stream()
                        .map(Placed::instance)
                        .filter(instance -> !instance.isPort())
                        .map(instance -> instance.failures().health(instance.name(), process))
                        .toList(),
                List.of());
    }

    /**
     * Has a new instance take the place of a function that is in quarantine; one that is not stays as it is.
     *
     * @return whether that function is here
     * @throws FunctionFailedException if the new one cannot be made or started: the quarantine goes on
     * @throws io.ptnetmap.nfv.chain.NodeConfigurationException likewise
     */
    public boolean restore(String function) {
        for (Worker worker : workers) {
            for (Instance instance : worker.instances()) {
                if (instance.name().equals(function) && !instance.isPort()) {
                    if (instance.failures().isQuarantined()) {
                        NetworkFunction fresh = maker.apply(function);
                        result(worker.ask(() -> {
                            instance.restore(fresh);
                            return true;
                        }));
                    }
                    return true;
                }
            }
        }
        return false;
    }

    /** Where the workers' time has gone; empty unless the engine was {@linkplain EngineBuilder#profiled profiled}. */
    public TimeUse timeUse(String process) {
        if (meters.isEmpty()) {
            return TimeUse.NONE;
        }
        List<TimeUse.Function> functions = new ArrayList<>();
        for (Placed place : placed) {
            Account account = place.instance().account();
            long batches = account.batches.value();
            long nanos = account.nanos.value();
            long packets = account.received.value() + account.created.value();
            functions.add(
                    new TimeUse.Function(place.instance().name(), process, place.worker(), packets, batches, nanos));
        }
        List<TimeUse.Worker> times = new ArrayList<>();
        meters.forEach((number, meter) -> times.add(meter.timeUse(process, number)));
        return new TimeUse(functions, times);
    }

    /** This engine's share of the chain's balance; a packet on a link is held by the part that will read it. */
    public Conservation conservation() {
        long entered = 0;
        long created = 0;
        long left = 0;
        long dropped = 0;
        long consumed = 0;
        for (Placed place : placed) {
            Account account = place.instance().account();
            entered += account.entered.value();
            created += account.created.value();
            left += account.left.value();
            dropped += account.dropped();
            consumed += account.consumed.value();
        }
        List<CompletableFuture<Long>> held = workers.stream().map(Worker::held).toList();
        return new Conservation(
                entered,
                created,
                left,
                dropped,
                consumed,
                held.stream().mapToLong(Engine::result).sum());
    }

    /** What the functions report, by instance name; asked of the threads that run them. */
    public Map<String, Map<String, Object>> reports() {
        Map<String, Map<String, Object>> reports = new LinkedHashMap<>();
        Map<String, CompletableFuture<Map<String, Object>>> asked = new LinkedHashMap<>();
        for (Worker worker : workers) {
            worker.instances().forEach(instance -> asked.put(instance.name(), worker.ask(instance::report)));
        }
        for (Placed place : placed) {
            Map<String, Object> report = result(asked.get(place.instance().name()));
            if (!report.isEmpty()) {
                reports.put(place.instance().name(), report);
            }
        }
        return reports;
    }

    /** Ends the workers and stops the functions; ports stay open until {@link #close}. Failures are for {@link #check}. */
    public void stop() {
        workers.forEach(Worker::stop);
        workers.forEach(worker -> worker.awaitEnd(END_TIMEOUT));
        profiler.ifPresent(Profiler::stopped);
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        stop();
        ports.forEach(NetmapPort::close);
        if (workers.stream().allMatch(worker -> worker.ended().isDone())) {
            threadLinks.forEach(ThreadLink::close);
            workers.forEach(Worker::close);
        } else {
            // Its function may come back, and must not find other people's files behind these descriptors.
            LOG.warn("a function does not return: its thread is left behind and ends when it does");
        }
    }
}
