// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.NetmapPort;
import io.ptnetmap.nfv.api.Stateful;
import io.ptnetmap.nfv.engine.Fabric.Strand;
import io.ptnetmap.nfv.engine.Fabric.Watch;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A change of the part of a chain in one process, made ready by {@link Engine#change}. Its steps:
 *
 * <ol>
 *   <li>{@link #rest}, in a chain with links by switches: these wait for nobody, so whoever sends there is to stand still before
 *       whoever receives does, and no packet is dropped for it.
 *   <li>{@link #hold}: rows that are not going to be there any more take nothing in from what stays; what is inside them and
 *       on the links between them moves on. Rows that keep their place do not notice, functions in them may change as they like.
 *   <li>{@link #seal}, where other parts change too: they do so one after the other, and what the first sends in its new shape
 *       must not get into what the next still has of the old one.
 *   <li>{@link #commit}, until it succeeds: when nothing is inside any more, all that changes does so at once, between two
 *       batches.
 *   <li>{@link #release}: whoever sends to switches goes on.
 *   <li>{@link #finish}: old functions are stopped, old links closed.
 * </ol>
 *
 * or, instead of the last steps, {@link #rollBack}. For one thread.
 */
public final class EngineChange {
    private static final Logger LOG = LoggerFactory.getLogger(EngineChange.class);
    private static final long ANSWER_MILLIS = 1000;
    private static final String LONG_BATCH = "a function does not come to the end of its batch";

    private final Engine engine;
    private final Fabric old;
    private final Fabric next;
    private final Assembly assembly;
    private final Map<String, Instance> made;
    /** Rows that are no more after the change. */
    private final List<Strand> leaving;
    /** Links that have to be empty: within what leaves, and between that and what stays in its midst. */
    private final Set<Wire> interior = new LinkedHashSet<>();
    /** Links between what leaves and what stays. */
    private final Set<Wire> edges = new LinkedHashSet<>();
    /** These, and those that other parts hold at their end. */
    private final Set<Wire> heldWires = new LinkedHashSet<>();

    /** Links into which nothing is sent that could be dropped, towards the chain's end and towards its beginning. */
    private final Set<Wire> quietForward = new LinkedHashSet<>();

    private final Set<Wire> quietBackward = new LinkedHashSet<>();

    private final Map<String, Stateful.Takeover> states = new LinkedHashMap<>();
    private final List<Pause> pauses = new ArrayList<>();
    private final List<Passed> drained = new ArrayList<>();
    private long heldSince;
    private long restingSince;
    private boolean held;
    private boolean committed;
    private boolean sealed;
    private long carriedOver;
    private long overtakable;
    private String waitsFor = "";

    /**
     * How long something took nothing in.
     *
     * @param part its functions and worker
     */
    public record Pause(String part, long nanos) {}

    /**
     * Packets that have passed one direction of a link in its life.
     *
     * @param link its {@linkplain LinkIds number}
     * @param forward whether it is the direction towards the chain's end
     * @param sent packets sent into it; -1 where that is another part's to tell
     * @param received packets read from it; -1 where that is another part's to tell
     * @param pending slots that whoever sends has not got back; -1 where that is another part's to tell
     */
    public record Passed(int link, boolean forward, long sent, long received, long pending) {}

    EngineChange(Engine engine, Fabric old, Assembly assembly) {
        this.engine = engine;
        this.old = old;
        this.assembly = assembly;
        this.next = assembly.build();
        this.made = assembly.made();
        Set<Segment> staying = new HashSet<>();
        next.strands().forEach(strand -> staying.add(strand.segment()));
        this.leaving = old.strands().stream()
                .filter(strand -> !staying.contains(strand.segment()))
                .toList();
        sortWires();
        startFunctions();
    }

    private void sortWires() {
        Set<Wire> kept = next.allWires();
        for (Strand strand : leaving) {
            for (Wire wire : wiresOf(strand).toList()) {
                boolean others = old.strands().stream()
                        .anyMatch(other ->
                                !leaving.contains(other) && wiresOf(other).anyMatch(wire::equals));
                boolean whole = wire.left.isPresent() && wire.right.isPresent();
                if (kept.contains(wire) && (others || !whole)) {
                    edges.add(wire);
                } else {
                    interior.add(wire);
                }
            }
        }
    }

    private static Stream<Wire> wiresOf(Strand strand) {
        return Stream.of(strand.left(), strand.right()).flatMap(Optional::stream);
    }

    private void startFunctions() {
        List<Instance> running = new ArrayList<>();
        try {
            for (Instance instance : made.values()) {
                instance.start(next.chain().files(), System::nanoTime, resumption(instance));
                running.add(instance);
            }
            // New workers stand ready.
            next.workers().forEach(engine::worker);
        } catch (RuntimeException failure) {
            stop(running);
            assembly.discard();
            engine.dismissIdleWorkers();
            throw failure;
        }
    }

    /** A function in quarantine has nothing to hand over but what is kept of it. */
    private Resumption resumption(Instance successor) {
        Instance before = old.instances().get(successor.name());
        return before != null && before.failures().isQuarantined() ? engine.resumption(next.chain()) : Resumption.NONE;
    }

    /** Workers that run something that changes, or have a link to it. */
    private List<Worker> concerned() {
        Set<Integer> numbers = new LinkedHashSet<>();
        leaving.forEach(strand -> numbers.add(strand.worker()));
        for (Strand strand : old.strands()) {
            if (sendsToEdge(strand) || wiresOf(strand).anyMatch(interior::contains)) {
                numbers.add(strand.worker());
            }
        }
        for (Strand strand : next.strands()) {
            if (differs(strand)) {
                numbers.add(strand.worker());
            }
        }
        Set<Watch> watches = new HashSet<>(old.watches());
        for (Watch watch : next.watches()) {
            if (!watches.remove(watch)) {
                numbers.add(watch.worker());
            }
        }
        watches.forEach(watch -> numbers.add(watch.worker()));
        return numbers.stream().map(engine::worker).toList();
    }

    private boolean sendsToEdge(Strand strand) {
        return !leaving.contains(strand) && wiresOf(strand).anyMatch(heldWires::contains);
    }

    /** Whether a row is another one than before, or does something else. */
    private boolean differs(Strand strand) {
        return !old.strands().contains(strand);
    }

    /** The links between what leaves here and what stays. Before {@link #hold}. */
    public Edges edges() {
        Set<Integer> before = new TreeSet<>();
        Set<Integer> behind = new TreeSet<>();
        old.wires().forEach((id, wire) -> {
            if (edges.contains(wire)
                    && leaving.stream()
                            .anyMatch(strand -> strand.left().stream().anyMatch(wire::equals))) {
                before.add(id);
            }
            if (edges.contains(wire)
                    && leaving.stream()
                            .anyMatch(strand -> strand.right().stream().anyMatch(wire::equals))) {
                behind.add(id);
            }
        });
        return new Edges(before, behind);
    }

    /**
     * Has who sends into links by switches keep what he has until {@link #release}, while something behind them stands still. Where
     * the policy is to drop, he waits for room meanwhile, for whoever cannot send does not receive either. More links may be told
     * of later; what leaves has to be able to get out by then.
     *
     * @return false where a worker did not come to the end of a batch, or where a switch has not taken up all that was sent to it;
     *     to be tried again
     */
    public boolean rest(Quiet quiet) {
        old.wires().forEach((id, wire) -> {
            if (quiet.forward().contains(id)) {
                quietForward.add(wire);
            }
            if (quiet.backward().contains(id)) {
                quietBackward.add(wire);
            }
        });
        List<Strand> senders = old.strands().stream().filter(this::sendsQuietly).toList();
        List<Worker> workers = senders.stream()
                .map(Strand::worker)
                .distinct()
                .map(engine::worker)
                .toList();
        return whileStill(workers, since -> restAll(senders, since)).orElse(false);
    }

    private boolean restAll(List<Strand> senders, long since) {
        if (restingSince == 0) {
            restingSince = since;
        }
        senders.forEach(this::waitAsTold);
        List<LinkEnd> ends = Stream.concat(
                        quietForward.stream().filter(Wire::isViaSwitch).map(wire -> wire.left),
                        quietBackward.stream().filter(Wire::isViaSwitch).map(wire -> wire.right))
                .flatMap(Optional::stream)
                .toList();
        ends.forEach(LinkEnd::restSending);
        if (ends.stream().anyMatch(end -> end.pending() != 0)) {
            waitsFor = "a switch does not take up what has been sent to it";
            return false;
        }
        return true;
    }

    private boolean sendsQuietly(Strand strand) {
        return isIn(quietBackward, strand.left()) || isIn(quietForward, strand.right());
    }

    private static boolean isIn(Set<Wire> wires, Optional<Wire> wire) {
        return wire.filter(wires::contains).isPresent();
    }

    /** Has a row wait for those who take nothing in, whatever the policy of the link to them. */
    private void waitAsTold(Strand strand) {
        boolean holds = !committed && !leaving.contains(strand);
        strand.segment()
                .waitFor(
                        isIn(quietBackward, strand.left()) || holds && isIn(heldWires, strand.left()),
                        isIn(quietForward, strand.right()) || holds && isIn(heldWires, strand.right()));
    }

    /**
     * Has whoever was told to {@link #rest} go on. After {@link #commit}, when all parts have made it.
     *
     * @return how long they kept what they had, as far as {@link #pauses} has not told yet
     */
    public List<Pause> release() {
        if (restingSince == 0) {
            return List.of();
        }
        List<CompletableFuture<?>> asked = new ArrayList<>();
        List<Strand> senders = (committed ? next : old)
                .strands().stream().filter(this::sendsQuietly).toList();
        Set<Wire> forward = Set.copyOf(quietForward);
        Set<Wire> backward = Set.copyOf(quietBackward);
        quietForward.clear();
        quietBackward.clear();
        for (Strand strand : senders) {
            asked.add(engine.worker(strand.worker()).ask(() -> {
                strand.right()
                        .filter(forward::contains)
                        .flatMap(wire -> wire.left)
                        .ifPresent(LinkEnd::resumeSending);
                strand.left()
                        .filter(backward::contains)
                        .flatMap(wire -> wire.right)
                        .ifPresent(LinkEnd::resumeSending);
                waitAsTold(strand);
                return true;
            }));
        }
        await(asked);
        long nanos = System.nanoTime() - restingSince;
        restingSince = 0;
        Set<String> told = new HashSet<>();
        pauses.forEach(pause -> told.add(pause.part()));
        return senders.stream()
                .filter(strand -> !told.contains(strand.words()))
                .map(strand -> new Pause(strand.words(), nanos))
                .toList();
    }

    /**
     * Has what leaves take in nothing more.
     *
     * @param outermost of the {@link #edges} of all parts that change: whoever sends there has to wait; the others have to get
     *     empty
     * @return false where a worker did not come to the end of a batch; to be tried again
     */
    public boolean hold(Set<Integer> outermost) {
        old.wires().forEach((id, wire) -> {
            if (outermost.contains(id)) {
                heldWires.add(wire);
            } else if (edges.remove(wire)) {
                interior.add(wire);
            }
        });
        edges.stream().filter(Wire::isOutside).forEach(heldWires::add);
        if (held || leaving.isEmpty() && heldWires.isEmpty()) {
            held = true;
            return true;
        }
        return whileStill(this::holdAll).isPresent();
    }

    private <T> Optional<T> whileStill(LongFunction<T> deed) {
        return whileStill(concerned(), deed);
    }

    /** What is done while workers stand still between two batches; nothing where one did not come to the end of its batch. */
    private <T> Optional<T> whileStill(List<Worker> workers, LongFunction<T> deed) {
        Optional<T> done = Standstill.of(workers, deed);
        if (done.isEmpty()) {
            waitsFor = LONG_BATCH;
        }
        return done;
    }

    private boolean holdAll(long since) {
        heldSince = since;
        for (Strand strand : leaving) {
            holdOutside(strand);
            carriedOver += strand.segment().underWay();
        }
        carriedOver += interior.stream().mapToInt(Wire::unread).sum();
        old.strands().stream().filter(this::sendsToEdge).forEach(this::waitAsTold);
        held = true;
        return true;
    }

    /** What is on links within may come in, so that these get empty. */
    private void holdOutside(Strand strand) {
        strand.segment()
                .hold(
                        strand.left().map(wire -> !interior.contains(wire)).orElse(true),
                        strand.right().map(wire -> !interior.contains(wire)).orElse(true));
    }

    /**
     * Has what leaves take in nothing at all any more, from links within neither: some of these stay, with another end in a part
     * that may change before this one, and what that sends there is for what comes. After {@link #probe} has found all parts
     * quiet, and all links within empty.
     *
     * @return false where something has come in meanwhile, for a function may make packets by itself: {@link #unseal} all parts,
     *     and probe again
     */
    public boolean seal() {
        return whileStill(since -> sealAll()).orElse(false);
    }

    private boolean sealAll() {
        if (!isDrained()) {
            return false;
        }
        leaving.forEach(strand -> strand.segment().hold(true, true));
        sealed = true;
        return true;
    }

    /** Has what leaves take in again what is on links within. */
    public void unseal() {
        if (!sealed) {
            return;
        }
        sealed = false;
        List<CompletableFuture<?>> asked = new ArrayList<>();
        for (Strand strand : leaving) {
            asked.add(engine.worker(strand.worker()).ask(() -> {
                strand.segment().resume();
                holdOutside(strand);
                return true;
            }));
        }
        await(asked);
    }

    private static void await(List<CompletableFuture<?>> asked) {
        asked.forEach(answer -> answer.completeOnTimeout(null, ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                .join());
    }

    /**
     * Whether nothing is inside any more that leaves, and what has passed the links within: links that lead to other parts are
     * empty where both parts have come to the same numbers.
     *
     * @param quiet false also where a worker did not come to the end of a batch
     */
    public record Probe(boolean quiet, List<Passed> passed) {}

    /** Looks how far what leaves has got. After {@link #hold}. */
    public Probe probe() {
        return whileStill(since -> look()).orElseGet(() -> new Probe(false, List.of()));
    }

    private Probe look() {
        List<Passed> passed = new ArrayList<>();
        old.wires().forEach((id, wire) -> {
            if (interior.contains(wire)) {
                passed.addAll(passed(id, wire));
            }
        });
        return new Probe(isDrained(), passed);
    }

    /**
     * Writes what a function knows that goes on in another part. When nothing is inside any more.
     *
     * @return false where it knows nothing to be handed over
     * @throws FunctionFailedException if it fails over that
     */
    public boolean handOver(String function, DataOutput out) throws IOException {
        return old.instances().get(function).write(out);
    }

    /**
     * Has a new function read what its predecessor in another part has written. Before {@link #commit}.
     *
     * @throws FunctionFailedException if it fails over that
     */
    public Stateful.Takeover takeOver(String function, DataInput in) throws IOException {
        return made.get(function).read(in);
    }

    /**
     * Makes the change where nothing is inside any more that leaves.
     *
     * @return false where something still is; to be tried again
     * @throws FunctionFailedException if a function cannot hand its state over, or take it over: roll back then
     */
    public boolean commit() {
        engine.check();
        engine.structure().lock();
        try {
            return whileStill(this::commitAll).orElse(false);
        } finally {
            engine.structure().unlock();
        }
    }

    private boolean commitAll(long since) {
        if (!isDrained()) {
            return false;
        }
        handStatesOver();
        notePassed();
        overtakable = leftBehind();
        swap();
        notePauses(since);
        return true;
    }

    private boolean isDrained() {
        for (Strand strand : leaving) {
            if (!strand.segment().idle()) {
                waitsFor = "packets that " + strand.words() + " has sent find no room behind it";
                return false;
            }
        }
        // What comes over a link that stays, once this part is sealed, is from another one that has changed.
        Set<Wire> kept = sealed ? next.allWires() : Set.of();
        if (interior.stream().anyMatch(wire -> !kept.contains(wire) && wire.unread() != 0)) {
            waitsFor = "links that are to be removed do not get empty";
            return false;
        }
        return true;
    }

    private void handStatesOver() {
        Map<String, Instance> before = old.instances();
        for (Instance successor : made.values()) {
            Instance predecessor = before.get(successor.name());
            if (predecessor != null) {
                predecessor.handOver(successor).ifPresent(taken -> states.put(successor.name(), taken));
            }
        }
    }

    private void notePassed() {
        Set<Wire> kept = next.allWires();
        old.wires().forEach((id, wire) -> {
            if (!kept.contains(wire)) {
                drained.addAll(passed(id, wire));
            }
        });
        for (Strand strand : leaving) {
            carriedOver += unreadAtEdge(strand.left().filter(edges::contains).flatMap(wire -> wire.right));
            carriedOver += unreadAtEdge(strand.right().filter(edges::contains).flatMap(wire -> wire.left));
        }
        for (Strand strand : next.strands()) {
            if (differs(strand)) {
                carriedOver += strand.segment().underWay();
            }
        }
    }

    private static int unreadAtEdge(Optional<LinkEnd> end) {
        return end.filter(inside -> !inside.isOutside()).map(LinkEnd::unread).orElse(0);
    }

    private static List<Passed> passed(int id, Wire wire) {
        return List.of(
                new Passed(id, true, sent(wire.left), received(wire.right), pending(wire.left)),
                new Passed(id, false, sent(wire.right), received(wire.left), pending(wire.right)));
    }

    private static long sent(Optional<LinkEnd> end) {
        return end.map(LinkEnd::sent).orElse(-1L);
    }

    private static long received(Optional<LinkEnd> end) {
        return end.map(LinkEnd::received).orElse(-1L);
    }

    private static long pending(Optional<LinkEnd> end) {
        return end.map(LinkEnd::pending).orElse(-1);
    }

    /** What others could overtake that go the new way: what is in a link that stays, stays before them. While workers stand still. */
    private long leftBehind() {
        long inside = leaving.stream()
                .mapToLong(strand -> strand.segment().underWay())
                .sum();
        Set<Wire> kept = next.allWires();
        for (Wire wire : old.allWires()) {
            if (!kept.contains(wire)) {
                inside += wire.unread();
                if (wire.left.isEmpty() || wire.right.isEmpty()) {
                    inside += Math.max(0, pending(wire.left)) + Math.max(0, pending(wire.right));
                }
            }
        }
        return inside;
    }

    private void swap() {
        for (Strand strand : next.strands()) {
            if (differs(strand)) {
                strand.segment().replace(strand.functions());
                strand.segment().policies(strand.leftPolicy(), strand.rightPolicy());
            }
        }
        next.watches().forEach(watch -> watch.observation().replace(watch.instance()));
        Set<Integer> numbers = new LinkedHashSet<>(old.workers());
        numbers.addAll(next.workers());
        for (int number : numbers) {
            List<Segment> segments = next.segmentsOf(number);
            List<Observation> observations = next.observationsOf(number);
            if (!segments.equals(old.segmentsOf(number)) || !observations.equals(old.observationsOf(number))) {
                engine.worker(number).run(segments, observations);
            }
        }
        engine.become(next);
        List<Strand> waiting = old.strands().stream().filter(this::sendsToEdge).toList();
        committed = true;
        if (restingSince != 0) {
            // Whoever is to read from a new link may be one of those that rest.
            Set<Wire> fresh = next.allWires();
            fresh.removeAll(old.allWires());
            quietForward.addAll(fresh);
            quietBackward.addAll(fresh);
        }
        waiting.forEach(this::waitAsTold);
        next.strands().stream().filter(this::differs).forEach(this::waitAsTold);
    }

    private void notePauses(long since) {
        long now = System.nanoTime();
        for (Strand strand : leaving) {
            pauses.add(new Pause(strand.words(), now - (heldSince == 0 ? since : heldSince)));
        }
        for (Strand strand : next.strands()) {
            if (differs(strand) && old.strands().stream().anyMatch(other -> other.segment() == strand.segment())) {
                pauses.add(new Pause(strand.words(), now - since));
            }
        }
    }

    /** After {@link #commit}: stops old functions and closes old links. */
    public void finish() {
        release();
        Set<Instance> staying = Set.copyOf(next.instances().values());
        stop(old.instances().values().stream()
                .filter(instance -> !staying.contains(instance))
                .toList());
        Set<Wire> wires = next.allWires();
        old.allWires().stream().filter(wire -> !wires.contains(wire)).forEach(wire -> {
            wire.closePorts();
            wire.closeQueues();
        });
        Set<NetmapPort> scratches = next.scratches();
        old.scratches().stream().filter(port -> !scratches.contains(port)).forEach(NetmapPort::close);
        engine.dismissIdleWorkers();
    }

    /** Instead of a successful {@link #commit}: all is as before. */
    public void rollBack() {
        release();
        List<CompletableFuture<?>> asked = new ArrayList<>();
        for (Strand strand : old.strands()) {
            if (leaving.contains(strand) || sendsToEdge(strand)) {
                asked.add(engine.worker(strand.worker()).ask(() -> {
                    strand.segment().resume();
                    strand.segment().waitFor(false, false);
                    return true;
                }));
            }
        }
        await(asked);
        stop(made.values());
        assembly.discard();
        engine.dismissIdleWorkers();
    }

    private static void stop(Iterable<Instance> instances) {
        for (Instance instance : instances) {
            try {
                instance.stop();
            } catch (FunctionFailedException failure) {
                LOG.warn("while it was being stopped after a change: {}", failure.getMessage(), failure);
            }
        }
    }

    /** What {@link #hold} or {@link #commit} was waiting for when it returned false. */
    public String waitsFor() {
        return waitsFor;
    }

    /** What functions have taken over from their predecessors in this process, by name. */
    public Map<String, Stateful.Takeover> states() {
        return states;
    }

    /** How long which rows took nothing in. */
    public List<Pause> pauses() {
        return pauses;
    }

    /** Links taken away. */
    public List<Passed> drained() {
        return drained;
    }

    /** Packets that were inside what changed, or waited for it, when it changed. */
    public long carriedOver() {
        return carriedOver;
    }

    /**
     * Packets that were still on a way that was taken away when the new one was opened, so that others may have overtaken them:
     * counted in the batches and rings themselves. No packet can overtake another one otherwise, for all links are queues.
     */
    public long overtakable() {
        return overtakable;
    }
}
