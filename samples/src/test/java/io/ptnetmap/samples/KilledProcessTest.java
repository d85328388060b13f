// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code processes.yaml} under load, one of whose processes is killed. */
class KilledProcessTest {
    private static final long LOAD = 50_000;
    private static final long MOST_SECONDS = 60;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"firewall", "monitor"})
    void trafficFlowsOnThroughANewProcess(String victim) throws Exception {
        Chains.End end = Chains.run(endless(), run -> {
            awaitThat("traffic flows", () -> consumed(run) > LOAD);
            String before = Chains.hop(run.snapshot(), victim).process();
            kill(before);
            awaitThat(victim + " is started again", () -> {
                String now = Chains.hop(run.snapshot(), victim).process();
                return !now.equals(before);
            });
            long sofar = consumed(run);
            awaitThat("traffic flows again", () -> consumed(run) > sofar + LOAD);
            assertNotEquals(before, Chains.hop(run.snapshot(), victim).process());
            run.drain(Duration.ofSeconds(30));
        });
        for (Hop hop : end.accounts().hops()) {
            // The last look at the dead process may have found it in the middle of a batch.
            long most = hop.name().equals(victim) ? PacketBatch.MAX_SIZE : 0;
            assertTrue(0 <= hop.unaccounted() && hop.unaccounted() <= most, hop::toString);
            assertEquals(0, hop.held(), hop::toString);
        }
        // What the process held when it died, and what it had done since the last look, is all that may be missing.
        assertTrue(
                end.conservation().unaccounted() >= 0, () -> end.conservation().toString());
        String sequence = end.reports().get("sink").get("generators").toString();
        assertTrue(sequence.contains("duplicated=0"), sequence);
        assertTrue(end.hop("sink").consumed() > 2 * LOAD);
    }

    private Path endless() throws Exception {
        String text = Files.readString(Chains.DIRECTORY.resolve("processes.yaml"));
        assertTrue(text.contains("count: 2M"), text);
        return Files.writeString(directory.resolve("endless.yaml"), text.replace("count: 2M", "count: 0"));
    }

    private static long consumed(ChainRun run) {
        return Chains.hop(run.snapshot(), "sink").consumed();
    }

    private static void kill(String process) {
        long pid = Long.parseLong(process.substring("pid ".length()));
        assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
    }

    private static void awaitThat(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(MOST_SECONDS).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadline < 0, "not in time: " + what);
            Thread.sleep(20);
        }
    }
}
