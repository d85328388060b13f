// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.Ring;
import io.ptnetmap.capture.PacketFilter;
import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.capture.TraceFragment;
import io.ptnetmap.nfv.capture.TraceFragment.End;
import io.ptnetmap.nfv.capture.TraceFragment.Step;
import io.ptnetmap.nfv.capture.TraceSpec;
import io.ptnetmap.nfv.capture.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Follows single packets through the functions of this process.
 *
 * <p>A packet that is followed has the {@linkplain Packet#MARK mark} in its slot's {@code ptr} word, which goes along from slot to
 * slot and from process to process. Which one it is, the buffer tells that it lies in, together with its contents: nobody changes
 * these between two functions. A marked packet that is not known here comes from another process, or has been on a link for so
 * long that it was given up; what is seen of it then becomes a {@linkplain TraceFragment fragment} of its own.
 *
 * <p>One for all workers of a process; each has a {@linkplain #probe probe}.
 */
final class Tracer {
    /** Packets that are followed at the same time, besides those that begin here. */
    private static final int MOST_GUESTS = 1024;

    private static final int MOST_STEPS = 256;

    private final PacketFilter filter;
    private final String process;
    /** What is to be followed at present. */
    private volatile TraceSpec spec;
    /** The same from when this part has changed on, if it is about to. */
    private volatile Optional<TraceSpec> afterwards;

    private final WallClock clock = new WallClock();
    private final AtomicInteger begun = new AtomicInteger();
    private final Map<Integer, Followed> byBuffer = new ConcurrentHashMap<>();
    private final List<TraceFragment> ended = new ArrayList<>();

    /**
     * @param afterwards what is to be followed once this part has changed, if it is about to
     * @param process where this is, as in the accounts
     */
    Tracer(TraceSpec spec, Optional<TraceSpec> afterwards, String process) {
        this.spec = spec;
        this.afterwards = afterwards;
        this.process = process;
        this.filter = PacketFilter.of(spec.filter());
    }

    /** Is told with each question what is to be followed; where this part has changed already, it knows better. */
    void know(TraceSpec told, Optional<TraceSpec> next) {
        if (told.edition() > spec.edition()) {
            spec = told;
        }
        afterwards = next;
    }

    /**
     * The part has changed. What was seen of packets by now stays a piece of its own: on their way from there they may pass functions
     * of other parts that stand, or stood, between two of this one.
     */
    void changed() {
        afterwards.filter(next -> next.edition() > spec.edition()).ifPresent(next -> spec = next);
        afterwards = Optional.empty();
    }

    /** A packet that is followed. Its fields are guarded by itself: functions in parallel may see it at the same time. */
    private static final class Followed {
        final boolean head;
        /** The chain as it was when the packet was seen here first. */
        final TraceSpec spec;

        final long startNanos;
        final List<Step> steps = new ArrayList<>();
        int buffer;
        byte[] contents;
        /** Where it was last. */
        String function = "";

        long lastSeen;
        boolean over;

        Followed(boolean head, TraceSpec spec, long startNanos, int buffer, byte[] contents, long now) {
            this.head = head;
            this.spec = spec;
            this.startNanos = startNanos;
            this.buffer = buffer;
            this.contents = contents;
            this.lastSeen = now;
        }
    }

    /**
     * What is told of the packets since the last time: of those whose end is known, and of those on links for long.
     *
     * @param all of those that have just gone onto a link, too
     */
    List<TraceFragment> take(boolean all) {
        long now = System.nanoTime();
        for (Iterator<Followed> packets = byBuffer.values().iterator(); packets.hasNext(); ) {
            Followed packet = packets.next();
            synchronized (packet) {
                if (!packet.over && (all || now - packet.lastSeen > TraceFragment.TOLD_WITHIN_NANOS)) {
                    packets.remove();
                    tell(packet, End.UNSEEN);
                }
            }
        }
        synchronized (ended) {
            List<TraceFragment> taken = List.copyOf(ended);
            ended.clear();
            return taken;
        }
    }

    private void tell(Followed packet, End end) {
        packet.over = true;
        if (packet.steps.isEmpty()) {
            return;
        }
        synchronized (ended) {
            ended.add(new TraceFragment(
                    packet.head, packet.startNanos, List.copyOf(packet.steps), end, packet.spec.edition()));
        }
    }

    /** What a worker's functions are watched by. */
    Probe probe(int worker) {
        return new Eyes(worker);
    }

    /** For one worker. */
    private final class Eyes implements Probe {
        private final int worker;
        /** Of the batch at hand: which packets are followed. */
        private final Map<Integer, Followed> present = new HashMap<>();

        private final Map<Integer, byte[]> before = new HashMap<>();
        private final Map<Integer, Integer> lengths = new HashMap<>();
        private long entered;
        /** The chain as it was when the batch came. */
        private TraceSpec shape = spec;

        Eyes(int worker) {
            this.worker = worker;
        }

        @Override
        public void before(Instance instance, Batch batch) {
            present.clear();
            before.clear();
            lengths.clear();
            entered = System.nanoTime();
            shape = spec;
            boolean entry = !full() && !instance.isObserver() && isAt(shape.entries(), instance, batch.side());
            for (int i = 0; i < batch.size(); i++) {
                boolean marked = Packet.isMarked(batch.home(i).ptr(batch.slot(i)));
                if (marked) {
                    come(instance, batch, i, entry);
                } else if (entry && begins(batch, i)) {
                    notice(batch, i, begin(batch, i));
                }
            }
        }

        private void come(Instance instance, Batch batch, int index, boolean entry) {
            byte[] contents = contents(batch, index);
            Optional<Followed> known = known(buffer(batch, index), contents);
            if (known.isPresent() && (instance.isObserver() || comesHere(known.get(), instance, batch))) {
                notice(batch, index, known.get());
            } else if (entry && begins(batch, index)) {
                notice(batch, index, begin(batch, index));
            } else if (!entry && !instance.isObserver() && byBuffer.size() < MOST_GUESTS) {
                Followed guest =
                        new Followed(false, shape, clock.epochNanos(entered), buffer(batch, index), contents, entered);
                follow(guest);
                notice(batch, index, guest);
            }
        }

        /** Whether nobody else has had the packet since it was seen here: what is between is in another process. */
        private boolean comesHere(Followed packet, Instance instance, Batch batch) {
            synchronized (packet) {
                return packet.spec == shape && shape.isStep(packet.function, instance.name(), batch.side() == Side.OUT);
            }
        }

        private void notice(Batch batch, int index, Followed packet) {
            present.put(index, packet);
            before.put(index, contents(batch, index));
            lengths.put(index, batch.length(index));
        }

        @Override
        public void after(Instance instance, Batch batch) {
            long nanos = System.nanoTime() - entered;
            boolean creates = batch.count() > batch.size()
                    && !full()
                    && (shape.created() || isAt(shape.entries(), instance, batch.side()));
            for (int i = batch.size(); creates && i < batch.count(); i++) {
                if (begins(batch, i)) {
                    present.put(i, begin(batch, i));
                }
            }
            present.forEach((index, packet) -> pass(instance, batch, index, packet, nanos));
        }

        private void pass(Instance instance, Batch batch, int index, Followed packet, long nanos) {
            boolean created = index >= batch.size();
            boolean observer = instance.isObserver();
            Verdict verdict = batch.verdict(index);
            boolean back = verdict == Verdict.RETURNED;
            boolean stays = back || verdict == Verdict.FORWARDED;
            Side towards = back ? batch.side().opposite() : batch.side();
            boolean leaves = stays && !observer && isAt(shape.exits(), instance, towards);
            byte[] after = contents(batch, index);
            synchronized (packet) {
                if (packet.over || packet.steps.size() == MOST_STEPS) {
                    return;
                }
                packet.steps.add(new Step(
                        instance.name(),
                        process,
                        worker,
                        batch.side() == Side.OUT,
                        entered,
                        nanos,
                        batch.count(),
                        observer ? Verdict.OBSERVED : created && stays ? Verdict.CREATED : verdict,
                        batch.dropCause(index),
                        before.getOrDefault(index, new byte[0]),
                        after,
                        lengths.getOrDefault(index, 0),
                        batch.length(index)));
                packet.lastSeen = System.nanoTime();
                if (observer) {
                    return;
                }
                packet.contents = after;
                packet.function = instance.name();
                Ring home = batch.home(index);
                int slot = batch.slot(index);
                long time = Packet.unmarked(home.ptr(slot));
                if (stays && !leaves) {
                    // Whoever has set the time has taken the mark away.
                    home.ptr(slot, Packet.marked(time));
                    return;
                }
                home.ptr(slot, time);
                byBuffer.remove(packet.buffer, packet);
                tell(packet, leaves ? End.LEFT : verdict == Verdict.DROPPED ? End.DROPPED : End.CONSUMED);
            }
        }

        private boolean begins(Batch batch, int index) {
            Ring home = batch.home(index);
            int slot = batch.slot(index);
            return !full()
                    && filter.matches(home.bufferAddress(slot), home.length(slot), batch.length(index))
                    && begun.getAndIncrement() < spec.count();
        }

        private Followed begin(Batch batch, int index) {
            Ring home = batch.home(index);
            int slot = batch.slot(index);
            home.ptr(slot, Packet.marked(home.ptr(slot)));
            Followed packet = new Followed(
                    true, shape, clock.epochNanos(entered), buffer(batch, index), contents(batch, index), entered);
            follow(packet);
            return packet;
        }
    }

    /** What lay in the same buffer before is lost: nobody has told when. */
    private void follow(Followed packet) {
        Followed before = byBuffer.put(packet.buffer, packet);
        if (before != null && before != packet) {
            synchronized (before) {
                if (!before.over) {
                    tell(before, End.UNSEEN);
                }
            }
        }
    }

    private boolean full() {
        return begun.get() >= spec.count();
    }

    /** The packet that lies in a buffer or, where it has been copied, one with these contents. */
    private Optional<Followed> known(int buffer, byte[] contents) {
        Followed here = byBuffer.get(buffer);
        if (here != null && isSame(here, contents)) {
            return Optional.of(here);
        }
        for (Followed other : byBuffer.values()) {
            if (isSame(other, contents)) {
                synchronized (other) {
                    byBuffer.remove(other.buffer, other);
                    other.buffer = buffer;
                }
                follow(other);
                return Optional.of(other);
            }
        }
        return Optional.empty();
    }

    private static boolean isSame(Followed packet, byte[] contents) {
        synchronized (packet) {
            return !packet.over && Arrays.equals(packet.contents, contents);
        }
    }

    private static boolean isAt(List<TraceSpec.Place> places, Instance instance, Side side) {
        for (int i = 0; i < places.size(); i++) {
            TraceSpec.Place place = places.get(i);
            if (place.reverse() == (side == Side.OUT) && place.function().equals(instance.name())) {
                return true;
            }
        }
        return false;
    }

    private static int buffer(Batch batch, int index) {
        return batch.home(index).bufferIndex(batch.slot(index));
    }

    /** The packet's first buffer. */
    private static byte[] contents(Batch batch, int index) {
        Ring home = batch.home(index);
        int slot = batch.slot(index);
        byte[] bytes = new byte[home.length(slot)];
        Memory.copy(home.bufferAddress(slot), bytes, 0, bytes.length);
        return bytes;
    }
}
