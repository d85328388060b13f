// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import io.ptnetmap.nfv.capture.TraceFragment.End;
import io.ptnetmap.nfv.capture.TraceFragment.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Makes traces of packets from what the parts of a chain have seen of them. A packet comes into a part as it has left another: nobody
 * changes it on a link. Single-threaded.
 */
public final class TraceJoiner {
    /** How long the next part may take to tell of a packet, a crowded link included. */
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    /** What the parts were told, one after the other: a chain may be changed meanwhile. */
    private final List<TraceSpec> specs = new ArrayList<>();

    private final List<Waiting> waiting = new ArrayList<>();
    private final List<PacketTrace> ready = new ArrayList<>();
    private long number;

    /** A packet, or what a part has seen of one whose beginning is not known yet. */
    private static final class Waiting {
        final TraceFragment first;
        final List<Step> steps;
        End end;
        long sinceNanos;
        /** Which of the {@link #specs} its last part knew. */
        int epoch;

        Waiting(TraceFragment fragment, int epoch, long nowNanos) {
            first = fragment;
            this.epoch = epoch;
            steps = new ArrayList<>(fragment.steps());
            end = fragment.end();
            sinceNanos = nowNanos;
        }

        Step last() {
            return steps.stream()
                    .filter(step -> !isObserved(step))
                    .reduce((before, after) -> after)
                    .orElse(steps.getLast());
        }

        boolean isFollowedBy(Waiting next, List<TraceSpec> specs) {
            Step entry = next.steps.getFirst();
            boolean adjacent =
                    specs.stream().anyMatch(spec -> spec.isStep(last().function(), entry.function(), entry.reverse()));
            boolean later =
                    !sameClock(last().process(), entry.process()) || entry.enteredNanos() - last().enteredNanos() >= 0;
            return end == End.UNSEEN
                    && !next.first.head()
                    && later
                    && adjacent
                    && last().lengthAfter() == entry.lengthBefore()
                    && Arrays.equals(last().after(), entry.before());
        }
    }

    /**
     * Adds what a part tells.
     *
     * @param spec what the part was told; another one than before from when the chain was changed on
     */
    public void add(TraceFragment fragment, TraceSpec spec, long nowNanos) {
        waiting.add(new Waiting(fragment, epoch(spec), nowNanos));
    }

    private int epoch(TraceSpec spec) {
        int epoch = specs.size() - 1;
        while (epoch >= 0 && specs.get(epoch) != spec) {
            epoch--;
        }
        if (epoch < 0) {
            specs.add(spec);
            return specs.size() - 1;
        }
        return epoch;
    }

    /**
     * The traces that are complete by now, or of which nothing more is to be expected.
     *
     * @param all whether nothing more comes at all
     */
    public List<PacketTrace> take(long nowNanos, boolean all) {
        while (joinTwo(nowNanos)) {
            // Until none fits another.
        }
        for (Iterator<Waiting> packets = waiting.iterator(); packets.hasNext(); ) {
            Waiting packet = packets.next();
            boolean old = all || nowNanos - packet.sinceNanos > PATIENCE_NANOS;
            if (packet.first.head() && (old || packet.end != End.UNSEEN)) {
                ready.add(trace(packet));
            }
            if (old || packet.first.head() && packet.end != End.UNSEEN) {
                packets.remove();
            }
        }
        List<PacketTrace> taken = List.copyOf(ready);
        ready.clear();
        return taken;
    }

    private boolean joinTwo(long nowNanos) {
        for (Waiting packet : waiting) {
            Optional<Waiting> next = waiting.stream()
                    .filter(other -> other != packet && packet.isFollowedBy(other, specs))
                    .min(Comparator.comparingLong(
                            other -> other.steps.getFirst().enteredNanos()));
            if (next.isPresent()) {
                packet.steps.addAll(next.get().steps);
                packet.end = next.get().end;
                packet.epoch = next.get().epoch;
                packet.sinceNanos = nowNanos;
                waiting.remove(next.get());
                return true;
            }
        }
        return false;
    }

    private PacketTrace trace(Waiting packet) {
        Step first = packet.steps.getFirst();
        boolean created = first.before().length == 0;
        byte[] bytes = created ? first.after() : first.before();
        int length = created ? first.lengthAfter() : first.lengthBefore();
        List<PacketTrace.Step> steps = new ArrayList<>();
        Optional<Step> before = Optional.empty();
        for (Step step : packet.steps) {
            steps.add(step(step, before));
            if (!isObserved(step)) {
                before = Optional.of(step);
            }
        }
        long start = packet.first.startNanos();
        return new PacketTrace(
                ++number,
                Instant.ofEpochSecond(start / 1_000_000_000L, start % 1_000_000_000L),
                length,
                HexFormat.of().formatHex(bytes),
                PacketFields.of(bytes, length).list(),
                List.copyOf(steps),
                end(packet),
                packet.end != End.UNSEEN);
    }

    private static PacketTrace.Step step(Step step, Optional<Step> before) {
        boolean created = step.before().length == 0;
        List<FieldChange> changes = created
                ? List.of()
                : PacketFields.of(step.before(), step.lengthBefore())
                        .changesTo(PacketFields.of(step.after(), step.lengthAfter()));
        OptionalLong link = before.filter(earlier -> sameClock(earlier.process(), step.process()))
                .map(earlier ->
                        OptionalLong.of(Math.max(0, step.enteredNanos() - earlier.enteredNanos() - earlier.nanos())))
                .orElse(OptionalLong.empty());
        return new PacketTrace.Step(
                step.function(),
                step.process(),
                step.worker(),
                step.reverse() ? "out" : "in",
                link,
                step.nanos(),
                step.batch(),
                step.dropped() ? "dropped" : step.verdict(),
                step.dropped() ? step.verdict() : "",
                changes);
    }

    private static String end(Waiting packet) {
        Step last = packet.last();
        return switch (packet.end) {
            case DROPPED -> "dropped by '" + last.function() + "': " + last.verdict();
            case CONSUMED -> "consumed by '" + last.function() + "'";
            case LEFT -> "left the chain at '" + last.function() + "'";
            case UNSEEN ->
                "not seen again after '" + last.function()
                        + "': it waits on the link behind, or found no room there, or went with a process";
        };
    }

    private static boolean isObserved(Step step) {
        return step.verdict().equals("observed");
    }

    /** Processes of one machine have one clock; a virtual machine has its own. */
    private static boolean sameClock(String process, String other) {
        return process.equals(other) || !process.startsWith("vm ") && !other.startsWith("vm ");
    }
}
