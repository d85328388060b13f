// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.capture.ProbeRequest;
import io.ptnetmap.nfv.capture.TapChunk;
import io.ptnetmap.nfv.capture.TapSpec;
import io.ptnetmap.nfv.capture.TraceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A probe in all parts of a chain. What its parts have seen is taken out of them by whoever reads, and once more just before they stop.
 * Thread-safe.
 */
final class Watch {
    private static final AtomicLong NUMBER = new AtomicLong();

    private final long id = (ProcessHandle.current().pid() << 32) + NUMBER.incrementAndGet();
    private final List<? extends ChainPart> parts;
    private final Optional<TapSpec> tap;
    private final Optional<TraceSpec> trace;
    private final Consumer<Watch> whenClosed;
    private List<Answer> answers = new ArrayList<>();
    private boolean closed;

    /** What a part has seen since it was asked last. */
    record Answer(ChainPart part, ProbeReply reply) {}

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

    private void ask(boolean last) {
        for (ChainPart part : parts) {
            answers.add(new Answer(part, part.probe(new ProbeRequest(id, tap, trace, last))));
        }
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
