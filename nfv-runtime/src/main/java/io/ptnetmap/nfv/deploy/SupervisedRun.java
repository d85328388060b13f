// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.capture.PacketFilter;
import io.ptnetmap.nfv.capture.TapOptions;
import io.ptnetmap.nfv.capture.TapSpec;
import io.ptnetmap.nfv.capture.TraceOptions;
import io.ptnetmap.nfv.capture.TraceSpec;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Suggestion;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
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
import java.util.concurrent.TimeUnit;

/** A chain of one or several parts, watched from here. */
final class SupervisedRun implements ChainRun {
    private static final long LOOK_MILLIS = 5;
    /** The longer a chain has been at work, the less often it is looked at, for each look allocates: its end is told a hundredth late. */
    private static final long PRECISION = 100;

    private static final long MOST_LOOK_MILLIS_AT_WORK = 100;
    /** Looks at a chain that is at work may take one part in this many of its time: an emulated machine answers slowly. */
    private static final long LOOK_SHARE = 20;

    private static final long MOST_LOOK_MILLIS = 500;
    /** After this time without a move, what is missing has been lost with a process that died. */
    private static final long GIVE_UP_NANOS = 2_000_000_000L;

    private final Chain chain;
    private final List<? extends ChainPart> parts;
    private final Runnable afterwards;
    private final long startNanos = System.nanoTime();
    private final Map<String, Integer> order = new LinkedHashMap<>();
    private final FirstPacket firstPacket;
    private volatile long endNanos;
    /** Milliseconds between the last two looks, which grow while the chain rests, and what had moved by then. */
    private volatile long interval = LOOK_MILLIS;

    private volatile long lastMoved = -1;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private boolean closed;

    /**
     * @param afterwards releases the parts and all else when the run is closed
     */
    SupervisedRun(Chain chain, List<? extends ChainPart> parts, Runnable afterwards) {
        this.chain = chain;
        this.parts = parts;
        this.afterwards = afterwards;
        chain.nodes().forEach(node -> order.put(node.name(), order.size()));
        firstPacket = new FirstPacket(chain.nodes().getLast().name(), parts);
    }

    @Override
    public ChainSnapshot snapshot() {
        List<ChainSnapshot.Hop> hops = new ArrayList<>();
        parts.forEach(part -> hops.addAll(part.hops()));
        hops.sort(Comparator.comparing(hop -> order.get(hop.name())));
        long end = endNanos;
        return new ChainSnapshot(chain.name(), (end == 0 ? System.nanoTime() : end) - startNanos, hops);
    }

    @Override
    public boolean await(Duration timeout) throws InterruptedException {
        return awaitQuiet(System.nanoTime() + timeout.toNanos(), true);
    }

    /**
     * Waits until two looks in a row find all parts idle and nothing moved in between, and no packet is on its way. One may
     * be where no part sees it: in a pipe that a virtual machine has open, the host carries it from end to end.
     */
    private boolean awaitQuiet(long deadline, boolean sourcesToo) throws InterruptedException {
        long before = -1;
        long quietSince = 0;
        while (true) {
            long began = System.nanoTime();
            boolean idle = true;
            long moved = 0;
            for (ChainPart part : parts) {
                Engine.Status status = part.status();
                idle &= status.idle() && (!sourcesToo || status.sourcesExhausted());
                moved += status.moved();
            }
            long now = System.nanoTime();
            boolean quiet = idle && moved == before;
            if (!quiet) {
                quietSince = now;
            } else if (nothingUnderWay() || now - quietSince > GIVE_UP_NANOS) {
                end();
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

    private void end() {
        if (endNanos == 0) {
            endNanos = System.nanoTime();
        }
        watches.forEach(Watch::end);
        parts.forEach(ChainPart::stop);
    }

    @Override
    public void drain(Duration timeout) throws InterruptedException {
        parts.forEach(ChainPart::stopSources);
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
        Conservation sum = new Conservation(0, 0, 0, 0, 0, 0);
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
        functions.sort(Comparator.comparing(function -> order.get(function.name())));
        return new TimeUse(functions, sum.workers());
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
        functions.sort(Comparator.comparing(function -> order.get(function.name())));
        return new ChainHealth(List.copyOf(functions), sum.parts());
    }

    @Override
    public void restore(String function) {
        ChainPart its = parts.stream()
                .filter(part -> part.health().functions().stream()
                        .anyMatch(known -> known.name().equals(function)))
                .findFirst()
                .orElseThrow(() -> new ChainRequestException(
                        "no function '" + function + "' in this chain" + Suggestion.among(function, order.keySet())));
        its.restore(function);
    }

    @Override
    public PacketTap tap(String hop, TapOptions options) {
        Hops.Hop found = new Hops(chain).find(hop);
        TapSpec spec = new TapSpec(
                found.from().name(),
                found.to().name(),
                PacketFilter.compile(options.filter()).instructions(),
                options.snaplen(),
                options.count(),
                options.ringBytes());
        return new PacketTap(watch(Optional.of(spec), Optional.empty()), hop, options);
    }

    @Override
    public PacketTracer trace(TraceOptions options) {
        Hops hops = new Hops(chain);
        TraceSpec spec = new TraceSpec(
                PacketFilter.compile(options.filter()).instructions(),
                options.count(),
                hops.entries(options.from()),
                options.from().isEmpty(),
                hops.exits(),
                hops.path());
        return new PacketTracer(watch(Optional.empty(), Optional.of(spec)), spec);
    }

    private Watch watch(Optional<TapSpec> tap, Optional<TraceSpec> trace) {
        Watch watch = new Watch(parts, tap, trace, watches::remove);
        watches.add(watch);
        if (endNanos != 0) {
            watch.end();
        }
        return watch;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            firstPacket.stop();
            watches.forEach(Watch::end);
            afterwards.run();
        }
    }
}
