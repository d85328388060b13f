// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.capture.PacketTrace;
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
 * is changed meanwhile it goes on in what that becomes: each packet is told of with the functions that it has passed. For one reader.
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
     * which packets were to be followed leaves the chain, or gets others in parallel to it.
     */
    public String ending() {
        return watch.ending();
    }

    private void look() {
        if (!over) {
            boolean last = watch.isClosed();
            long asked = System.nanoTime();
            List<Watch.Answer> answers = watch.take();
            long now = System.nanoTime();
            for (Watch.Answer answer : answers) {
                joiner.know(answer.request().trace().orElseThrow());
                answer.reply().fragments().forEach(fragment -> joiner.add(fragment, answer.clock(), now));
            }
            ready.addAll(joiner.take(asked, last));
            over = last;
        }
    }

    /** Follows no more packets; what is known by now can still be told. */
    @Override
    public void close() {
        watch.close();
    }
}
