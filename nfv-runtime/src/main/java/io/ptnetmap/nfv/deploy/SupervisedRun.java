// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.capture.PacketFilter;
import io.ptnetmap.nfv.capture.TapOptions;
import io.ptnetmap.nfv.capture.TapSpec;
import io.ptnetmap.nfv.capture.TraceOptions;
import io.ptnetmap.nfv.capture.TraceSpec;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.Suggestion;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.Latency;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/** A chain of one or several parts, watched from here. */
final class SupervisedRun implements ChainRun {
    private static final long LOOK_MILLIS = 5;
    /** The longer a chain has been at work, the less often it is looked at, for each look allocates: its end is told a hundredth late. */
    private static final long PRECISION = 100;

    private static final long MOST_LOOK_MILLIS_AT_WORK = 250;
    /** Looks at a chain that is at work may take one part in this many of its time: an emulated machine answers slowly. */
    private static final long LOOK_SHARE = 20;

    private static final long MOST_LOOK_MILLIS = 500;
    /** After this time without a move, what is missing has been lost with a process that died. */
    private static final long GIVE_UP_NANOS = 2_000_000_000L;

    private volatile Chain chain;
    private volatile LinkIds links;
    /** The part in this process last: by then, whoever is asked before has sent it all there is. */
    private final List<ChainPart> parts;

    private final ChangeSetting setting;
    private Optional<OwnProcesses> processes = Optional.empty();
    private volatile Departed departed = Departed.NONE;
    private final SwitchAccounts switches;
    private final Runnable afterwards;
    private final long startNanos = System.nanoTime();
    private final LocalPart here;
    private final ReentrantLock changing = new ReentrantLock();
    /** Counts beginnings and ends of changes: odd while one is being made. */
    private final AtomicLong turns = new AtomicLong();

    private final Optional<StateKeeper> keeper;
    private final FirstPacket firstPacket;
    private volatile long endNanos;
    /** Milliseconds between the last two looks, which grow while the chain rests, and what had moved by then. */
    private volatile long interval = LOOK_MILLIS;

    private volatile long lastMoved = -1;
    private volatile ChangeWitness witness = ChangeWitness.NONE;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final Map<Watch, TraceOptions> traced = new ConcurrentHashMap<>();
    /** What is told that a change is being made. */
    private List<Watch> rested = List.of();

    private boolean closed;

    /**
     * @param here the part in this process
     * @param elsewhere the others
     * @param switches of the chain's links
     * @param setting for changes
     * @param afterwards releases the parts and all else when the run is closed
     */
    SupervisedRun(
            Chain chain,
            LocalPart here,
            List<? extends ChainPart> elsewhere,
            SwitchAccounts switches,
            ChangeSetting setting,
            Runnable afterwards) {
        this.chain = chain;
        this.links = LinkIds.of(chain);
        this.parts = new CopyOnWriteArrayList<>(elsewhere);
        this.parts.add(here);
        this.switches = switches;
        this.setting = setting;
        this.afterwards = afterwards;
        this.here = here;
        keeper = setting.options().states().map(states -> new StateKeeper(states, this::partOf));
        firstPacket = new FirstPacket(chain.nodes().getLast().name(), parts);
    }

    @Override
    public ChainSnapshot snapshot() {
        List<ChainSnapshot.Hop> hops = new ArrayList<>();
        List<ChainSnapshot.Hop> earlier = new ArrayList<>(departed.hops());
        parts.forEach(part -> hops.addAll(part.hops()));
        earlier.addAll(here.retiredHops());
        hops.replaceAll(hop -> continued(hop, earlier));
        hops.sort(order(ChainSnapshot.Hop::name));
        long end = endNanos;
        return new ChainSnapshot(
                chain.name(), (end == 0 ? System.nanoTime() : end) - startNanos, switches.applied(hops));
    }

    /** The account of a function, from when it came into the chain on, wherever it has run since. */
    private static ChainSnapshot.Hop continued(ChainSnapshot.Hop hop, List<ChainSnapshot.Hop> earlier) {
        ChainSnapshot.Hop sum = hop;
        for (ChainSnapshot.Hop before : earlier) {
            if (before.name().equals(hop.name())) {
                sum = sum.plus(before);
            }
        }
        return sum;
    }

    /** The chain's order of what has its functions' names. */
    private <T> Comparator<T> order(Function<T, String> name) {
        List<String> names = chain.nodes().stream().map(Node::name).toList();
        return Comparator.comparingInt(one -> {
            int place = names.indexOf(name.apply(one));
            return place < 0 ? names.size() : place;
        });
    }

    @Override
    public boolean await(Duration timeout) throws InterruptedException {
        return awaitQuiet(System.nanoTime() + timeout.toNanos(), true);
    }

    /**
     * Waits until two looks in a row find all parts idle and nothing moved in between, and no packet is on its way. One may
     * be where no part sees it: in a pipe that a virtual machine has open, the host carries it from end to end. While a change is made
     * nothing moves because it is held, and what the chain is afterwards may have more to do.
     */
    private boolean awaitQuiet(long deadline, boolean sourcesToo) throws InterruptedException {
        long before = -1;
        long quietSince = 0;
        long turnBefore = turns.get();
        while (true) {
            long began = System.nanoTime();
            long turn = turns.get();
            boolean idle = true;
            long moved = 0;
            for (ChainPart part : parts) {
                Engine.Status status = part.status();
                idle &= status.idle() && (!sourcesToo || status.sourcesExhausted());
                moved += status.moved();
            }
            long now = System.nanoTime();
            boolean quiet = idle && moved == before && turn == turnBefore && turn % 2 == 0;
            turnBefore = turn;
            if (!quiet) {
                quietSince = now;
            } else if ((nothingUnderWay() || now - quietSince > GIVE_UP_NANOS) && endsUnlessChanged(turn)) {
                return true;
            }
            before = idle ? moved : -1;
            if (now - deadline >= 0) {
                return false;
            }
            long cost = TimeUnit.NANOSECONDS.toMillis(now - began);
            // The first batches take long, and with them the first answers: many a short chain has ended soon after.
            long age = Math.max(LOOK_MILLIS, TimeUnit.NANOSECONDS.toMillis(now - startNanos));
            long patience = moved == lastMoved
                    ? 2 * interval
                    : Math.clamp(age / PRECISION, LOOK_MILLIS, MOST_LOOK_MILLIS_AT_WORK);
            long most = Math.min(MOST_LOOK_MILLIS, age);
            long next = idle ? LOOK_MILLIS : Math.min(most, Math.max(LOOK_SHARE * cost, patience));
            interval = next;
            lastMoved = moved;
            Thread.sleep(Math.min(next, Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - now))));
        }
    }

    private boolean nothingUnderWay() {
        Conservation now = conservation();
        return now.holds() && now.held() == 0;
    }

    /** Ends the run, unless a change has begun since it was looked at. */
    private boolean endsUnlessChanged(long turn) {
        changing.lock();
        try {
            if (turns.get() != turn) {
                return false;
            }
            end();
            return true;
        } finally {
            changing.unlock();
        }
    }

    private void end() {
        changing.lock();
        try {
            if (endNanos == 0) {
                endNanos = System.nanoTime();
            }
            watches.forEach(Watch::end);
            keeper.ifPresent(StateKeeper::finish);
            parts.forEach(ChainPart::stop);
        } finally {
            changing.unlock();
        }
    }

    @Override
    public void drain(Duration timeout) throws InterruptedException {
        changing.lock();
        try {
            parts.forEach(ChainPart::stopSources);
        } finally {
            changing.unlock();
        }
        if (!awaitQuiet(System.nanoTime() + timeout.toNanos(), false)) {
            end();
        }
    }

    @Override
    public Optional<Instant> firstPacket() {
        return firstPacket.seen();
    }

    @Override
    public Conservation conservation() {
        Conservation sum = departed.conservation().plus(switches.conservation());
        for (ChainPart part : parts) {
            sum = sum.plus(part.conservation());
        }
        return sum;
    }

    @Override
    public TimeUse timeUse() {
        TimeUse sum = TimeUse.NONE;
        for (ChainPart part : parts) {
            sum = sum.plus(part.timeUse());
        }
        List<TimeUse.Function> functions = new ArrayList<>(sum.functions());
        functions.sort(order(TimeUse.Function::name));
        return new TimeUse(functions, sum.workers());
    }

    @Override
    public Latency latency() {
        Latency sum = departed.latency();
        for (ChainPart part : parts) {
            sum = sum.plus(part.latency());
        }
        return sum;
    }

    @Override
    public Map<String, Map<String, Object>> reports() {
        Map<String, Map<String, Object>> reports = new LinkedHashMap<>();
        parts.forEach(part -> reports.putAll(part.reports()));
        return reports;
    }

    @Override
    public ChainHealth health() {
        ChainHealth sum = ChainHealth.NONE;
        for (ChainPart part : parts) {
            sum = sum.plus(part.health());
        }
        List<ChainHealth.Function> functions = new ArrayList<>(sum.functions());
        functions.sort(order(ChainHealth.Function::name));
        return new ChainHealth(List.copyOf(functions), sum.parts());
    }

    @Override
    public void restore(String function) {
        ChainPart its = parts.stream()
                .filter(part -> part.health().functions().stream()
                        .anyMatch(known -> known.name().equals(function)))
                .findFirst()
                .orElseThrow(() -> new ChainRequestException("no function '" + function + "' in this chain"
                        + Suggestion.among(
                                function, chain.nodes().stream().map(Node::name).toList())));
        chain.nodes().stream().filter(node -> node.name().equals(function)).forEach(this::provideState);
        its.restore(function);
    }

    /**
     * Puts what is kept of a function where its process or machine finds it when that is told to restore it. One that is being started
     * is given it in any case.
     */
    void provideState(Node node) {
        if (partOf(node)
                .filter(part -> part instanceof RemotePart remote && !remote.isAlive())
                .isPresent()) {
            return;
        }
        switch (node.placement()) {
            case SAME -> {}
            case OWN -> processes().provideState(node);
            case VM -> {
                if (node.persist().isPresent()) {
                    machine(node.vm()).provideState(node.name(), processes().provideState(node));
                }
            }
        }
    }

    @Override
    public Map<String, KeptState> keptStates() {
        return setting.options().states().map(ChainStates::kept).orElse(Map.of());
    }

    /** Keeps the states of functions from now on. */
    void keepStates() {
        keeper.ifPresent(present -> present.keep(chain));
    }

    /** The part that a function runs in. */
    private Optional<ChainPart> partOf(Node node) {
        return switch (node.placement()) {
            case SAME -> Optional.of(here);
            case OWN -> processOf(node.name()).map(ChainPart.class::cast);
            case VM -> Optional.of(machine(node.vm()));
        };
    }

    @Override
    public PacketTap tap(String hop, TapOptions options) {
        changing.lock();
        try {
            Hops.Hop found = new Hops(chain).find(hop);
            TapSpec spec = new TapSpec(
                    found.from().name(),
                    found.to().name(),
                    PacketFilter.compile(options.filter()).instructions(),
                    options.snaplen(),
                    options.count(),
                    options.ringBytes());
            return new PacketTap(watch(Optional.of(spec), Optional.empty()), hop, options);
        } finally {
            changing.unlock();
        }
    }

    @Override
    public PacketTracer trace(TraceOptions options) {
        changing.lock();
        try {
            TraceSpec spec = traceSpec(options, chain);
            Watch watch = watch(Optional.empty(), Optional.of(spec));
            traced.put(watch, options);
            return new PacketTracer(watch, spec);
        } finally {
            changing.unlock();
        }
    }

    /** @throws ChainRequestException if the chain does not have what packets are to be followed from */
    private static TraceSpec traceSpec(TraceOptions options, Chain chain) {
        Hops hops = new Hops(chain);
        return new TraceSpec(
                PacketFilter.compile(options.filter()).instructions(),
                options.count(),
                hops.entries(options.from()),
                options.from().isEmpty(),
                hops.exits(),
                hops.switched(),
                hops.path(),
                0);
    }

    private void forget(Watch watch) {
        watches.remove(watch);
        traced.remove(watch);
    }

    /**
     * Some parts are about to change, so that the chain becomes another one.
     *
     * @param arriving parts that are to come into it
     */
    void restWatches(Chain target, List<ChainPart> concerned, List<RemotePart> arriving) {
        rested = List.copyOf(watches);
        for (Watch watch : rested) {
            watch.rest(
                    concerned, arriving, Optional.ofNullable(traced.get(watch)).flatMap(options -> {
                        try {
                            return Optional.of(traceSpec(options, target));
                        } catch (ChainRequestException ending) {
                            return Optional.empty();
                        }
                    }));
        }
    }

    /** The chain has stayed what it was. */
    void resumeWatches() {
        rested.forEach(watch -> watch.goOn(false, List.of()));
        rested = List.of();
    }

    /**
     * The chain is what it was to be.
     *
     * @param leaving parts that are not in it any more
     */
    void resumeWatches(List<RemotePart> leaving) {
        Hops hops = new Hops(chain);
        for (Watch watch : rested) {
            watch.goOn(true, leaving);
            try {
                watch.tap().map(Hops::name).ifPresent(hops::find);
                Optional.ofNullable(traced.get(watch)).map(TraceOptions::from).ifPresent(hops::entries);
            } catch (ChainRequestException gone) {
                watch.end("the chain was changed: " + gone.getMessage());
            }
        }
        rested = List.of();
    }

    private Watch watch(Optional<TapSpec> tap, Optional<TraceSpec> trace) {
        Watch watch = new Watch(parts, tap, trace, this::forget);
        watches.add(watch);
        if (endNanos != 0) {
            watch.end();
        }
        return watch;
    }

    @Override
    public ChangePlan plan(Chain target) {
        return ChainDiff.plan(chain, links, target);
    }

    @Override
    public void expectChanges() {
        ChangeRehearsal.expect();
    }

    @Override
    public ChangeReport change(Chain target) {
        changing.lock();
        try {
            if (endNanos != 0) {
                throw new ChangeRefusedException("", "", "the chain has ended: start it anew");
            }
            ChangePlan plan = plan(target);
            if (!plan.possible()) {
                ChangePlan.Obstacle obstacle = plan.obstacles().getFirst();
                throw new ChangeRefusedException(obstacle.node(), obstacle.field(), obstacle.reason());
            }
            turns.incrementAndGet();
            try {
                return new LiveChange(this, target, plan).make();
            } finally {
                turns.incrementAndGet();
            }
        } finally {
            changing.unlock();
        }
    }

    // What a LiveChange needs, and has the chain be afterwards.

    Chain chain() {
        return chain;
    }

    LinkIds links() {
        return links;
    }

    LocalPart here() {
        return here;
    }

    SwitchAccounts switches() {
        return switches;
    }

    ChangeSetting setting() {
        return setting;
    }

    /** The part that is the process of a function of its own. */
    Optional<RemotePart> processOf(String function) {
        return at(function);
    }

    /** The part in a virtual machine of the chain. */
    RemotePart machine(String vm) {
        return at(Launcher.placeOf(vm)).orElseThrow();
    }

    private Optional<RemotePart> at(String place) {
        return parts.stream()
                .filter(part ->
                        part instanceof RemotePart remote && remote.place().equals(place))
                .map(RemotePart.class::cast)
                .findFirst();
    }

    OwnProcesses processes() {
        if (processes.isEmpty()) {
            processes = Optional.of(setting.processes().apply(chain));
        }
        return processes.get();
    }

    /** Has nobody wait long for what does not answer. */
    void hurry() {
        for (ChainPart part : parts) {
            if (part instanceof RemotePart remote) {
                remote.hurry();
            }
        }
    }

    /** Tells of a change's steps; for tests. */
    void witness(ChangeWitness told) {
        witness = told;
    }

    ChangeWitness witness() {
        return witness;
    }

    /**
     * The accounts of the chain, exact while packets flow.
     *
     * @throws ChainFailedException if a part cannot tell
     */
    Conservation books() {
        // What switches have dropped is asked first: whoever had sent that has counted it by then.
        Conservation sum = departed.conservation().plus(switches.books());
        for (ChainPart part : parts) {
            sum = sum.plus(part.books());
        }
        return sum;
    }

    /** A change will be made, whatever happens: a process or machine that has to be started anew is of that chain. */
    void decided(Chain target, LinkIds ids) {
        if (target.nodes().stream().anyMatch(node -> node.placement() != Placement.SAME)) {
            processes().present().become(target, ids);
        }
    }

    /** Notes what the chain is from now on. */
    void become(Chain target, LinkIds ids, List<RemotePart> arrived, Map<RemotePart, Departed> gone) {
        for (Departed accounts : gone.values()) {
            departed = departed.plus(accounts);
        }
        parts.removeAll(gone.keySet());
        parts.addAll(0, arrived);
        links = ids;
        chain = target;
        for (Node node : target.nodes()) {
            switch (node.placement()) {
                case SAME -> {}
                case OWN -> processOf(node.name()).ifPresent(part -> part.onFailure(node.onFailure()));
                case VM -> machine(node.vm()).onFailure(Launcher.onFailureOf(target, node.vm()));
            }
        }
        keepStates();
    }

    /**
     * Accounts of processes that have left the chain.
     *
     * @param conservation nothing is held: their links were empty, and have gone with them
     */
    record Departed(List<ChainSnapshot.Hop> hops, Conservation conservation, Latency latency) {
        static final Departed NONE = new Departed(List.of(), Conservation.NONE, Latency.NONE);

        Departed plus(Departed other) {
            List<ChainSnapshot.Hop> all = new ArrayList<>(hops);
            all.addAll(other.hops);
            return new Departed(all, conservation.plus(other.conservation), latency.plus(other.latency));
        }
    }

    @Override
    public void close() {
        changing.lock();
        try {
            if (!closed) {
                closed = true;
                firstPacket.stop();
                watches.forEach(Watch::end);
                keeper.ifPresent(StateKeeper::close);
                afterwards.run();
            }
        } finally {
            changing.unlock();
        }
    }
}
