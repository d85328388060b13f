// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.capture.ProbeRequest;
import io.ptnetmap.nfv.capture.TapChunk;
import io.ptnetmap.nfv.capture.TapSpec;
import io.ptnetmap.nfv.capture.TraceSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    private long id = nextId();
    private final List<? extends ChainPart> parts;
    private final Optional<TapSpec> tap;
    private final Consumer<Watch> whenClosed;
    private Optional<TraceSpec> trace;
    /** Parts that are not asked for the moment, as they change. */
    private Set<ChainPart> resting = Set.of();
    /** What parts that did not change still know the probe by, and have to be told to forget. */
    private final Map<ChainPart, List<ProbeRequest>> outdated = new HashMap<>();

    private String ending = "";
    private List<Answer> answers = new ArrayList<>();
    private boolean closed;

    /** What a part has seen since it was asked last. */
    record Answer(ChainPart part, ProbeRequest request, ProbeReply reply) {}

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
        ask(false);
    }

    private static long nextId() {
        return (ProcessHandle.current().pid() << 32) + NUMBER.incrementAndGet();
    }

    private void ask(boolean last) {
        for (ChainPart part : parts) {
            if (!resting.contains(part)) {
                Optional.ofNullable(outdated.remove(part)).ifPresent(old -> old.forEach(request -> ask(part, request)));
                ask(part, request(last));
            }
        }
    }

    private ProbeRequest request(boolean last) {
        return new ProbeRequest(id, tap, trace, last);
    }

    private void ask(ChainPart part, ProbeRequest request) {
        answers.add(new Answer(part, request, part.probe(request)));
    }

    /**
     * Does not follow packets in some parts until it {@linkplain #goOn goes on}, for these are about to change: what a function is
     * to a packet, its first or its last one, is not the same afterwards. What has been seen by now is taken out.
     */
    synchronized void rest(Collection<? extends ChainPart> changing) {
        if (!closed && trace.isPresent()) {
            changing.forEach(part -> ask(part, request(true)));
            resting = Set.copyOf(changing);
        }
    }

    /** Follows packets through the chain as it is from now on. */
    synchronized void goOn(TraceSpec changed) {
        if (!closed) {
            for (ChainPart part : parts) {
                if (!resting.contains(part)) {
                    outdated.computeIfAbsent(part, none -> new ArrayList<>()).add(request(true));
                }
            }
            id = nextId();
            resting = Set.of();
            trace = Optional.of(changed);
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
            int most =
                    tap.map(spec -> spec.ringBytes() / TapChunk.MOST_BYTES + 1).orElse(0);
            int rounds = 0;
            do {
                ask(false);
            } while (++rounds < most && isFull());
            ask(true);
        }
    }

    /** Whether a part may have more to tell than it could at once. */
    private boolean isFull() {
        int from = Math.max(0, answers.size() - parts.size());
        return answers.subList(from, answers.size()).stream()
                .map(answer -> answer.reply().tap())
                .anyMatch(chunk -> chunk.forward().length + chunk.backward().length > 0);
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** What the parts have seen since the last time. */
    synchronized List<Answer> take() {
        if (!closed) {
            ask(false);
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
