// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import io.ptnetmap.nfv.capture.TraceFragment.End;
import io.ptnetmap.nfv.capture.TraceFragment.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Makes traces of packets from what the parts of a chain have seen of them. A packet comes into a part as it has left another: nobody
 * changes it on a link. Where it went from there, the chain's order tells; times do so only where they are by the same clock, for that of
 * a virtual machine is not its host's. Single-threaded.
 */
public final class TraceJoiner {
    /** How long the next part may take to tell of a packet, a crowded link included. */
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    /** What parts were told, by its edition: a chain may be changed meanwhile. */
    private final NavigableMap<Integer, TraceSpec> specs = new TreeMap<>();

    private final List<Waiting> waiting = new ArrayList<>();
    private final List<PacketTrace> ready = new ArrayList<>();
    private long number;

    /**
     * A step of a packet.
     *
     * @param clock that its times are by
     */
    private record Seen(Step step, String clock) {
        String function() {
            return step.function();
        }

        boolean isObserved() {
            return step.verdict() == Verdict.OBSERVED;
        }

        /** Whether it is known to have been after another one; not where their clocks differ. */
        boolean isAfter(Seen other) {
            return hasClockOf(other) && step.enteredNanos() - other.step.enteredNanos() > 0;
        }

        boolean hasClockOf(Seen other) {
            return clock.equals(other.clock);
        }

        /** Whether a packet that leaves here may come in there, by the way it goes. */
        boolean leadsTo(Seen next) {
            return mayGo(next.step.reverse());
        }

        /** Whether a packet may leave from here at a place. */
        boolean leavesAt(TraceSpec.Place place) {
            return place.function().equals(step.function()) && mayGo(place.reverse());
        }

        private boolean mayGo(boolean reverse) {
            return switch (step.verdict()) {
                case FORWARDED -> reverse == step.reverse();
                case RETURNED -> reverse != step.reverse();
                // Functions create packets for either side.
                case CREATED -> true;
                case CONSUMED, DROPPED, OBSERVED -> false;
            };
        }
    }

    /** A packet, or what a part has seen of one whose beginning is not known yet. */
    private static final class Waiting {
        final TraceFragment first;
        final List<Seen> steps;
        End end;
        long sinceNanos;
        /** When the latest of what it consists of was told. */
        long toldNanos;
        /** In which of the chain's shapes it was seen last. */
        int edition;

        Waiting(TraceFragment fragment, String clock, long nowNanos) {
            first = fragment;
            edition = fragment.edition();
            steps = new ArrayList<>(
                    fragment.steps().stream().map(step -> new Seen(step, clock)).toList());
            end = fragment.end();
            sinceNanos = nowNanos;
            toldNanos = nowNanos;
        }

        Seen entry() {
            return steps.getFirst();
        }

        Seen last() {
            return steps.stream()
                    .filter(step -> !step.isObserved())
                    .reduce((before, after) -> after)
                    .orElse(steps.getLast());
        }

        /** As far as the packet itself tells: when and as what it was seen. */
        boolean looksLike(Waiting next) {
            Seen last = last();
            Seen entry = next.entry();
            return end == End.UNSEEN
                    && !next.first.head()
                    && !last.isAfter(entry)
                    && last.leadsTo(entry)
                    && last.step().lengthAfter() == entry.step().lengthBefore()
                    && Arrays.equals(last.step().after(), entry.step().before());
        }

        boolean isStep(Waiting next, TraceSpec spec) {
            Seen entry = next.entry();
            return spec.isStep(last().function(), entry.function(), entry.step().reverse());
        }

        void append(Waiting next, long nowNanos) {
            steps.addAll(next.steps);
            end = next.end;
            edition = next.edition;
            sinceNanos = nowNanos;
            toldNanos = Math.max(toldNanos, next.toldNanos);
        }
    }

    /** Notes what parts have been told to follow. */
    public void know(TraceSpec spec) {
        specs.putIfAbsent(spec.edition(), spec);
    }

    /**
     * Adds what a part tells.
     *
     * @param clock that the part's times are by; those of parts with an equal one can be compared
     * @param nowNanos after it was asked
     */
    public void add(TraceFragment fragment, String clock, long nowNanos) {
        waiting.add(new Waiting(fragment, clock, nowNanos));
    }

    /**
     * The traces that are complete by now, or of which nothing more is to be expected.
     *
     * @param askedNanos before the parts were asked for the last time
     * @param all whether nothing more comes at all
     */
    public List<PacketTrace> take(long askedNanos, boolean all) {
        while (joinTwo(askedNanos, all)) {
            // Until none fits another.
        }
        for (Iterator<Waiting> packets = waiting.iterator(); packets.hasNext(); ) {
            Waiting packet = packets.next();
            boolean old = all
                    || askedNanos - packet.sinceNanos > PATIENCE_NANOS
                            && next(packet).isEmpty();
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

    private boolean joinTwo(long askedNanos, boolean all) {
        for (Waiting packet : waiting) {
            Optional<Waiting> next = next(packet)
                    .filter(found -> all || isOnlyStep(packet, found) || isAllTold(packet, found, askedNanos));
            if (next.isPresent()) {
                packet.append(next.get(), askedNanos);
                waiting.remove(next.get());
                return true;
            }
        }
        return false;
    }

    private Optional<Waiting> next(Waiting packet) {
        return waiting.stream()
                .filter(other -> other != packet
                        && packet.looksLike(other)
                        && shapes(packet, other).anyMatch(spec -> packet.isStep(other, spec)))
                .reduce((first, other) -> isBefore(other.entry(), first.entry()) ? other : first);
    }

    /** Whether a packet that has been at both has been here first: by the chain's order; at the same function by time. */
    private boolean isBefore(Seen here, Seen there) {
        boolean reverse = here.step().reverse();
        if (!here.function().equals(there.function()) && reverse == there.step().reverse()) {
            for (TraceSpec spec : specs.descendingMap().values()) {
                OptionalInt distance = spec.distance(here.function(), there.function(), reverse);
                if (distance.isPresent()) {
                    return distance.getAsInt() > 0;
                }
            }
        }
        return there.isAfter(here);
    }

    /** The shapes that the chain has had between two looks at a packet. */
    private Stream<TraceSpec> shapes(Waiting packet, Waiting next) {
        int first = Math.min(packet.edition, next.edition);
        int last = Math.max(packet.edition, next.edition);
        return specs.subMap(first, true, last, true).values().stream();
    }

    /** Whether the packet cannot have been anywhere in between, whichever shape the chain had then. */
    private boolean isOnlyStep(Waiting packet, Waiting next) {
        return shapes(packet, next).allMatch(spec -> packet.isStep(next, spec));
    }

    /** Whether all parts have been asked long enough after these two were seen: who had the packet in between has told so. */
    private static boolean isAllTold(Waiting packet, Waiting next, long askedNanos) {
        return askedNanos - Math.max(packet.toldNanos, next.toldNanos) > TraceFragment.TOLD_WITHIN_NANOS;
    }

    private boolean isSwitched(Waiting packet) {
        Seen last = packet.last();
        TraceSpec spec = specs.get(packet.edition);
        return spec != null && spec.switched().stream().anyMatch(last::leavesAt);
    }

    private PacketTrace trace(Waiting packet) {
        Step first = packet.entry().step();
        boolean created = first.before().length == 0;
        byte[] bytes = created ? first.after() : first.before();
        int length = created ? first.lengthAfter() : first.lengthBefore();
        List<PacketTrace.Step> steps = new ArrayList<>();
        Optional<Seen> before = Optional.empty();
        for (Seen seen : packet.steps) {
            steps.add(step(seen, before));
            if (!seen.isObserved()) {
                before = Optional.of(seen);
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

    private static PacketTrace.Step step(Seen seen, Optional<Seen> before) {
        Step step = seen.step();
        boolean created = step.before().length == 0;
        List<FieldChange> changes = created
                ? List.of()
                : PacketFields.of(step.before(), step.lengthBefore())
                        .changesTo(PacketFields.of(step.after(), step.lengthAfter()));
        OptionalLong link = before.filter(seen::hasClockOf)
                .map(Seen::step)
                .map(earlier ->
                        OptionalLong.of(Math.max(0, step.enteredNanos() - earlier.enteredNanos() - earlier.nanos())))
                .orElse(OptionalLong.empty());
        return new PacketTrace.Step(
                step.function(),
                step.process(),
                step.worker(),
                step.reverse(),
                link,
                step.nanos(),
                step.batch(),
                step.verdict(),
                step.cause(),
                changes);
    }

    private String end(Waiting packet) {
        Step last = packet.last().step();
        return switch (packet.end) {
            case DROPPED -> "dropped by '" + last.function() + "': " + last.cause();
            case CONSUMED -> "consumed by '" + last.function() + "'";
            case LEFT -> "left the chain at '" + last.function() + "'";
            case UNSEEN ->
                isSwitched(packet)
                        ? "copied, or dropped, by the switch behind '" + last.function()
                                + "', where packets are not followed"
                        : "not seen again after '" + last.function()
                                + "': it waits on the link behind, or found no room there, or went with a process";
        };
    }
}
