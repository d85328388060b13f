// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.testkit;

import io.ptnetmap.nfv.api.Counter;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.Stateful;
import io.ptnetmap.nfv.engine.FunctionHarness;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tests a network function by itself: packets in, packets and verdicts out.
 *
 * <pre>{@code
 * try (FunctionTester tester = FunctionTester.of(new TtlGuard(new TtlGuardConfig(5)))) {
 *     FunctionResult result = tester.feed(packetWithTtl(4), packetWithTtl(64));
 *     assertEquals(1, result.forwarded().size());
 *     assertEquals(Map.of("ttl-too-small", 1L), result.drops());
 * }
 * }</pre>
 *
 * <p>The batches are the engine's own, buffers of {@code 2048} bytes included: a longer packet lies in several. Time stands
 * still unless {@linkplain #advance advanced}. Every batch is checked for conservation. Single-threaded.
 *
 * <p>What the function throws comes out as it is, except in {@code start}: there it is the cause of a {@link
 * io.ptnetmap.nfv.engine.FunctionFailedException}, or of a {@link io.ptnetmap.nfv.chain.NodeConfigurationException} if it is a
 * {@link io.ptnetmap.nfv.api.ConfigurationException}.
 */
public final class FunctionTester implements AutoCloseable {
    private final FunctionHarness harness;
    private final NetworkFunction function;
    private long nowNanos = 1_000_000_000L;
    private Map<String, Long> dropsBefore = Map.of();

    private FunctionTester(NetworkFunction function, Path directory) {
        this.function = function;
        this.harness = new FunctionHarness(function, directory, this::nowNanos);
    }

    /** Starts a function, with files relative to the working directory. To be closed, which stops it. */
    public static FunctionTester of(NetworkFunction function) {
        return of(function, Path.of(""));
    }

    /** Starts a function, with files relative to {@code directory}. */
    public static FunctionTester of(NetworkFunction function, Path directory) {
        return new FunctionTester(function, directory);
    }

    /** Feeds packets from the chain's beginning, as one batch. */
    public FunctionResult feed(byte[]... packets) {
        return feed(Side.IN, List.of(packets));
    }

    /** Feeds packets from the chain's end, as one batch. */
    public FunctionResult feedReverse(byte[]... packets) {
        return feed(Side.OUT, List.of(packets));
    }

    /**
     * Feeds packets at a side, as one batch; without any, what a source makes comes out.
     *
     * @param packets each from the first byte of its Ethernet header on, without the check sequence
     * @throws IllegalArgumentException if they do not fit one batch
     * @throws AssertionError if the function's verdicts do not account for every packet
     */
    public FunctionResult feed(Side from, List<byte[]> packets) {
        harness.begin(from);
        for (byte[] packet : packets) {
            if (!harness.hasRoom(packet.length)) {
                throw new IllegalArgumentException(
                        "the packets do not fit one batch: feed at most 256, or fewer long ones");
            }
            harness.offer(packet);
        }
        return result(harness.run());
    }

    private FunctionResult result(FunctionHarness.Outcome outcome) {
        Conservation now = harness.conservation();
        if (!now.holds()) {
            throw new AssertionError("packets not accounted for: " + now);
        }
        Map<String, Long> drops = new LinkedHashMap<>(harness.drops());
        dropsBefore.forEach((cause, count) -> drops.merge(cause, -count, Long::sum));
        drops.values().removeIf(count -> count == 0);
        dropsBefore = harness.drops();
        return new FunctionResult(outcome.packets(), outcome.verdicts(), drops);
    }

    /** Lets time pass, and the function tick, once however much time it is. */
    public void advance(Duration duration) {
        nowNanos += duration.toNanos();
        function.tick(nowNanos);
    }

    /**
     * Hands what the function knows over to the one that another tester has, as a change of a running chain does; both are {@link
     * Stateful} and of one class.
     */
    public Stateful.Takeover handOver(FunctionTester successor) {
        return harness.handOver(successor.harness, false);
    }

    /** The same as from one process to another: the state is written and read. */
    public Stateful.Takeover handOverWritten(FunctionTester successor) {
        return harness.handOver(successor.harness, true);
    }

    /** The engine's clock, as the function sees it. */
    public long nowNanos() {
        return nowNanos;
    }

    /** What the function reports. */
    public Map<String, Object> report() {
        return function.report();
    }

    /** A counter that the function has registered; 0 where there is none of this name. */
    public long counter(String name) {
        return harness.counters().stream()
                .filter(counter -> counter.name().equals(name))
                .mapToLong(Counter::value)
                .sum();
    }

    /** Stops the function. */
    @Override
    public void close() {
        harness.close();
    }
}
