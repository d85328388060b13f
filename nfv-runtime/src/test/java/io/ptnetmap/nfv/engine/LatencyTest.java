// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.telemetry.Distribution;
import io.ptnetmap.nfv.telemetry.Latency;
import io.ptnetmap.nfv.telemetry.Latency.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of packets' times, beside what the packets themselves carry. */
class LatencyTest {
    private static final long ENOUGH = 300;
    private static final long PATIENCE_NANOS = Duration.ofSeconds(20).toNanos();

    @TempDir
    Path directory;

    private static Distribution times(Latency latency, String function, Kind kind) {
        return latency.at(function, kind).map(Latency.Times::recent).orElse(Distribution.NONE);
    }

    /** Waits until enough has been sampled at the chain's end. */
    private static Latency await(RunningChain chain, String last) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        Latency latency = chain.run().latency();
        while (times(latency, last, Kind.ARRIVAL).count() < ENOUGH && System.nanoTime() - deadline < 0) {
            Thread.sleep(50);
            latency = chain.run().latency();
        }
        assertTrue(
                times(latency, last, Kind.ARRIVAL).count() >= ENOUGH,
                () -> "too few samples: " + chain.run().latency());
        return chain.run().latency();
    }

    @ParameterizedTest
    @ValueSource(strings = {"worker: 0", "worker: 1", "worker: 1, link: {type: pipe}", "process: own"})
    void whatIsSampledIsWhatThePacketsCarry(String where) throws Exception {
        try (RunningChain chain = RunningChain.launch(
                directory, """
                chain: timed
                functions:
                  - {name: source, type: timed-source, config: {micros: 2000}}
                  - {name: slow, type: dawdle, config: {micros: 700}, %s}
                  - {name: sink, type: age-sink, %s}
                """.formatted(where, where.equals("process: own") ? "worker: 0" : where))) {
            // Packets come seldom enough for each of them to be sampled.
            Latency latency = await(chain, "sink");
            Map<String, Object> report = chain.run().reports().get("sink");
            for (double share : new double[] {0.5, 0.9}) {
                double carried = ((Number) report.get(share == 0.5 ? "p50" : "p90")).doubleValue();
                assertEquals(
                        carried,
                        times(latency, "sink", Kind.ARRIVAL).at(share),
                        share == 0.5 ? carried / 8 : carried / 3,
                        "packets' age at the sink, " + share);
            }
            assertTrue(times(latency, "slow", Kind.FUNCTION).at(0.01) >= 700_000 * 15 / 16, "a batch takes 700 us");
            assertTrue(
                    times(latency, "sink", Kind.ARRIVAL).at(0.01) >= 700_000 * 15 / 16,
                    "nobody is there before the slow function is done");
            assertTrue(
                    times(latency, "sink", Kind.CHAIN).at(0.5)
                            >= times(latency, "sink", Kind.ARRIVAL).at(0.5) * 15 / 16,
                    "the chain's end is behind the sink's beginning");
            assertEquals(Optional.empty(), latency.at("slow", Kind.CHAIN), "it is not the last");
            assertEquals(Optional.empty(), latency.at("source", Kind.ARRIVAL), "nothing arrives at a source");
            assertEquals(Optional.empty(), latency.anywhere(Kind.CHAIN_BACKWARD));
            if (where.equals("worker: 0")) {
                assertEquals(Optional.empty(), latency.anywhere(Kind.LINK), "calls are no links to wait on");
            } else {
                Distribution waits = times(latency, "slow", Kind.LINK);
                assertTrue(waits.count() >= ENOUGH, () -> "waits: " + waits.count());
                assertTrue(
                        waits.at(0.5) < times(latency, "sink", Kind.ARRIVAL).at(0.5),
                        () -> "a wait of " + waits.at(0.5));
            }
        }
    }

    @Test
    void aFullLinkShowsWhatItDelays() throws Exception {
        try (RunningChain chain = RunningChain.launch(directory, """
                chain: full
                functions:
                  - {name: source, type: counting-source, config: {count: 1000000000000}}
                  - {name: slow, type: dawdle, config: {micros: 1000}, worker: 1, link: {slots: 1024}}
                  - {name: sink, type: checking-sink, worker: 1}
                """)) {
            Latency latency = await(chain, "sink");
            // Four batches of 256 fit the link, and each takes a millisecond.
            long wait = times(latency, "slow", Kind.LINK).at(0.5);
            assertTrue(wait > 2_500_000 && wait < 12_000_000, "waited " + wait + " ns");
        }
    }

    @Test
    void whatIsSentBackIsTimedOnLinksToo() throws Exception {
        try (RunningChain chain = RunningChain.launch(directory, """
                chain: back
                functions:
                  - {name: source, type: timed-source, config: {micros: 400}}
                  - {name: middle, type: pass, worker: 1}
                  - {name: end, type: turn-round, worker: 2}
                """)) {
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            Latency latency = chain.run().latency();
            while (times(latency, "source", Kind.LINK_BACKWARD).count() < 10 && System.nanoTime() - deadline < 0) {
                Thread.sleep(50);
                latency = chain.run().latency();
            }
            Distribution waits = times(latency, "source", Kind.LINK_BACKWARD);
            assertTrue(waits.count() >= 10 && waits.at(0.5) > 0, "waits back: " + waits.count());
            assertTrue(times(latency, "middle", Kind.LINK).count() > 0, "waits on the way there");
            assertEquals(
                    Optional.empty(),
                    latency.anywhere(Kind.CHAIN_BACKWARD),
                    "where a packet that was sent back began is not known");
        }
    }

    @Test
    void timesRemainCountedWhenAProcessDies() throws Exception {
        try (RunningChain chain = RunningChain.launch(directory, """
                chain: mortal
                functions:
                  - {name: source, type: timed-source, config: {micros: 400}}
                  - {name: own, type: pass, process: own}
                  - {name: sink, type: age-sink}
                """)) {
            Latency before = await(chain, "sink");
            long samples = before.at("own", Kind.LINK).orElseThrow().samples();
            long pid = chain.run().snapshot().hops().stream()
                    .filter(hop -> hop.name().equals("own"))
                    .map(hop -> Long.valueOf(hop.process().substring("pid ".length())))
                    .findFirst()
                    .orElseThrow();
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            long now = 0;
            while (now <= samples + ENOUGH && System.nanoTime() - deadline < 0) {
                Thread.sleep(100);
                chain.run().health();
                now = chain.run().latency().at("own", Kind.LINK).orElseThrow().samples();
                assertTrue(now >= samples, now + " samples after " + samples);
            }
            assertTrue(now > samples + ENOUGH, "the next process is timed as well: " + now + " after " + samples);
            // Half a second and more passed before there was a next one; what had waited meanwhile is not taken for a
            // wait.
            assertTrue(
                    times(chain.run().latency(), "own", Kind.LINK).at(1) < 5_000_000_000L,
                    "longest wait "
                            + times(chain.run().latency(), "own", Kind.LINK).at(1));
        }
    }
}
