// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.Netmap;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Stateful;
import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.capture.ProbeRequest;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.HopBuilder;
import io.ptnetmap.nfv.telemetry.Latency;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.DataInput;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a chain that runs in this process: its workers, ports and links between threads. Made by {@link
 * EngineBuilder}. Thread-safe.
 */
public final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final Duration LONGEST_BATCH = Duration.ofHours(1);
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);
    private static final ChainSnapshot.Link NO_LINK = new ChainSnapshot.Link("call", 0, 0);

    private final EnginePorts source;
    private final Function<Node, NetworkFunction> maker;
    private final Optional<Profiler> profiler;
    private final StateSource states;
    private final Probes probes;
    private final Map<Integer, Worker> workers = new ConcurrentSkipListMap<>();
    private final Map<Integer, TimeMeter> meters = new ConcurrentSkipListMap<>();
    /** Accounts of functions that are no more. */
    private final Map<String, Account> retired = new ConcurrentHashMap<>();
    /** Held while it matters that {@link #fabric} stays what it is. */
    private final ReentrantLock structure = new ReentrantLock();

    private volatile Fabric fabric;
    private volatile Sampling sampling;
    private volatile boolean sourcesStopped;
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

    Engine(
            EnginePorts source,
            Function<Node, NetworkFunction> maker,
            Fabric fabric,
            Sampling sampling,
            Optional<Profiler> profiler,
            StateSource states) {
        this.states = states;
        this.source = source;
        this.sampling = sampling;
        this.maker = maker;
        this.fabric = fabric;
        this.profiler = profiler;
        this.probes = new Probes(workers::values);
        fabric.workers().forEach(number -> {
            Worker worker = newWorker(number);
            worker.run(fabric.segmentsOf(number), fabric.observationsOf(number));
            workers.put(number, worker);
        });
    }

    private Worker newWorker(int number) {
        Optional<TimeMeter> timed = profiler.map(follower -> new TimeMeter(follower.listener()));
        timed.ifPresent(meter -> meters.put(number, meter));
        return new Worker(
                number,
                fabric.chain().files(),
                -1,
                resumption(fabric.chain()),
                timed.<Meter>map(meter -> meter).orElse(Meter.OFF));
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
                workers.values().stream().map(Worker::start).toList();
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
        for (Worker worker : workers.values()) {
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
                workers.values().stream().map(Worker::status).toList();
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
        structure.lock();
        try {
            sourcesStopped = true;
            workers.values().stream().map(Worker::stopSources).toList().forEach(CompletableFuture::join);
        } finally {
            structure.unlock();
        }
    }

    /**
     * Makes a change of the chain ready, as far as it concerns this part: new functions are made and started, new ports opened.
     * What runs is not touched before the change {@linkplain EngineChange#hold is told to}. One at a time.
     *
     * @param target what the chain is to be
     * @param ids of its links
     * @param here which of its nodes are to run in this process
     * @throws io.ptnetmap.NetmapException if a port cannot be opened
     * @throws io.ptnetmap.nfv.chain.NodeConfigurationException if a function refuses its configuration
     * @throws FunctionFailedException if a function fails over its start
     * @throws IllegalStateException if this engine is about to end
     */
    public EngineChange change(Chain target, LinkIds ids, Predicate<Node> here) {
        check();
        if (sourcesStopped) {
            throw new IllegalStateException("the chain is about to end: it takes nothing in any more");
        }
        Map<String, Instance> present = fabric.instances();
        Assembly assembly = new Assembly(source, fabric, target, ids, here, sampling, this::make, name -> {
            Instance before = present.get(name);
            return before != null ? before.account() : retired.getOrDefault(name, new Account());
        });
        return new EngineChange(this, fabric, assembly);
    }

    /**
     * Has a function that runs already, but has processed nothing yet, read what its predecessor in another part has {@linkplain
     * EngineChange#handOver written}.
     */
    public Stateful.Takeover takeOver(String function, DataInput in) {
        Placed place = fabric.placed().stream()
                .filter(placed -> placed.instance().name().equals(function))
                .findFirst()
                .orElseThrow();
        return result(workers.get(place.worker()).ask(() -> {
            try {
                return place.instance().read(in);
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }));
    }

    /** The accounts of functions that have run here, and do not any more. */
    public List<ChainSnapshot.Hop> retiredHops(String process) {
        List<ChainSnapshot.Hop> hops = new ArrayList<>();
        retired.forEach((name, account) -> hops.add(hop(name, "", process, 0, account, NO_LINK)));
        return hops;
    }

    private NetworkFunction make(Node node) {
        try {
            return maker.apply(node);
        } catch (ConfigurationException refusal) {
            throw refusal;
        } catch (RuntimeException | LinkageError failure) {
            throw new FunctionFailedException(node.name(), failure);
        }
    }

    /** The worker of a number; one that there was not before runs nothing yet. */
    Worker worker(int number) {
        return workers.computeIfAbsent(number, fresh -> {
            Worker worker = newWorker(fresh);
            worker.run(new ArrayList<>(), new ArrayList<>());
            worker.probes(probes.of(fresh));
            result(worker.start());
            return worker;
        });
    }

    /** Ends workers that have nothing to run. */
    void dismissIdleWorkers() {
        for (int number : List.copyOf(workers.keySet())) {
            if (!fabric.workers().contains(number)) {
                Worker worker = workers.remove(number);
                worker.stop();
                if (worker.awaitEnd(END_TIMEOUT)) {
                    worker.close();
                }
            }
        }
    }

    ReentrantLock structure() {
        return structure;
    }

    /** What there is from now on. With {@link #structure} held. */
    void become(Fabric next) {
        Map<String, Instance> present = next.instances();
        fabric.instances().forEach((name, instance) -> retired.put(name, instance.account()));
        retired.keySet().removeAll(present.keySet());
        fabric = next;
        probes.changed();
    }

    /** The accounts of this engine's functions, in the chain's order. */
    public List<ChainSnapshot.Hop> hops(String process) {
        List<ChainSnapshot.Hop> hops = new ArrayList<>();
        for (Placed place : fabric.placed()) {
            Instance instance = place.instance();
            hops.add(hop(
                    instance.name(),
                    instance.type(),
                    process,
                    place.worker(),
                    instance.account(),
                    place.link().map(LinkEnd::state).orElse(NO_LINK)));
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
                fabric.placed().stream()
                        .map(Placed::instance)
                        .filter(instance -> !instance.isPort())
                        .map(instance -> instance.health(process))
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
        structure.lock();
        try {
            for (Placed place : fabric.placed()) {
                Instance instance = place.instance();
                if (instance.name().equals(function) && !instance.isPort()) {
                    if (instance.failures().isQuarantined()) {
                        Resumption resumption = resumption(fabric.chain());
                        NetworkFunction fresh =
                                instance.begin(resumption.maker().apply(function), resumption);
                        result(workers.get(place.worker()).ask(() -> {
                            instance.restore(fresh);
                            return true;
                        }));
                    }
                    return true;
                }
            }
            return false;
        } finally {
            structure.unlock();
        }
    }

    /** What functions of a chain are started with that take nothing over. */
    Resumption resumption(Chain chain) {
        return Resumption.of(chain, states, this::makeAgain);
    }

    private NetworkFunction makeAgain(Node node) {
        try {
            return maker.apply(node);
        } catch (ConfigurationException refusal) {
            throw new NodeConfigurationException(node.name(), refusal);
        }
    }

    /**
     * Takes down what a function knows while packets flow: its worker copies a little of it at a time, between two batches, and
     * does so for no more than a tenth of its time, unless that would take too long.
     *
     * @param out gets it, for a {@link StateSource}
     * @param patience how long this may take without hurry
     * @return empty where that function is not here, knows nothing of that kind, is in quarantine, or was changed meanwhile: then
     *     what is in {@code out} is worth nothing
     * @throws FunctionFailedException if the function fails over it; it goes on
     */
    public Optional<StateTaken> takeState(String function, OutputStream out, Duration patience)
            throws IOException, InterruptedException {
        Fabric present = fabric;
        Optional<Placed> place = present.placed().stream()
                .filter(placed -> placed.instance().name().equals(function))
                .findFirst();
        Optional<Worker> worker = place.map(placed -> workers.get(placed.worker()));
        return worker.isEmpty()
                ? Optional.empty()
                : new StateTaker(place.get().instance(), worker.get(), () -> fabric == present).take(out, patience);
    }

    private static ChainSnapshot.Hop hop(
            String name, String type, String process, int worker, Account account, ChainSnapshot.Link link) {
        // What came in is read last: it is never behind what became of it.
        long sent = account.sent.value();
        long sentBytes = account.sentBytes.value();
        long consumed = account.consumed.value();
        Map<String, Long> drops = account.drops();
        long created = account.created.value();
        long backward = account.receivedBackward.value();
        long backwardBytes = account.receivedBackwardBytes.value();
        return new HopBuilder(name, type)
                .at(process, worker)
                .received(account.received.value(), account.receivedBytes.value())
                .receivedBackward(backward, backwardBytes)
                .created(created)
                .sent(sent, sentBytes)
                .consumed(consumed)
                .drops(drops)
                .behind(link)
                .build();
    }

    /** Where the workers' time has gone; empty unless the engine was {@linkplain EngineBuilder#profiled profiled}. */
    public TimeUse timeUse(String process) {
        if (meters.isEmpty()) {
            return TimeUse.NONE;
        }
        List<TimeUse.Function> functions = new ArrayList<>();
        for (Placed place : fabric.placed()) {
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

    /** Has links to other processes that are made from now on be timed, with what these say on the same board. */
    public void stamps(Optional<StampBoard> board) {
        sampling = new Sampling(sampling.on(), board);
    }

    /** How long sampled packets took, as far as they passed here; asked of the threads that run the functions. */
    public Latency latency() {
        structure.lock();
        try {
            Map<Integer, Map<String, Account>> accounts = new HashMap<>();
            fabric.placed()
                    .forEach(place -> accounts.computeIfAbsent(place.worker(), worker -> new HashMap<>())
                            .put(place.instance().name(), place.instance().account()));
            List<CompletableFuture<Map<String, Map<Latency.Kind, Latency.Times>>>> asked = new ArrayList<>();
            accounts.forEach((worker, its) -> asked.add(workers.get(worker).ask(() -> times(its))));
            Map<String, Map<Latency.Kind, Latency.Times>> places = times(retired);
            asked.forEach(answer -> places.putAll(result(answer)));
            return new Latency(places);
        } finally {
            structure.unlock();
        }
    }

    private static Map<String, Map<Latency.Kind, Latency.Times>> times(Map<String, Account> accounts) {
        long now = System.nanoTime();
        Map<String, Map<Latency.Kind, Latency.Times>> all = new HashMap<>();
        accounts.forEach((name, account) -> all.put(name, account.latencies.times(now)));
        all.values().removeIf(Map::isEmpty);
        return all;
    }

    /** This engine's share of the chain's balance; a packet on a link is held by the part that will read it. */
    public Conservation conservation() {
        structure.lock();
        try {
            Conservation sum = retiredAccounts();
            for (Placed place : fabric.placed()) {
                sum = sum.plus(balance(place.instance().account()));
            }
            List<CompletableFuture<Long>> held =
                    workers.values().stream().map(Worker::held).toList();
            return sum.withHeld(held.stream().mapToLong(Engine::result).sum());
        } finally {
            structure.unlock();
        }
    }

    /**
     * The same, exact while packets flow: each worker balances its books between two batches, and what it has sent into links is
     * held, what it has received from links is not. The sum over all parts of a chain has no packet unaccounted for.
     */
    public Conservation books() {
        return books(LONGEST_BATCH);
    }

    /**
     * The same, within a time.
     *
     * @throws IllegalStateException if a worker does not come to the end of its batch in that time
     */
    public Conservation books(Duration limit) {
        structure.lock();
        try {
            List<CompletableFuture<Conservation>> asked = new ArrayList<>();
            workers.forEach((number, worker) -> asked.add(worker.ask(() -> books(number))));
            Conservation sum = retiredAccounts();
            for (CompletableFuture<Conservation> answer : asked) {
                sum = sum.plus(result(answer.orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS)));
            }
            return sum;
        } catch (CompletionException late) {
            throw new IllegalStateException(
                    "a function does not come to the end of its batch within " + limit.toSeconds() + " s", late);
        } finally {
            structure.unlock();
        }
    }

    private Conservation books(int worker) {
        Conservation sum = Conservation.NONE;
        for (Fabric.Strand strand : fabric.strands()) {
            if (strand.worker() == worker) {
                for (Instance instance : strand.functions()) {
                    sum = sum.plus(balance(instance.account()));
                }
                long held = strand.segment().underWay()
                        + onTheWay(strand.left().flatMap(wire -> wire.right))
                        + onTheWay(strand.right().flatMap(wire -> wire.left));
                sum = sum.plus(Conservation.NONE.withHeld(held));
            }
        }
        return sum;
    }

    /** Packets sent here for others to receive, less those received here that others have sent. */
    private static long onTheWay(Optional<LinkEnd> end) {
        return end.filter(inside -> !inside.isOutside())
                .map(inside -> inside.sent() - inside.received())
                .orElse(0L);
    }

    private Conservation retiredAccounts() {
        return retired.values().stream().map(Engine::balance).reduce(Conservation.NONE, Conservation::plus);
    }

    private static Conservation balance(Account account) {
        return new Conservation(
                account.entered.value(),
                account.created.value(),
                account.left.value(),
                account.dropped(),
                account.consumed.value(),
                0);
    }

    /** What the functions report, by instance name; asked of the threads that run them. */
    public Map<String, Map<String, Object>> reports() {
        structure.lock();
        try {
            Map<String, CompletableFuture<Map<String, Object>>> asked = new LinkedHashMap<>();
            for (Placed place : fabric.placed()) {
                Instance instance = place.instance();
                asked.put(instance.name(), workers.get(place.worker()).ask(instance::report));
            }
            Map<String, Map<String, Object>> reports = new LinkedHashMap<>();
            asked.forEach((name, answer) -> {
                Map<String, Object> report = result(answer);
                if (!report.isEmpty()) {
                    reports.put(name, report);
                }
            });
            return reports;
        } finally {
            structure.unlock();
        }
    }

    /** Ends the workers and stops the functions; ports stay open until {@link #close}. Failures are for {@link #check}. */
    public void stop() {
        workers.values().forEach(Worker::stop);
        workers.values().forEach(worker -> worker.awaitEnd(END_TIMEOUT));
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
        fabric.closePorts();
        if (workers.values().stream().allMatch(worker -> worker.ended().isDone())) {
            fabric.closeQueues();
            workers.values().forEach(Worker::close);
        } else {
            // Its function may come back, and must not find other people's files behind these descriptors.
            LOG.warn("a function does not return: its thread is left behind and ends when it does");
        }
    }
}
