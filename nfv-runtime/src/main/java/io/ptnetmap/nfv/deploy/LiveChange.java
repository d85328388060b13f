// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.kernel.KernelDriver;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.Chain.Policy;
import io.ptnetmap.nfv.chain.Chain.Stage;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.ChainDescriptorException;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.deploy.ChangeOrder.Step;
import io.ptnetmap.nfv.deploy.ChangeReport.DrainedLink;
import io.ptnetmap.nfv.deploy.ChangeReport.HandedOver;
import io.ptnetmap.nfv.deploy.ChangeReport.Pause;
import io.ptnetmap.nfv.deploy.SupervisedRun.Departed;
import io.ptnetmap.nfv.engine.Edges;
import io.ptnetmap.nfv.engine.EngineChange.Passed;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.Quiet;
import io.ptnetmap.nfv.telemetry.ChainHealth.FunctionState;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one chain of another while it runs. All parts of the chain that have a share in it make theirs ready first, and processes
 * that come in are started; then what leaves takes nothing in until it is empty; then all parts change.
 *
 * <p>The part in this process changes first, and with that the change is decided on. Whatever fails before, or whoever dies, has it
 * taken back; what fails afterwards does not stop it: who cannot follow is started anew in the changed chain. Used once, by one thread.
 */
final class LiveChange {
    private static final Logger LOG = LoggerFactory.getLogger(LiveChange.class);
    private static final long RETRY_NANOS = 50_000;
    /** How long what is taken away may take to get empty. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** How long the whole may take from the moment on at which something takes nothing in until it is decided on. */
    private static final Duration DECISION = Duration.ofSeconds(10);

    private final SupervisedRun run;
    private final Chain present;
    private final LinkIds presentIds;
    private final Chain target;
    private final LinkIds targetIds;
    private final ChangePlan plan;

    /** Parts that have a share, in the order in which they change. */
    private final List<ChainPart> shares = new ArrayList<>();

    private final List<ChainPart> prepared = new ArrayList<>();
    private final Map<Node, Optional<RemotePart>> arriving = new LinkedHashMap<>();
    private final List<RemotePart> leaving = new ArrayList<>();
    private Edges edges = Edges.NONE;
    private final List<ChangeState> results = new ArrayList<>();
    private String waitsFor = "";
    /** By when a change that holds packets up is either made or taken back. */
    private long decideByNanos;
    /** What parts have said last of links that are to be empty. */
    private final Map<ChainPart, List<Passed>> probed = new HashMap<>();
    /** The same of all of them, put together, where nothing was inside them. */
    private Optional<List<Passed>> lastSeen = Optional.empty();

    /** The processes that there were at the beginning, by their function; machines keep their links. */
    private final Map<String, Optional<RemotePart>> parts = new HashMap<>();
    /** Parts that could not follow when the others had changed. */
    private final List<ChainPart> failed = new ArrayList<>();

    private final List<String> mishaps = new ArrayList<>();
    private final List<DrainedLink> drained = new ArrayList<>();
    private long lostBefore;
    /** The links at which whoever sends waits from the beginning, and what switches had dropped by then. */
    private Quiet quiet = Quiet.NONE;

    private SwitchAccounts.Drops beforeHold = SwitchAccounts.Drops.NONE;
    /** The same when the others were waiting, too. */
    private SwitchAccounts.Drops atDecision = SwitchAccounts.Drops.NONE;

    private OptionalLong switchDrops = OptionalLong.empty();

    /** @param plan of the change, which is possible */
    LiveChange(SupervisedRun run, Chain target, ChangePlan plan) {
        this.run = run;
        this.present = run.chain();
        this.presentIds = run.links();
        this.target = target;
        this.targetIds = presentIds.after(present, target);
        this.plan = plan;
    }

    /** @throws ChangeRefusedException if it was not made */
    ChangeReport make() {
        long began = System.nanoTime();
        Conservation before;
        Map<RemotePart, Departed> departed = new LinkedHashMap<>();
        try {
            run.hurry();
            findShares();
            awaitStarts();
            before = run.books();
            requireRoom();
            prepare();
            hold();
            boolean viaSwitches = present.regions() > 1;
            if (shares.size() > 1 || !arriving.isEmpty() || viaSwitches) {
                until(() -> isEmpty() && isSealed());
                carryStates();
                settleAccounts(departed);
                requireAlive();
            }
            if (viaSwitches) {
                // By now nothing has to get out any more.
                rest(Quiet.all(presentIds.ids()));
                atDecision = run.switches().look();
            }
            decide();
        } catch (RuntimeException | Error failure) {
            rollBack();
            throw refusal(failure);
        }
        complete(departed);
        return report(System.nanoTime() - began, before, accounts());
    }

    private static ChangeRefusedException refusal(Throwable failure) {
        return switch (failure) {
            case ChangeRefusedException refused -> refused;
            case NodeConfigurationException refused ->
                new ChangeRefusedException(refused.node(), refused.field(), refused.getMessage(), refused);
            case ChainFailedException failed -> new ChangeRefusedException("", "", failed.getMessage(), failed);
            default -> new ChangeRefusedException("", "", "the change failed within the program: " + failure, failure);
        };
    }

    /** Everything that parts are told to do passes here. */
    private ChangeState tell(ChainPart part, ChangeOrder order) {
        run.witness().before(part.place(), order.step());
        return part.change(order);
    }

    private void requireRoom() {
        if (!(run.setting().netmap().driver() instanceof KernelDriver)) {
            MemoryPlan.requireRoomForChange(
                    present,
                    presentIds,
                    target,
                    targetIds,
                    run.setting().netmap().driver().poolsInfo("", 0));
        }
    }

    private void findShares() {
        shares.add(run.here());
        Map<String, Node> nodes = new TreeMap<>();
        target.nodes().forEach(node -> nodes.put(node.name(), node));
        for (Node node : present.nodes()) {
            if (node.placement() != Placement.OWN) {
                continue;
            }
            RemotePart part = run.processOf(node.name()).orElseThrow();
            parts.put(node.name(), Optional.of(part));
            Node after = nodes.get(node.name());
            if (after == null || after.placement() != Placement.OWN) {
                leaving.add(part);
                shares.add(part);
            } else if (!after.equals(node)
                    || !linksOf(node, present, presentIds).equals(linksOf(after, target, targetIds))
                    || mayDrop(node)) {
                shares.add(part);
            }
        }
        for (Node node : target.nodes()) {
            boolean own = node.placement() == Placement.OWN;
            if (own && run.processOf(node.name()).isEmpty()) {
                arriving.put(node, Optional.empty());
            }
        }
        present.vms().keySet().stream().filter(this::isConcerned).forEach(vm -> shares.add(run.machine(vm)));
        boolean others = shares.size() > 1 || !arriving.isEmpty();
        if (others) {
            requireFile();
        }
    }

    /** Whether a virtual machine has a share. */
    private boolean isConcerned(String vm) {
        return !stagesIn(vm, present).equals(stagesIn(vm, target))
                || !linksOf(vm, present, presentIds).equals(linksOf(vm, target, targetIds))
                || !present.vms().get(vm).equals(target.vms().get(vm))
                || nodesIn(vm, present).anyMatch(this::mayDrop);
    }

    private static Stream<Node> nodesIn(String vm, Chain chain) {
        return chain.nodes().stream().filter(node -> node.vm().equals(vm));
    }

    private static List<Stage> stagesIn(String vm, Chain chain) {
        return chain.stages().stream()
                .filter(stage -> stage.nodes().getFirst().vm().equals(vm))
                .toList();
    }

    private static List<String> linksOf(String vm, Chain chain, LinkIds ids) {
        return nodesIn(vm, chain)
                .flatMap(node -> linksOf(node, chain, ids).stream())
                .distinct()
                .toList();
    }

    /** Places of the links at both sides of a function. */
    private static IntStream linksAt(Node node, Chain chain) {
        int stage = 0;
        while (!chain.stages().get(stage).nodes().contains(node)) {
            stage++;
        }
        return IntStream.range(
                Math.max(0, stage - 1), Math.min(stage + 1, chain.links().size()));
    }

    /** What a process has to know of its links: their numbers and policies. */
    private static List<String> linksOf(Node node, Chain chain, LinkIds ids) {
        return linksAt(node, chain)
                .mapToObj(link ->
                        ids.ids().get(link) + " " + chain.links().get(link).policy())
                .toList();
    }

    /** Whether a process has to be told that somebody takes nothing for a while, lest it drop what it has for him. */
    private boolean mayDrop(Node node) {
        return linksAt(node, present).anyMatch(link -> present.links().get(link).policy() == Policy.DROP);
    }

    /** Other processes, and machines, read the chain from its file. */
    private void requireFile() {
        Path file = target.source();
        try {
            ChainDescriptor read = ChainDescriptor.read(file, target.files());
            Optional<Path> pcap = run.setting().options().pcap();
            Chain there = (pcap.isPresent() ? read.withPcap(pcap.get()) : read)
                    .resolve(run.setting().options().functions(), target.functionPath());
            if (there.equals(target)) {
                return;
            }
        } catch (ChainDescriptorException unreadable) {
            LOG.debug("not the chain that is wanted", unreadable);
        }
        throw new ChangeRefusedException(
                "",
                "process",
                "processes and virtual machines read the chain from its file, and " + file
                        + " does not say what the chain is to be: write it there first");
    }

    /** A process or machine that is being started again takes part in the change when it is there. */
    private void awaitStarts() {
        for (ChainPart part : shares) {
            if (part instanceof RemotePart remote) {
                remote.awaitStart();
            }
        }
    }

    private void prepare() {
        if (!arriving.isEmpty()) {
            // Before a link to any of them is opened, for this also says where its times are told.
            run.processes();
        }
        provideStates();
        shares.forEach(ChainPart::changing);
        for (ChainPart part : shares) {
            run.witness().before(part.place(), Step.PREPARE);
            edges = edges.plus(part.prepare(target, targetIds).orThrow().edges());
            prepared.add(part);
        }
        for (Node node : List.copyOf(arriving.keySet())) {
            arriving.put(node, Optional.of(run.processes().launchSuccessor(target, targetIds, node)));
        }
        for (RemotePart part : arrived()) {
            run.witness().before(part.place(), Step.PREPARE);
            part.start();
            part.changing();
            tell(part, ChangeOrder.of(Step.REHEARSE)).orThrow();
        }
    }

    /** The successor of a function in quarantine takes over what is kept of it. */
    private void provideStates() {
        for (Node node : target.nodes()) {
            if (node.persist().isPresent()) {
                partAt(node)
                        .filter(part -> part.health().functions().stream()
                                .anyMatch(function -> function.name().equals(node.name())
                                        && function.state() == FunctionState.QUARANTINED))
                        .ifPresent(part -> run.provideState(node));
            }
        }
    }

    /** The process or machine that a function is to go on in, where it is there already. */
    private Optional<RemotePart> partAt(Node node) {
        return switch (node.placement()) {
            case SAME -> Optional.empty();
            case OWN -> run.processOf(node.name());
            case VM -> Optional.of(run.machine(node.vm()));
        };
    }

    private void hold() {
        run.restWatches(target, shares, arrived());
        decideByNanos = System.nanoTime() + patience(DECISION).toNanos();
        if (present.regions() > 1) {
            quiet = edges.quiet(presentIds.ids());
            rest(quiet);
            beforeHold = run.switches().look();
        }
        Set<Integer> outermost = edges.outermost(presentIds.ids());
        for (ChainPart part : shares) {
            until(() -> done(tell(part, ChangeOrder.hold(outermost))));
        }
    }

    /** Switches wait for nobody: so whoever sends there is to stand still before whoever receives. */
    private void rest(Quiet quiet) {
        for (ChainPart part : shares) {
            until(() -> done(tell(part, ChangeOrder.rest(quiet))));
        }
    }

    private boolean done(ChangeState state) {
        if (!state.orThrow().done()) {
            waitsFor = state.waitsFor();
        }
        return state.done();
    }

    private void until(BooleanSupplier done) {
        long began = System.nanoTime();
        Duration patience = patience(PATIENCE);
        while (!done.getAsBoolean()) {
            long now = System.nanoTime();
            if (now - began > patience.toNanos() || now - decideByNanos > 0) {
                throw new ChangeRefusedException(
                        "",
                        "",
                        "within " + patience.toMillis() + " ms the change found no moment: " + waitsFor
                                + "; see what holds the packets up, and change the chain when it flows");
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    /** As the slowest part takes it. */
    private Duration patience(Duration usual) {
        return shares.stream().map(part -> part.patience(usual)).reduce(usual, (a, b) -> a.compareTo(b) > 0 ? a : b);
    }

    /** Whether nothing is inside any more that leaves, nor on the links there, between processes included. */
    private boolean isEmpty() {
        List<Passed> all = new ArrayList<>();
        boolean quiet = true;
        for (ChainPart part : shares) {
            ChangeState state = tell(part, ChangeOrder.of(Step.PROBE));
            quiet &= done(state);
            all.addAll(state.passed());
            probed.put(part, state.passed());
        }
        List<Passed> seen = merge(all);
        boolean counted = seen.stream().allMatch(LiveChange::isCountedOut);
        // A process that has died took its counts along. Then two looks that find the same, and all slots given back,
        // tell that
        // nothing moved in between, not even from a part that was looked at early to one that was looked at late.
        boolean stands = seen.stream().allMatch(LiveChange::isGivenBack) && lastSeen.equals(Optional.of(seen));
        lastSeen = quiet ? Optional.of(seen) : Optional.empty();
        if (quiet && !counted && !stands) {
            waitsFor = "links that are to be removed do not get empty";
        }
        return quiet && (counted || stands);
    }

    /** Whether all have closed what the first to change could send the others. */
    private boolean isSealed() {
        for (ChainPart part : shares) {
            if (!done(tell(part, ChangeOrder.of(Step.SEAL)))) {
                shares.forEach(each -> tell(each, ChangeOrder.of(Step.UNSEAL)).orThrow());
                lastSeen = Optional.empty();
                return false;
            }
        }
        return true;
    }

    /** Also where one end is in a process that is not concerned: the link stays then, and what is in it gets read. */
    private static boolean isCountedOut(Passed passed) {
        return isElsewhere(passed) || passed.sent() == passed.received();
    }

    private static boolean isGivenBack(Passed passed) {
        return isElsewhere(passed) || passed.pending() <= 0;
    }

    private static boolean isElsewhere(Passed passed) {
        return passed.sent() < 0 || passed.received() < 0;
    }

    /** What each end of a link has said, put together. */
    private static List<Passed> merge(List<Passed> ends) {
        Map<String, Passed> merged = new LinkedHashMap<>();
        for (Passed end : ends) {
            merged.merge(
                    end.link() + (end.forward() ? ">" : "<"),
                    end,
                    (a, b) -> new Passed(
                            a.link(),
                            a.forward(),
                            Math.max(a.sent(), b.sent()),
                            Math.max(a.received(), b.received()),
                            Math.max(a.pending(), b.pending())));
        }
        return List.copyOf(merged.values());
    }

    /** Has functions that go on in another process take along what they know. */
    private void carryStates() {
        Map<String, Node> nodes = new TreeMap<>();
        present.nodes().forEach(node -> nodes.put(node.name(), node));
        for (Node node : target.nodes()) {
            Node before = nodes.get(node.name());
            if (before != null && !before.isPort() && !before.place().equals(node.place())) {
                carryState(before, node);
            }
        }
    }

    private void carryState(Node before, Node after) {
        Path file = run.processes().stateFile(after.name());
        try {
            ChangeState written = tell(partOf(before), ChangeOrder.state(Step.HAND_OVER, before.name(), file))
                    .orThrow();
            if (written.done()) {
                ChangeState taken = tell(partOf(after), ChangeOrder.state(Step.TAKE_OVER, after.name(), file))
                        .orThrow();
                if (arriving.containsKey(after)) {
                    results.add(taken);
                }
            }
        } finally {
            delete(file);
        }
    }

    private ChainPart partOf(Node node) {
        if (node.placement() == Placement.SAME) {
            return run.here();
        }
        return arriving.getOrDefault(node, Optional.empty())
                .or(() -> run.processOf(node.name()))
                .orElseThrow();
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException remains) {
            LOG.debug("the next change overwrites it", remains);
        }
    }

    /** What parts have counted goes with them if they die. */
    private void settleAccounts(Map<RemotePart, Departed> departed) {
        for (ChainPart part : shares) {
            if (part instanceof RemotePart remote && leaving.contains(remote)) {
                departed.put(remote, remote.departed());
            } else if (part instanceof RemotePart) {
                part.books();
            }
        }
    }

    private void requireAlive() {
        Stream.concat(shares.stream(), arrived().stream())
                .filter(part -> part instanceof RemotePart)
                .map(RemotePart.class::cast)
                .filter(remote -> !remote.isAlive())
                .findFirst()
                .ifPresent(dead -> {
                    throw new ChangeRefusedException(dead.function(), "", dead + " has died meanwhile");
                });
    }

    /** Has the part in this process change. If it has done so there is no way back, for the others neither. */
    private void decide() {
        until(() -> {
            ChangeState state = tell(run.here(), ChangeOrder.of(Step.COMMIT));
            if (done(state)) {
                results.add(state);
            }
            return state.done();
        });
    }

    /** Goes on to the end, whatever fails: what cannot follow is started anew in the chain as it is from now on. */
    private void complete(Map<RemotePart, Departed> departed) {
        run.decided(target, targetIds);
        shares.stream().filter(part -> part != run.here()).forEach(this::follow);
        for (RemotePart part : arrived()) {
            if (!part.isAlive()) {
                mishaps.add(part + " has died as soon as it had come in; it is started again");
            }
        }
        release();
        weighLinks();
        run.become(target, targetIds, arrived(), departed);
        run.resumeWatches(leaving);
        shares.stream().filter(part -> !failed.contains(part)).forEach(this::finish);
        shares.forEach(ChainPart::changed);
        arrived().forEach(ChainPart::changed);
        leaving.forEach(RemotePart::close);
    }

    private void follow(ChainPart part) {
        String why;
        try {
            long deadline =
                    System.nanoTime() + part.patience(Step.COMMIT.limit()).toNanos();
            ChangeState state = tell(part, ChangeOrder.of(Step.COMMIT));
            while (state.error().isEmpty() && !state.done() && System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(RETRY_NANOS);
                state = tell(part, ChangeOrder.of(Step.COMMIT));
            }
            if (state.done()) {
                results.add(state);
                refreshAccounts(part);
                return;
            }
            why = state.error().isEmpty() ? "'" + part.place() + "' waits: " + state.waitsFor() : state.error();
        } catch (RuntimeException | Error failure) {
            LOG.error("while a change was being completed", failure);
            why = "'" + part.place() + "': " + failure;
        }
        failed.add(part);
        mishaps.add("after the change had been decided on: " + why
                + (leaving.contains(part)
                        ? "; it was to leave the chain anyway"
                        : "; it goes on in the changed chain, without what "
                                + (part instanceof RemotePart remote
                                                && remote.function().isEmpty()
                                        ? "its functions knew"
                                        : "its function knew")));
        if (part instanceof RemotePart remote) {
            remote.startAnew();
        }
    }

    /** What it has told last still spoke of links that are no more. */
    private void refreshAccounts(ChainPart part) {
        if (part instanceof RemotePart remote && !leaving.contains(remote)) {
            remote.books();
            if (!remote.isAlive()) {
                failed.add(part);
                mishaps.add(remote + " has died as soon as it had changed; it is started again in the changed chain");
            }
        }
    }

    /** Whoever sends to switches goes on, now that all take in again; and answers for what they drop from now on. */
    private void release() {
        if (present.regions() == 1) {
            return;
        }
        SwitchAccounts switches = run.switches();
        SwitchAccounts.Drops now = switches.look();
        switchDrops = OptionalLong.of(switches.dropped(beforeHold, now, presentIds, quiet)
                + switches.dropped(atDecision, now, presentIds, quiet.others(presentIds.ids())));
        switches.become(target, atDecision);
        for (ChainPart part : shares) {
            if (!failed.contains(part)) {
                try {
                    results.add(tell(part, ChangeOrder.of(Step.RELEASE)));
                } catch (RuntimeException | Error failure) {
                    LOG.warn("'{}' goes on when it has put away what it does not need any more", part.place(), failure);
                }
            }
        }
    }

    private void finish(ChainPart part) {
        String why;
        try {
            why = tell(part, ChangeOrder.of(Step.FINISH)).error();
        } catch (RuntimeException | Error failure) {
            LOG.error("while a change was being completed", failure);
            why = String.valueOf(failure)
                    + part.change(ChangeOrder.of(Step.FINISH)).error();
        }
        if (!why.isEmpty()) {
            mishaps.add("while '" + part.place() + "' was putting away what it does not need any more: " + why);
        }
    }

    private void rollBack() {
        for (ChainPart part : prepared) {
            String why;
            try {
                why = tell(part, ChangeOrder.of(Step.ROLL_BACK)).error();
            } catch (RuntimeException | Error failure) {
                why = String.valueOf(failure);
            }
            if (!why.isEmpty()) {
                LOG.warn("while a change was being taken back: {}", why);
                takeBackByForce(part);
            }
        }
        shares.forEach(ChainPart::changed);
        arrived().forEach(RemotePart::close);
        run.resumeWatches();
    }

    /** Nobody knows how far it has got: it must hold nothing up. */
    private static void takeBackByForce(ChainPart part) {
        if (part instanceof RemotePart remote) {
            remote.startAnew();
        } else {
            part.change(ChangeOrder.of(Step.ROLL_BACK));
        }
    }

    /** Empty where a function does not come to the end of its batch. */
    private Optional<Conservation> accounts() {
        try {
            return Optional.of(run.books());
        } catch (ChainFailedException busy) {
            mishaps.add("the accounts afterwards are not known: " + busy.getMessage());
            return Optional.empty();
        }
    }

    /** The processes that have been started. */
    private List<RemotePart> arrived() {
        return arriving.values().stream().flatMap(Optional::stream).toList();
    }

    /** Looks what was sent into the links that are no more, and read from them, and by whom that was counted. */
    private void weighLinks() {
        List<Passed> passed = new ArrayList<>();
        results.forEach(result -> passed.addAll(result.passed()));
        for (ChainPart part : failed) {
            List<Passed> removed = probed.getOrDefault(part, List.of()).stream()
                    .filter(link -> !targetIds.ids().contains(link.link()))
                    .toList();
            passed.addAll(removed);
            if (part instanceof RemotePart staying && !leaving.contains(staying)) {
                // Its last accounts are from before the link went.
                removed.forEach(link -> staying.carry(Math.max(0, link.received()) - Math.max(0, link.sent())));
            }
        }
        for (Passed link : merge(passed)) {
            List<RemotePart> forgetful = forgetful(link);
            drained.add(
                    new DrainedLink(name(link), !link.forward(), link.sent(), link.received(), forgetful.isEmpty()));
            long difference = link.sent() - link.received();
            if (!forgetful.isEmpty() && leaving.containsAll(forgetful)) {
                lostBefore += difference;
            } else {
                forgetful.stream()
                        .filter(part -> !leaving.contains(part))
                        .findFirst()
                        .ifPresent(part -> part.carry(difference));
            }
        }
        leaving.stream().filter(part -> !part.hasCountedAll()).forEach(part -> lostBefore += part.goneWithDead());
    }

    /** Processes at a link's ends that have not counted all that passed it. */
    private List<RemotePart> forgetful(Passed link) {
        int place = presentIds.ids().indexOf(link.link());
        return present.stages().subList(place, place + 2).stream()
                .flatMap(stage -> stage.nodes().stream())
                .flatMap(node -> parts.getOrDefault(node.name(), Optional.empty()).stream())
                .filter(part -> !part.hasCountedAll())
                .toList();
    }

    private ChangeReport report(long nanos, Conservation before, Optional<Conservation> after) {
        List<Pause> pauses = new ArrayList<>();
        List<HandedOver> states = new ArrayList<>();
        long carriedOver = 0;
        long overtakable = 0;
        for (ChangeState result : results) {
            result.pauses().forEach(pause -> pauses.add(new Pause(pause.part(), pause.nanos())));
            carriedOver += result.carriedOver();
            overtakable += result.overtakable();
            result.states()
                    .forEach((function, taken) -> states.add(new HandedOver(function, taken.taken(), taken.dropped())));
        }
        return new ChangeReport(
                plan.steps(),
                nanos,
                pauses,
                carriedOver,
                overtakable,
                drained,
                states,
                before,
                after,
                lostBefore,
                switchDrops,
                mishaps);
    }

    private String name(Passed link) {
        return ChainDiff.name(present, presentIds.ids().indexOf(link.link()));
    }
}
