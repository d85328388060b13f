// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.NetmapPoller;
import io.ptnetmap.Ring;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.chain.Chain.Policy;
import io.ptnetmap.nfv.telemetry.Latency.Kind;
import java.util.List;
import java.util.Optional;

/**
 * Functions that follow one another on one worker, run to completion: a batch that comes in at one end passes all of them
 * before the next is read.
 *
 * <p>Both ends may be links; a segment that begins with a source has no left end, one that ends in a sink no right end. Two
 * directions are independent: where the right link is full, packets in the reverse direction still pass.
 *
 * <p>For one worker.
 */
final class Segment {
    /** Slots of the scratch ring that a segment needs: one part for each batch, and the gap slot. */
    static final int SCRATCH_SLOTS = (2 + Segment.MAX_REFLECTIONS) * Batch.BURST + 1;

    /** The turn at which a packet that goes back and forth within one segment is given up. */
    private static final int MAX_REFLECTIONS = 4;

    /** Least time between two batches whose times are taken where packets come into the chain, and what is added at random. */
    private static final long SAMPLE_NANOS = 500_000;

    private static final long SAMPLE_JITTER_NANOS = (1 << 20) - 1;

    /** How long batches are waited for whose times are taken already, before others are followed, from here on only. */
    private static final long SAMPLE_PATIENCE_NANOS = 100_000_000;

    /** How long after a time of waiting a link that is full all the time is waited for. */
    private static final long MOST_RELAXING_NANOS = 100_000_000;

    private final Optional<LinkEnd> left;
    private final Optional<LinkEnd> right;
    private List<Instance> functions;
    private Instance first;
    private final Direction forward;
    private final Direction backward;
    private final Direction[] directions;
    private final Batch[] reflections = new Batch[MAX_REFLECTIONS];
    private boolean sampled;
    private boolean stopped;
    private Meter meter = Meter.OFF;

    /** What moves one way: the batch being worked on, and how far it has left already. */
    private static final class Direction {
        final Side from;
        final Batch batch;
        final Optional<LinkEnd> in;
        final Optional<LinkEnd> out;
        /** What the link's policy says. */
        Policy given;
        /** What is done: whoever does not take packets for a moment only is waited for in any case. */
        Policy policy;
        /** Whoever takes in what comes from outside the chain. */
        Account receiver;
        /** Whoever answers for what leaves from now on. */
        Account exit;
        /** Whoever answers for the batch being worked on. */
        Account sender;

        int sent;
        boolean busy;
        /** Whether nothing is taken in. */
        boolean closed;
        /** Whether it was waited for, and what has piled up is waited for still: until then at the latest. */
        boolean relaxing;

        long relaxedNanos;
        /** From when on a batch is to be followed that nobody has followed before. */
        long nextSampleNanos;

        Direction(Side from, Batch batch, Optional<LinkEnd> in, Optional<LinkEnd> out, Policy given) {
            this.from = from;
            this.batch = batch;
            this.in = in;
            this.out = out;
            this.given = given;
            this.policy = given;
        }

        void follow(Policy now) {
            given = now;
            if (!relaxing) {
                policy = now;
            }
        }

        void await(boolean wait) {
            if (wait) {
                policy = Policy.BLOCK;
                relaxing = false;
            } else if (policy != given && !relaxing) {
                relaxing = true;
                relaxedNanos = System.nanoTime() + MOST_RELAXING_NANOS;
            }
        }

        void ends(Instance first, Instance last) {
            receiver = first.account();
            exit = last.account();
            if (!busy) {
                sender = exit;
            }
        }
    }

    /**
     * @param functions in the chain's order, at least one; a port at an end of the chain is one of them
     * @param left the link towards the chain's beginning, or the port there
     * @param right the link towards the chain's end, or the port there
     * @param leftPolicy what to do when {@code left} is full
     * @param rightPolicy what to do when {@code right} is full
     * @param scratch ring with {@link #SCRATCH_SLOTS} slots for packets that functions create
     */
    Segment(
            List<Instance> functions,
            Optional<LinkEnd> left,
            Optional<LinkEnd> right,
            Policy leftPolicy,
            Policy rightPolicy,
            Ring scratch) {
        this.left = left;
        this.right = right;
        this.forward = new Direction(Side.IN, new Batch(scratch, 0), left, right, rightPolicy);
        this.backward = new Direction(Side.OUT, new Batch(scratch, Batch.BURST), right, left, leftPolicy);
        this.directions = new Direction[] {forward, backward};
        for (int i = 0; i < MAX_REFLECTIONS; i++) {
            reflections[i] = new Batch(scratch, (2 + i) * Batch.BURST);
        }
        replace(functions);
    }

    /** Has other functions take the place of those there are. What is on its way out has passed the old ones, and leaves. */
    void replace(List<Instance> newFunctions) {
        functions = newFunctions;
        first = newFunctions.getFirst();
        Instance last = newFunctions.getLast();
        forward.ends(first, last);
        backward.ends(last, first);
    }

    /** What to do when a link is full from now on. */
    void policies(Policy leftPolicy, Policy rightPolicy) {
        forward.follow(rightPolicy);
        backward.follow(leftPolicy);
    }

    /** Whether times of some batches are taken. */
    void sample(boolean some) {
        sampled = some;
    }

    void meter(Meter newMeter) {
        meter = newMeter;
    }

    /** Does what there is to do. Returns packets moved; 0 = idle. */
    int poll(long nowNanos) {
        int moved = 0;
        // One call, not two: the compiler takes in all of it at each, and has a limit on that.
        for (int i = 0; i < directions.length; i++) {
            moved += advance(directions[i], nowNanos);
        }
        return moved;
    }

    private int advance(Direction direction, long nowNanos) {
        if (direction.busy) {
            return deliver(direction);
        }
        if (direction.closed) {
            return 0;
        }
        Batch batch = direction.batch;
        batch.clear(direction.from, nowNanos);
        if (direction.in.isPresent()) {
            LinkEnd in = direction.in.get();
            if (in.receive(batch) == 0) {
                return 0;
            }
            if (in.isOutside()) {
                direction.receiver.entered.add(batch.count());
            }
        } else if (direction.from == Side.OUT || first.exhausted()) {
            return 0;
        }
        if (batch.followed() != 0) {
            arrive(direction);
        } else if (sampled && nowNanos - direction.nextSampleNanos >= 0) {
            batch.follow(isBeginning(direction) ? System.nanoTime() : 0, 0);
        }
        int received = batch.count();
        if (direction.sender != direction.exit) {
            direction.sender = direction.exit;
        }
        run(batch, direction.from == Side.IN ? 0 : functions.size() - 1, 0);
        direction.busy = true;
        direction.sent = 0;
        // Also where none are left to deliver, there was work: a worker that drops or consumes all must not fall
        // asleep.
        return received + batch.created() + deliver(direction);
    }

    /** Whether what comes in has not been in the chain before. */
    private static boolean isBeginning(Direction direction) {
        return direction.in.isEmpty() || direction.in.get().isOutside();
    }

    /** A batch has come over a link that others have followed up to there. */
    private static void arrive(Direction direction) {
        long now = System.nanoTime();
        Kind kind = Kind.LINK.inDirection(direction.from == Side.OUT);
        for (int i = 0; i < direction.batch.followed(); i++) {
            direction.receiver.latencies.record(kind, now - direction.batch.sentNanos(i), now);
        }
        direction.nextSampleNanos = now + SAMPLE_PATIENCE_NANOS;
    }

    /** When stopped, what is inside the chain still moves on; nothing is taken from sources and outside ports. */
    private boolean drains(Direction direction) {
        return direction.in.isPresent() && !direction.in.get().isOutside();
    }

    /** Passes a batch through the functions from {@code index} on, in the batch's direction. */
    private void run(Batch batch, int index, int reflected) {
        int step = batch.side() == Side.IN ? 1 : -1;
        for (int i = index; i >= 0 && i < functions.size(); i += step) {
            Instance instance = functions.get(i);
            Batch back = reflections[Math.min(reflected, MAX_REFLECTIONS - 1)];
            back.clear(batch.side().opposite(), batch.nowNanos());
            batch.enter(instance);
            if (batch.followed() != 0) {
                follow(batch, instance, i);
            } else {
                meter.process(instance, batch);
            }
            batch.leave(back);
            if (back.count() != 0) {
                reflect(back, i - step, instance.account(), reflected + 1);
            }
        }
    }

    /** Passes a batch to a function and takes the time. */
    private void follow(Batch batch, Instance instance, int index) {
        int received = batch.count();
        long began = System.nanoTime();
        meter.process(instance, batch);
        long ended = System.nanoTime();
        if (batch.count() == 0) {
            // A source with nothing to send.
            batch.unfollow();
            return;
        }
        boolean backward = batch.side() == Side.OUT;
        Direction direction = directions[backward ? 1 : 0];
        if (direction.nextSampleNanos - began <= 0) {
            direction.nextSampleNanos = began + SAMPLE_NANOS + (began & SAMPLE_JITTER_NANOS);
        }
        boolean last = index == (backward ? 0 : functions.size() - 1);
        boolean ends = last && (direction.out.isEmpty() || direction.out.get().isOutside());
        Latencies latencies = instance.account().latencies;
        for (int i = 0; i < batch.followed(); i++) {
            long born = batch.bornNanos(i);
            latencies.record(Kind.FUNCTION, ended - began, ended);
            if (born != 0 && received != 0) {
                latencies.record(Kind.ARRIVAL.inDirection(backward), began - born, ended);
            }
            if (born != 0 && ends) {
                latencies.record(Kind.CHAIN.inDirection(backward), ended - born, ended);
            }
        }
    }

    /** Sends packets back the way they came. They do not wait for room: that could block both directions for good. */
    private void reflect(Batch back, int index, Account reflector, int reflected) {
        if (reflected >= MAX_REFLECTIONS) {
            reflector.unsend(reflector.reflectedTooOften, back, 0);
            return;
        }
        run(back, index, reflected);
        Direction way = back.side() == Side.IN ? forward : backward;
        int sent = 0;
        if (way.out.isPresent()) {
            sent = send(way.out.get(), back, 0, way.exit);
        }
        dropRest(way, back, sent, way.exit);
    }

    private static int send(LinkEnd out, Batch batch, int first, Account sender) {
        int sent = out.send(batch, first, sender);
        out.flush();
        return sent;
    }

    private int deliver(Direction direction) {
        Batch batch = direction.batch;
        int before = direction.sent;
        if (before < batch.count() && direction.out.isPresent()) {
            if (direction.out.get().holdsBack()) {
                return 0;
            }
            direction.sent = send(direction.out.get(), batch, before, direction.sender);
        }
        if (direction.sent < batch.count() && (direction.policy == Policy.DROP || direction.out.isEmpty())) {
            dropRest(direction, batch, direction.sent, direction.sender);
            direction.sent = batch.count();
        }
        if (direction.sent == batch.count()) {
            if (direction.in.isPresent()) {
                direction.in.get().release();
            }
            direction.busy = false;
            if (direction.relaxing && (before == 0 || batch.nowNanos() - direction.relaxedNanos > 0)) {
                direction.relaxing = false;
                direction.policy = direction.given;
            }
        }
        return direction.sent - before;
    }

    private static void dropRest(Direction direction, Batch batch, int first, Account sender) {
        if (first < batch.count()) {
            sender.unsend(direction.out.isPresent() ? sender.linkFull : sender.noLink, batch, first);
        }
    }

    /** Stops taking packets from sources and from outside the chain. */
    void stop() {
        stopped = true;
        for (Direction direction : directions) {
            direction.closed |= !drains(direction);
        }
    }

    /**
     * Takes nothing in for a while; what is inside still moves on.
     *
     * @param fromLeft whether that goes for the left end, or the source
     * @param fromRight whether that goes for the right end
     */
    void hold(boolean fromLeft, boolean fromRight) {
        forward.closed |= fromLeft;
        backward.closed |= fromRight;
    }

    /** Takes in again what it had to {@linkplain #hold leave}. */
    void resume() {
        for (Direction direction : directions) {
            direction.closed = stopped && !drains(direction);
        }
    }

    /**
     * Waits for whoever takes its packets, whatever the policy says; or does so no longer, once there is room again for what
     * has piled up.
     */
    void waitFor(boolean atLeft, boolean atRight) {
        forward.await(atRight);
        backward.await(atLeft);
    }

    /** Packets that have been taken in, and are on their way out. */
    long underWay() {
        return underWay(forward) + underWay(backward);
    }

    private static long underWay(Direction direction) {
        return direction.busy ? direction.batch.count() - direction.sent : 0;
    }

    /** Packets in the segment, and those that wait for it unread. */
    long held() {
        return held(forward) + held(backward);
    }

    private static long held(Direction direction) {
        return underWay(direction)
                + direction
                        .in
                        .filter(end -> !end.isOutside())
                        .map(LinkEnd::unread)
                        .orElse(0);
    }

    /** Whether a source could make packets at any time, so that this segment must not sleep long. */
    boolean producing() {
        return !forward.closed && hasMore() && !forward.busy;
    }

    /** Whether packets come from its source and from nowhere else. */
    boolean isAlone() {
        return left.isEmpty() && right.isEmpty();
    }

    /** For how long its source has no packet to make. */
    long idleNanos(long nowNanos) {
        return first.idleNanos(nowNanos);
    }

    private boolean hasMore() {
        return !first.exhausted();
    }

    /** Whether packets may still come in at the chain's beginning: from a source that has more, or from a port. */
    boolean open() {
        return !stopped && (hasMore() || left.isPresent() && left.get().isOutside());
    }

    /** Whether all that came in has left. */
    boolean idle() {
        return !forward.busy && !backward.busy;
    }

    /** Adds what this segment waits for to a poller; again before each wait. */
    void addTo(NetmapPoller poller) {
        if (left.isPresent()) {
            left.get().addTo(poller, !forward.busy, backward.busy);
        }
        if (right.isPresent()) {
            right.get().addTo(poller, !backward.busy, forward.busy);
        }
    }

    /** Announces sleep. Returns whether there is work already. */
    boolean arm() {
        boolean work = left.isPresent() && left.get().arm(!forward.busy, backward.busy);
        return right.isPresent() && right.get().arm(!backward.busy, forward.busy) || work;
    }

    void disarm() {
        if (left.isPresent()) {
            left.get().disarm();
        }
        if (right.isPresent()) {
            right.get().disarm();
        }
    }

    List<Instance> functions() {
        return functions;
    }
}
