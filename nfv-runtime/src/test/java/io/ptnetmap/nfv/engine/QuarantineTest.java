// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.deploy.ChainRequestException;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainHealth.FunctionState;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A function that throws hurts nobody but its own packets; one that does so too often is called no more until it is restored. */
class QuarantineTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final long ENDLESS = 1_000_000_000_000L;
    private static final int PACKETS = 20_000;

    @TempDir
    Path directory;

    @BeforeEach
    void broken() {
        FlakyFunctions.BROKEN.set(true);
        FlakyFunctions.CALLS.set(0);
        FlakyFunctions.STOPS.set(0);
    }

    private RunningChain launch(String how, int every, String policy, long packets) throws Exception {
        return RunningChain.launch(directory, """
                chain: quarantine
                functions:
                  - {type: counting-source, config: {count: %d}}
                  - {name: before, type: pass}
                  - {name: culprit, type: flaky, on-failure: {%s}, config: {how: %s, every: %d}}
                  - {name: behind, type: pass}
                  - {type: checking-sink}
                """.formatted(packets, policy, how, every));
    }

    private static Hop hop(RunningChain chain, String name) {
        return chain.run().snapshot().hops().stream()
                .filter(hop -> hop.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static ChainHealth.Function health(RunningChain chain, String name) {
        return chain.run().health().functions().stream()
                .filter(function -> function.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void assertConserved(RunningChain chain) {
        Conservation end = chain.run().conservation();
        assertTrue(end.holds() && end.held() == 0, end::toString);
        chain.run().snapshot().hops().forEach(hop -> assertEquals(0, hop.unaccounted(), hop::toString));
    }

    private static void await(BooleanSupplier condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "in time: " + what);
            Thread.sleep(5);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "process, broken process",
        "stack, StackOverflowError",
        "memory, no room for this one",
        "late, too late",
    })
    void aFunctionThatAlwaysFailsIsCalledAsOftenAsAllowed(String how, String why) throws Exception {
        try (RunningChain chain = launch(how, 1, "limit: 3", PACKETS)) {
            assertTrue(chain.run().await(SOON));
            ChainHealth.Function health = health(chain, "culprit");
            assertEquals(FunctionState.QUARANTINED, health.state());
            assertEquals(3, health.failures());
            assertEquals("closed", health.policy());
            assertTrue(health.lastError().contains(why), health::lastError);
            assertTrue(chain.run().health().impaired());
            assertEquals(3, FlakyFunctions.CALLS.get());
            assertEquals(1, FlakyFunctions.STOPS.get(), "it may have files to close");
            Map<String, Long> drops = hop(chain, "culprit").drops();
            long decided = drops.getOrDefault("wanted", 0L);
            assertEquals(how.equals("late") ? 3 : 0, decided, "verdicts that were given stand");
            assertTrue(drops.get("exception") > 0, drops::toString);
            assertTrue(drops.get("quarantined") > 0, drops::toString);
            assertEquals(0, hop(chain, "behind").received(), "nothing passes");
            assertEquals(0, chain.run().conservation().consumed());
            assertConserved(chain);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"process", "stack", "memory"})
    void openMeansThatPacketsPassItBy(String how) throws Exception {
        try (RunningChain chain = launch(how, 1, "policy: open, limit: 3", PACKETS)) {
            assertTrue(chain.run().await(SOON));
            assertEquals(FunctionState.QUARANTINED, health(chain, "culprit").state());
            assertEquals(3, FlakyFunctions.CALLS.get());
            assertEquals(Map.of(), hop(chain, "culprit").drops());
            assertConserved(chain);
            assertTrue(chain.run().conservation().consumed() >= PACKETS);
            if (!how.equals("stack")) {
                assertEquals(
                        (long) PACKETS,
                        chain.run().reports().get("checking-sink").get("in-order"));
            }
        }
    }

    @Test
    void nowAndThenIsNotTooOften() throws Exception {
        try (RunningChain chain = launch("process", 10, "limit: 1000", PACKETS)) {
            assertTrue(chain.run().await(SOON));
            ChainHealth.Function health = health(chain, "culprit");
            assertEquals(FunctionState.RUNNING, health.state());
            assertEquals(FlakyFunctions.CALLS.get() / 10, health.failures());
            assertTrue(health.failures() > 0);
            Hop culprit = hop(chain, "culprit");
            assertEquals(
                    PACKETS - culprit.drops().get("exception"),
                    hop(chain, "behind").received());
            assertTrue(hop(chain, "behind").received() > 0);
            assertConserved(chain);
        }
    }

    @Test
    void failuresAreForgottenAfterTheWindow() throws Exception {
        try (RunningChain chain = launch("tick", 1, "limit: 1000, window: 100ms", ENDLESS)) {
            await(() -> health(chain, "culprit").failures() > 8, "failures");
            assertEquals(FunctionState.RUNNING, health(chain, "culprit").state());
        }
        try (RunningChain chain = launch("tick", 1, "limit: 4, window: 100ms", ENDLESS)) {
            await(() -> health(chain, "culprit").failures() > 8, "failures, three within each window at most");
            assertEquals(FunctionState.RUNNING, health(chain, "culprit").state());
        }
    }

    @Test
    void aFunctionThatFailsBetweenBatchesIsQuarantinedToo() throws Exception {
        try (RunningChain chain = launch("tick", 1, "limit: 5", ENDLESS)) {
            await(() -> health(chain, "culprit").state() == FunctionState.QUARANTINED, "quarantine");
            assertEquals(5, health(chain, "culprit").failures());
            long before = hop(chain, "before").received();
            await(() -> hop(chain, "before").received() > before, "the others of its row go on");
            assertFalse(hop(chain, "culprit").drops().containsKey("exception"), "no packet was in its hands");
            chain.run().drain(SOON);
            assertConserved(chain);
        }
    }

    @Test
    void restoredFunctionsDoTheirWorkAgain() throws Exception {
        try (RunningChain chain = launch("process", 1, "limit: 2", ENDLESS)) {
            await(() -> health(chain, "culprit").state() == FunctionState.QUARANTINED, "quarantine");
            chain.run().restore("culprit");
            await(() -> health(chain, "culprit").failures() == 4, "as many failures again");
            await(() -> health(chain, "culprit").state() == FunctionState.QUARANTINED, "quarantine again");
            assertEquals(4, FlakyFunctions.CALLS.get());
            FlakyFunctions.BROKEN.set(false);
            assertEquals(0, chain.run().conservation().consumed());
            chain.run().restore("culprit");
            assertEquals(FunctionState.RUNNING, health(chain, "culprit").state());
            assertEquals(4, health(chain, "culprit").failures());
            await(() -> chain.run().conservation().consumed() > 0, "packets again");
            chain.run().restore("culprit");
            assertEquals(2, FlakyFunctions.STOPS.get(), "one that runs is left alone");
            chain.run().drain(SOON);
            assertConserved(chain);
        }
        assertEquals(3, FlakyFunctions.STOPS.get());
    }

    @Test
    void whatCannotBeRestoredStaysWhereItIs() throws Exception {
        try (RunningChain chain = launch("restart", 1, "limit: 1", ENDLESS)) {
            await(() -> health(chain, "culprit").state() == FunctionState.QUARANTINED, "quarantine");
            ChainRequestException refusal =
                    assertThrows(ChainRequestException.class, () -> chain.run().restore("culprit"));
            assertTrue(refusal.getMessage().contains("cannot start again"), refusal::getMessage);
            assertEquals(FunctionState.QUARANTINED, health(chain, "culprit").state());
            ChainRequestException unknown =
                    assertThrows(ChainRequestException.class, () -> chain.run().restore("culprits"));
            assertTrue(unknown.getMessage().contains("did you mean 'culprit'?"), unknown::getMessage);
            chain.run().drain(SOON);
            assertConserved(chain);
        }
    }

    @Test
    void aSourceThatFailsTooOftenHasNoMorePackets() throws Exception {
        try (RunningChain chain = RunningChain.launch(directory, """
                chain: quarantine
                functions:
                  - {name: culprit, type: flaky-source, on-failure: {policy: closed}}
                  - {type: checking-sink}
                """)) {
            assertTrue(chain.run().await(SOON));
            assertEquals(FunctionState.QUARANTINED, health(chain, "culprit").state());
            assertEquals(10, chain.run().conservation().consumed());
            assertConserved(chain);
        }
    }

    @Test
    void aReadOnlyFunctionThatFailsHoldsNothingUp() throws Exception {
        try (RunningChain chain = RunningChain.launch(directory, """
                chain: quarantine
                functions:
                  - {type: counting-source, config: {count: 20000}}
                  - {name: inline, type: flaky-observer}
                  - parallel:
                      - {name: one, type: flaky-observer, worker: 1}
                      - {name: other, type: observer, worker: 2}
                  - {type: checking-sink, worker: 3}
                """)) {
            assertTrue(chain.run().await(SOON));
            assertEquals(FunctionState.QUARANTINED, health(chain, "inline").state());
            assertEquals(FunctionState.QUARANTINED, health(chain, "one").state());
            assertEquals(FunctionState.RUNNING, health(chain, "other").state());
            assertEquals(20_000L, chain.run().reports().get("checking-sink").get("in-order"));
            assertConserved(chain);
        }
    }

    @Test
    void theChainSaysWhatItsFunctionsDoNotSay() throws Exception {
        try (RunningChain chain = RunningChain.launch(directory, """
                chain: quarantine
                on-failure: {policy: open, limit: 7}
                functions:
                  - {type: counting-source, config: {count: 20000}}
                  - {name: culprit, type: flaky, config: {how: process}}
                  - {type: checking-sink, on-failure: {policy: stop}}
                """)) {
            assertTrue(chain.run().await(SOON));
            assertEquals(7, health(chain, "culprit").failures());
            assertEquals("open", health(chain, "culprit").policy());
            assertEquals("stop", health(chain, "checking-sink").policy());
            assertEquals(20_000, chain.run().conservation().consumed());
        }
    }
}
