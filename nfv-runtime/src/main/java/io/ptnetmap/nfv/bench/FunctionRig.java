// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import com.sun.management.ThreadMXBean;
import io.ptnetmap.nfv.api.FunctionType.Kind;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.engine.FunctionHarness;
import io.ptnetmap.nfv.engine.FunctionHarness.Outcome;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * One function by itself, with the traffic that it gets: batches of packets of its flows in random order, in turn from both
 * sides where its flows have been answered. The clock that the function sees runs while it works only, so that flows do not
 * expire while others take their turn.
 *
 * <p>Timed is what a worker spends on a batch; not timed is writing its packets, which leaves their headers in the processor's
 * cache, as the neighbour in a chain does. Single-threaded.
 */
final class FunctionRig implements AutoCloseable {
    static final List<Metric> METRICS = List.of(
            new Metric("rate", "Mpps"),
            new Metric("time", "ns/packet"),
            new Metric("allocated", "bytes/packet", false),
            new Metric("passed on", "%", false));
    /** The same where a state is kept. */
    static final List<Metric> METRICS_WITH_STATE = Stream.concat(
                    METRICS.stream(), Stream.of(new Metric("longest step", "us", false)))
            .toList();

    /** As workers do it: states are begun twice within the time that they may be old, and steps take a tenth of the time. */
    private static final int STATES_WITHIN_BOUND = 2;

    private static final int REST_AFTER_STEP = 9;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final String FORWARDED = "forwarded";
    private static final long TICK_NANOS = 50_000_000;

    private final Kind kind;
    private final FlowTraffic traffic;
    private final int batch;
    private final FunctionHarness harness;
    private final int[] order;
    private boolean answered;
    private long nowNanos = 1_000_000_000;
    private long nextTick;
    private final Optional<Duration> persist;
    private long stateBegan;
    private long nextStep;
    private long longestStep;
    private int next;
    private Side side = Side.IN;

    /**
     * @param directory where relative file names of the function start
     * @param traffic closed with this
     * @param batch packets in each
     * @param persist how old what is kept of its state may be; empty if nothing is kept
     */
    FunctionRig(
            Kind kind,
            NetworkFunction function,
            Path directory,
            FlowTraffic traffic,
            int batch,
            Optional<Duration> persist) {
        this.kind = kind;
        this.persist = persist;
        this.traffic = traffic;
        this.batch = batch;
        harness = new FunctionHarness(function, directory, () -> nowNanos);
        order = shuffled(traffic.shape().flows());
    }

    private static int[] shuffled(int count) {
        int[] order = new int[count];
        Random random = new Random(count);
        for (int i = 0; i < count; i++) {
            int other = random.nextInt(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
        return order;
    }

    /**
     * Begins all flows: the first packet of each, and the answer to what came out.
     *
     * @return whether all were answered, so that traffic goes both ways
     */
    boolean establish() {
        answered = kind == Kind.MIDDLE;
        for (int first = 0; first < order.length && kind != Kind.SOURCE; first += batch) {
            int count = Math.min(batch, order.length - first);
            List<byte[]> openings = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                openings.add(traffic.opening(first + i));
            }
            Outcome there = feed(Side.IN, openings);
            if (answered) {
                answer(first, count, there);
            }
        }
        return answered;
    }

    private void answer(int first, int count, Outcome there) {
        List<byte[]> replies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] received = there.packets().get(i);
            answered &= there.verdicts().get(i).equals(FORWARDED)
                    && received.length == traffic.shape().size();
            if (answered) {
                traffic.learnAnswer(first + i, received);
                replies.add(traffic.reply(received));
            }
        }
        answered &= feed(Side.OUT, replies).verdicts().stream().allMatch(FORWARDED::equals);
    }

    private Outcome feed(Side from, List<byte[]> packets) {
        harness.begin(from);
        packets.forEach(harness::offer);
        return harness.run();
    }

    /** Has the function work on at least so many packets. Returns the figures of {@link #METRICS_WITH_STATE}. */
    double[] run(long packets) {
        long handled = 0;
        long nanos = 0;
        Conservation before = harness.conservation();
        longestStep = 0;
        long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
        while (handled < packets) {
            fill();
            long start = System.nanoTime();
            harness.process();
            if (nowNanos >= nextTick) {
                harness.tick();
                nextTick = nowNanos + TICK_NANOS;
            }
            if (persist.isPresent()) {
                keep(persist.get());
            }
            long spent = System.nanoTime() - start;
            nanos += spent;
            nowNanos += spent;
            handled += made(handled);
        }
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
        Conservation after = harness.conservation();
        if (!after.holds()) {
            throw new BenchException("packets not accounted for: " + after);
        }
        double passed = 100.0 * (after.sent() - before.sent()) / handled;
        return new double[] {
            handled * 1000.0 / nanos, (double) nanos / handled, (double) bytes / handled, passed, longestStep / 1000.0
        };
    }

    private void keep(Duration bound) {
        if (nowNanos < nextStep) {
            return;
        }
        long began = System.nanoTime();
        boolean more = harness.takeStep();
        long step = System.nanoTime() - began;
        longestStep = Math.max(longestStep, step);
        if (more) {
            nextStep = nowNanos + step + REST_AFTER_STEP * step;
        } else {
            stateBegan = Math.max(stateBegan + bound.toNanos() / STATES_WITHIN_BOUND, nowNanos);
            nextStep = stateBegan;
        }
    }

    private void fill() {
        harness.begin(side);
        if (kind == Kind.SOURCE) {
            return;
        }
        for (int i = 0; i < batch; i++) {
            int flow = order[next];
            next = next + 1 == order.length ? 0 : next + 1;
            if (side == Side.IN) {
                traffic.request(flow, harness.add(traffic.shape().size()));
            } else {
                traffic.answer(flow, harness.add(traffic.shape().size()));
            }
        }
        side = answered ? side.opposite() : Side.IN;
    }

    /** Packets of the last batch. */
    private int made(long handled) {
        if (kind != Kind.SOURCE) {
            return batch;
        }
        int created = harness.created();
        if (created == 0) {
            throw new BenchException("the source makes no more packets, after " + handled + " of this round");
        }
        return created;
    }

    /** Ends the function, and gives back its traffic. */
    @Override
    public void close() {
        harness.close();
        traffic.close();
    }
}
