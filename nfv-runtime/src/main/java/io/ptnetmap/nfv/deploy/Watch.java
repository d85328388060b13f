// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.capture.ProbeRequest;
import io.ptnetmap.nfv.capture.TapChunk;
import io.ptnetmap.nfv.capture.TapSpec;
import io.ptnetmap.nfv.capture.TraceSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A probe in all parts of a chain. What its parts have seen is taken out of them by whoever reads, and once more just before they stop.
 * Thread-safe.
 */
final class Watch {
    private static final AtomicLong NUMBER = new AtomicLong();

    private final long id = nextId();
    private final List<? extends ChainPart> parts;
    private final Optional<TapSpec> tap;
    private final Consumer<Watch> whenClosed;
    private Optional<TraceSpec> trace;
    /** What is to be followed when the change that is being made is made. */
    private Optional<TraceSpec> afterwards = Optional.empty();
    /** Shapes of the chain that parts have been told of. */
    private int editions;
    /** Parts that are not asked for the moment, as they change. */
    private Set<ChainPart> resting = Set.of();
    /** Parts that come into the chain with the change, and have the probe already. */
    private Set<ChainPart> coming = Set.of();

    private String ending = "";
    private List<Answer> answers = new ArrayList<>();
    private boolean closed;

    /**
     * What a part has seen since it was asked last.
     *
     * @param clock of the part
     */
    record Answer(ChainPart part, String clock, ProbeRequest request, ProbeReply reply) {}

    /**
     * Begins to look.
     *
     * @param parts as they are at each moment
     */
    Watch(
            List<? extends ChainPart> parts,
            Optional<TapSpec> tap,
            Optional<TraceSpec> trace,
            Consumer<Watch> whenClosed) {
        this.parts = parts;
        this.tap = tap;
        this.trace = trace;
        this.whenClosed = whenClosed;
        ask(parts, false);
    }

    private static long nextId() {
        return (ProcessHandle.current().pid() << 32) + NUMBER.incrementAndGet();
    }

    private void ask(List<? extends ChainPart> which, boolean last) {
        for (ChainPart part : which) {
            if (!resting.contains(part)) {
                ask(part, request(last));
            }
        }
    }

    private ProbeRequest request(boolean last) {
        return new ProbeRequest(id, tap, trace, afterwards, last);
    }

    private void ask(ChainPart part, ProbeRequest request) {
        ProbeReply reply = part.probe(request);
        answers.add(new Answer(part, part.clock(), request, reply));
    }

    /**
     * Lets some parts alone, for these are about to change, and packets wait for them then; they know from now on what to follow as soon
     * as they have changed. Parts that come in begin before any packet comes to them.
     *
     * @param then what is to be followed through the changed chain; nothing if that cannot be done, or it is no trace
     */
    synchronized void rest(
            Collection<? extends ChainPart> changing,
            Collection<? extends ChainPart> arriving,
            Optional<TraceSpec> then) {
        if (closed) {
            return;
        }
        afterwards = then.map(spec -> spec.withEdition(++editions));
        boolean goesOn = trace.isEmpty() || then.isPresent();
        changing.forEach(part -> ask(part, request(!goesOn)));
        resting = Set.copyOf(changing);
        if (goesOn) {
            coming = Set.copyOf(arriving);
            // They are nobody's yet: what they have seen when the change is taken back was nothing.
            ProbeRequest beginning = new ProbeRequest(id, tap, afterwards, Optional.empty(), false);
            coming.forEach(part -> part.probe(beginning));
        }
    }

    /**
     * The change has been made, or taken back: looks at all parts again.
     *
     * @param leaving parts that are not in the chain any more, and have ended their work
     */
    synchronized void goOn(boolean changed, Collection<? extends ChainPart> leaving) {
        Set<ChainPart> untold = new HashSet<>(resting);
        untold.addAll(coming);
        resting = Set.of();
        coming = Set.of();
        if (changed) {
            trace = afterwards.or(() -> trace);
        }
        afterwards = Optional.empty();
        if (closed) {
            untold.forEach(part -> part.probe(request(true)));
        } else if (changed) {
            leaving.forEach(part -> askLast(List.of(part)));
        }
    }

    /** What is captured. */
    Optional<TapSpec> tap() {
        return tap;
    }

    /** Ends it, and says why. */
    synchronized void end(String why) {
        if (!closed) {
            ending = why;
            end();
        }
    }

    /** Why it has ended before it was closed; empty where it has not, or the chain has ended. */
    synchronized String ending() {
        return ending;
    }

    /** Takes out what the parts have seen by now, as they are about to stop; no more comes. */
    synchronized void end() {
        if (!closed) {
            closed = true;
            askLast(parts);
        }
    }

    /** Asks until there is nothing more to be told, and then for the last time. */
    private void askLast(List<? extends ChainPart> which) {
        int most = tap.map(spec -> spec.ringBytes() / TapChunk.MOST_BYTES + 1).orElse(0);
        int rounds = 0;
        boolean full;
        do {
            int before = answers.size();
            ask(which, false);
            full = answers.subList(before, answers.size()).stream()
                    .map(answer -> answer.reply().tap())
                    .anyMatch(chunk -> chunk.forward().length + chunk.backward().length > 0);
        } while (++rounds < most && full);
        ask(which, true);
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** What the parts have seen since the last time. */
    synchronized List<Answer> take() {
        if (!closed) {
            ask(parts, false);
        }
        List<Answer> taken = answers;
        answers = new ArrayList<>();
        return taken;
    }

    void close() {
        end();
        whenClosed.accept(this);
    }
}
