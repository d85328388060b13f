// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every verdict, both ways, over every kind of link: the accounts balance to the packet. */
class VerdictTest {
    private static final long COUNT = 100_000;

    @TempDir
    Path directory;

    private record End(ChainSnapshot snapshot, Conservation conservation) {
        Hop hop(String name) {
            return snapshot.hops().stream()
                    .filter(hop -> hop.name().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private End run(String rest) throws Exception {
        return run("", rest);
    }

    private End run(String usualLink, String rest) throws Exception {
        String yaml = """
                chain: verdicts
                %s
                functions:
                  - {name: source, type: counting-source, config: {count: %d}}
                %s
                """.formatted(usualLink, COUNT, rest);
        try (RunningChain chain = RunningChain.launch(directory, yaml)) {
            assertTrue(
                    chain.run().await(Duration.ofSeconds(20)),
                    () -> "not done: " + chain.run().snapshot());
            End end = new End(chain.run().snapshot(), chain.run().conservation());
            assertTrue(end.conservation().holds(), () -> end.conservation().toString());
            assertEquals(0, end.conservation().held());
            for (Hop hop : end.snapshot().hops()) {
                assertEquals(0, hop.unaccounted(), hop::toString);
            }
            return end;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "link: {type: pipe, slots: 64}",
                "link: {type: pipe, slots: 64, policy: drop}",
                "link: {slots: 64, policy: drop}",
            })
    void everyVerdictIsBookedOnce(String usualLink) throws Exception {
        End end = run(usualLink, """
                  - {name: one, type: mixer}
                  - {name: two, type: mixer, worker: 1}
                  - {name: three, type: pass, worker: 1}
                  - {name: four, type: mixer}
                  - {name: mirror, type: mirror, worker: 1}
                """);
        assertTrue(end.hop("two").created() != 0);
        assertTrue(end.hop("two").consumed() != 0);
        assertTrue(end.hop("two").drops().get("mixed") != 0);
        assertTrue(end.hop("source").drops().get("returned-to-source") != 0);
        assertTrue(end.hop("mirror").received() != 0);
    }

    @Test
    void aMirrorSendsAllPacketsBackToTheSource() throws Exception {
        End end = run("""
                  - {type: pass}
                  - {name: mirror, type: mirror}
                """);
        assertEquals(2 * COUNT, end.hop("pass").received());
        assertEquals(2 * COUNT, end.hop("pass").sent());
        assertEquals(COUNT, end.hop("source").drops().get("returned-to-source"));
    }

    @Test
    void packetsBetweenTwoMirrorsAreDroppedAfterSomeTurns() throws Exception {
        End end = run("""
                  - {name: half, type: mixer}
                  - {name: wall, type: wall}
                  - {name: mirror, type: mirror}
                """);
        long tooOften = end.snapshot().hops().stream()
                .mapToLong(hop -> hop.drops().getOrDefault("reflected-too-often", 0L))
                .sum();
        assertTrue(tooOften > 0, end.snapshot()::toString);
    }

    @Test
    void aFullLinkDropsWhereItsPolicySaysSo() throws Exception {
        End end = run("""
                  - {name: sink, type: slow-sink, worker: 1, link: {slots: 16, policy: drop}}
                """);
        assertEquals(
                COUNT,
                end.hop("source").drops().get("link-full") + end.hop("sink").consumed());
    }

    @Test
    void aFullLinkWaitsWhereItsPolicySaysSo() throws Exception {
        End end = run("""
                  - {name: sink, type: slow-sink, worker: 1, link: {slots: 2048, policy: block}}
                """);
        assertEquals(COUNT, end.hop("sink").consumed());
    }

    @Test
    void aChainThatIsDrainedWhileALinkIsFullLosesNothing() throws Exception {
        try (RunningChain chain = RunningChain.launch(directory, """
                chain: drained
                functions:
                  - {name: source, type: counting-source, config: {count: 1000000000000}}
                  - {name: mixed, type: mixer}
                  - {name: piped, type: pass, link: {type: pipe, slots: 64}}
                  - {name: sink, type: slow-sink, worker: 1, link: {slots: 256}}
                """)) {
            Thread.sleep(100);
            chain.run().drain(Duration.ofSeconds(10));
            Conservation end = chain.run().conservation();
            assertTrue(end.holds() && end.held() == 0 && end.consumed() > 0, end::toString);
            chain.run().snapshot().hops().forEach(hop -> assertEquals(0, hop.unaccounted(), hop::toString));
        }
    }
}
