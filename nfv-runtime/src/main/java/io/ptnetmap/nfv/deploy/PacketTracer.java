// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.capture.PacketTrace;
import io.ptnetmap.nfv.capture.TraceFragment;
import io.ptnetmap.nfv.capture.TraceJoiner;
import io.ptnetmap.nfv.capture.TraceSpec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * Follows single packets through a chain, across its threads, processes and virtual machines. It goes on until it is {@linkplain
 * #close closed}, which any thread may do, the chain has ended, or it has told of as many packets as it was to follow. When the chain
 * is changed within this process meanwhile it goes on in what that has become; packets that are on their way just then may be told of as
 * not seen again. A change in several processes ends it. For one reader.
 */
public final class PacketTracer implements AutoCloseable {
    private static final long LOOK_MILLIS = 20;

    private final Watch watch;
    private final int count;
    private final TraceJoiner joiner = new TraceJoiner();
    private final Queue<PacketTrace> ready = new ArrayDeque<>();
    private int told;
    private boolean over;

    PacketTracer(Watch watch, TraceSpec spec) {
        this.watch = watch;
        this.count = spec.count();
    }

    /**
     * The next packet's way, as soon as its end is known, or nothing has been seen of it for two seconds.
     *
     * @return nothing on timeout, and when {@linkplain #isOver no more comes}
     */
    public Optional<PacketTrace> next(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        look();
        while (ready.isEmpty() && !over && System.nanoTime() - deadline < 0) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            look();
        }
        if (ready.isEmpty() || told == count) {
            return Optional.empty();
        }
        if (++told == count) {
            over = true;
            close();
        }
        return Optional.of(ready.remove());
    }

    /** Whether {@link #next} has told everything. */
    public boolean isOver() {
        return over && (ready.isEmpty() || told == count);
    }

    /**
     * Why it is over although nobody has closed it and the chain goes on; empty where that is not so. It ends when the function from
     * which packets were to be followed leaves the chain, and when the chain is changed in several processes.
     */
    public String ending() {
        return watch.ending();
    }

    private void look() {
        if (!over) {
            boolean last = watch.isClosed();
            List<Watch.Answer> answers = watch.take();
            long now = System.nanoTime();
            for (Watch.Answer answer : answers) {
                for (TraceFragment fragment : answer.reply().fragments()) {
                    joiner.add(fragment, answer.request().trace().orElseThrow(), now);
                }
            }
            ready.addAll(joiner.take(now, last));
            over = last;
        }
    }

    /** Follows no more packets; what is known by now can still be told. */
    @Override
    public void close() {
        watch.close();
    }
}
