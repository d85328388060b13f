// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.kernel.KernelDriver;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.Chain.Policy;
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
import io.ptnetmap.nfv.telemetry.Conservation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one chain of another while it runs. All parts of the chain that have a share in it make theirs ready first, and processes
 * that come in are started; then what leaves takes nothing in until it is empty; then all parts change. Used once, by one
 * thread.
 */
final class LiveChange {
    private static final Logger LOG = LoggerFactory.getLogger(LiveChange.class);
    private static final long RETRY_NANOS = 50_000;
    /** How long what is taken away may take to get empty. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** How long a part may take to change once another one has. */
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(30);

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
    /** Whether a part has changed, so that there is no way back. */
    private boolean committed;

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
        Conservation before = run.books();
        Map<RemotePart, Departed> departed = new LinkedHashMap<>();
        try {
            requireRoom();
            findShares();
            prepare();
            hold();
            if (shares.size() > 1 || !arriving.isEmpty()) {
                until(this::isEmpty, PATIENCE);
                carryStates();
            }
            leaving.forEach(part -> departed.put(part, Departed.of(part)));
            commit();
        } catch (RuntimeException refused) {
            if (committed) {
                throw new ChainFailedException(
                        "a change came to a part of the chain only: " + refused.getMessage(), refused);
            }
            rollBack();
            throw refused instanceof ChainFailedException
                    ? new ChangeRefusedException("", "", refused.getMessage(), refused)
                    : refused;
        }
        run.become(target, targetIds, arrived(), departed);
        shares.forEach(part -> part.change(ChangeOrder.of(Step.FINISH)));
        leaving.forEach(RemotePart::close);
        Conservation after = run.books();
        return report(System.nanoTime() - began, before, after);
    }

    private void requireRoom() {
        if (!(run.setting().netmap().driver() instanceof KernelDriver)) {
            MemoryPlan.of(target)
                    .requireRoomBeside(
                            MemoryPlan.of(present),
                            target,
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
        boolean others = shares.size() > 1 || !arriving.isEmpty();
        if (others) {
            requireFile();
        }
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

    /** Other processes read the chain from its file. */
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
                "processes of functions read the chain from its file, and " + file
                        + " does not say what the chain is to be: write it there first");
    }

    private void prepare() {
        if (!arriving.isEmpty()) {
            // Before a link to any of them is opened, for this also says where its times are told.
            run.processes();
        }
        for (ChainPart part : shares) {
            edges = edges.plus(part.prepare(target, targetIds).orThrow().edges());
            prepared.add(part);
        }
        for (Node node : List.copyOf(arriving.keySet())) {
            arriving.put(node, Optional.of(run.processes().launch(target, targetIds, node)));
        }
        for (RemotePart part : arrived()) {
            try {
                part.start();
            } catch (NodeConfigurationException refusal) {
                throw new ChangeRefusedException(refusal.node(), refusal.field(), refusal.getMessage(), refusal);
            }
        }
    }

    private void hold() {
        Set<Integer> outermost = edges.outermost(presentIds.ids());
        for (ChainPart part : shares) {
            until(() -> done(part.change(ChangeOrder.hold(outermost))), PATIENCE);
        }
    }

    private boolean done(ChangeState state) {
        if (!state.orThrow().done()) {
            waitsFor = state.waitsFor();
        }
        return state.done();
    }

    private void until(BooleanSupplier done, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new ChangeRefusedException(
                        "",
                        "",
                        "within " + patience.toMillis() + " ms the change found no moment: " + waitsFor
                                + "; see what holds the packets up, and change the chain when it flows");
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    /** Whether nothing is inside any more that leaves, nor on the links there, between processes included. */
    private boolean isEmpty() {
        List<Passed> all = new ArrayList<>();
        boolean quiet = true;
        for (ChainPart part : shares) {
            ChangeState state = part.change(ChangeOrder.of(Step.PROBE));
            quiet &= done(state);
            all.addAll(state.passed());
        }
        if (quiet && !merge(all).stream().allMatch(LiveChange::isEmpty)) {
            waitsFor = "links that are to be removed do not get empty";
            return false;
        }
        return quiet;
    }

    /** Also where one end is in a process that is not concerned: the link stays then, and what is in it gets read. */
    private static boolean isEmpty(Passed passed) {
        return passed.sent() < 0 || passed.received() < 0 || passed.sent() == passed.received();
    }

    /** What each end of a link has said, put together. */
    private static List<Passed> merge(List<Passed> ends) {
        Map<String, Passed> merged = new LinkedHashMap<>();
        for (Passed end : ends) {
            merged.merge(
                    end.link() + (end.forward() ? ">" : "<"),
                    end,
                    (a, b) -> new Passed(
                            a.link(), a.forward(), Math.max(a.sent(), b.sent()), Math.max(a.received(), b.received())));
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
            ChangeState written = partOf(before)
                    .change(ChangeOrder.state(Step.HAND_OVER, before.name(), file))
                    .orThrow();
            if (written.done()) {
                ChangeState taken = partOf(after)
                        .change(ChangeOrder.state(Step.TAKE_OVER, after.name(), file))
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

    private void commit() {
        Duration patience = PATIENCE;
        for (ChainPart part : shares) {
            until(
                    () -> {
                        ChangeState state = part.change(ChangeOrder.of(Step.COMMIT));
                        if (done(state)) {
                            committed = true;
                            results.add(state);
                        }
                        return state.done();
                    },
                    patience);
            patience = LAST_PATIENCE;
        }
    }

    private void rollBack() {
        prepared.forEach(part -> {
            ChangeState state = part.change(ChangeOrder.of(Step.ROLL_BACK));
            if (!state.error().isEmpty()) {
                LOG.warn("while a change was being taken back: {}", state.error());
            }
        });
        arrived().forEach(RemotePart::close);
    }

    /** The processes that have been started. */
    private List<RemotePart> arrived() {
        return arriving.values().stream().flatMap(Optional::stream).toList();
    }

    private ChangeReport report(long nanos, Conservation before, Conservation after) {
        List<Pause> pauses = new ArrayList<>();
        List<Passed> passed = new ArrayList<>();
        List<HandedOver> states = new ArrayList<>();
        long carriedOver = 0;
        for (ChangeState result : results) {
            result.pauses().forEach(pause -> pauses.add(new Pause(pause.part(), pause.nanos())));
            passed.addAll(result.passed());
            carriedOver += result.carriedOver();
            result.states()
                    .forEach((function, taken) -> states.add(new HandedOver(function, taken.taken(), taken.dropped())));
        }
        List<DrainedLink> drained = merge(passed).stream()
                .map(link -> new DrainedLink(
                        name(link), link.forward() ? "forward" : "backward", link.sent(), link.received()))
                .toList();
        return new ChangeReport(plan.steps(), nanos, pauses, carriedOver, drained, states, before, after);
    }

    private String name(Passed link) {
        return ChainDiff.name(present, presentIds.ids().indexOf(link.link()));
    }
}
