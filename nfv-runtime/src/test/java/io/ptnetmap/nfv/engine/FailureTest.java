// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.deploy.ChainFailedException;
import io.ptnetmap.nfv.registry.FunctionLoadException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A function that throws and has its chain stopped for it ends it at once, and with its name; nothing hangs and nothing stays behind. */
class FailureTest {
    private static final Duration SOON = Duration.ofSeconds(8);

    @TempDir
    Path directory;

    @BeforeEach
    void forgetStops() {
        FaultyFunctions.STOPS.set(0);
    }

    private RunningChain launch(String where, long packets) throws Exception {
        return RunningChain.launch(directory, """
                chain: faults
                on-failure: {policy: stop}
                functions:
                  - {type: counting-source, config: {count: %d}}
                  - {name: first, type: faulty, worker: 1, config: {where: nowhere}}
                  - {name: culprit, type: faulty, worker: 1, config: {where: %s}}
                  - {name: last, type: faulty, worker: 1, config: {where: nowhere}}
                  - {type: checking-sink}
                """.formatted(packets, where));
    }

    @ParameterizedTest
    @CsvSource({
        "process, broken process",
        "tick, broken tick",
        "error, missing/Helper",
        "null-cause, a drop's cause",
    })
    void whatFailsWhileItRunsIsNamed(String where, String why) throws Exception {
        try (RunningChain chain = launch(where, 1_000_000_000_000L)) {
            ChainFailedException failure =
                    assertThrows(ChainFailedException.class, () -> chain.run().await(SOON));
            assertTrue(failure.getMessage().startsWith("function 'culprit' failed: "), failure::getMessage);
            assertTrue(failure.getMessage().contains(why), failure::getMessage);
            assertEquals(5, chain.run().snapshot().hops().size());
            assertTimeoutPreemptively(SOON, chain.run()::close);
        }
        assertEquals(3, FaultyFunctions.STOPS.get(), "each function is stopped once");
    }

    @Test
    void aFailureToStopIsReportedAndStopsTheOthersAllTheSame() throws Exception {
        try (RunningChain chain = launch("stop", 100)) {
            ChainFailedException failure =
                    assertThrows(ChainFailedException.class, () -> chain.run().await(SOON));
            assertEquals(
                    "function 'culprit' failed: java.lang.IllegalStateException: broken stop", failure.getMessage());
            assertEquals(100, chain.run().conservation().consumed());
            assertTimeoutPreemptively(SOON, chain.run()::close);
        }
        assertEquals(3, FaultyFunctions.STOPS.get(), "each function is stopped once");
    }

    @Test
    void aFailureToReportIsNamed() throws Exception {
        try (RunningChain chain = launch("report", 100)) {
            assertTrue(chain.run().await(SOON));
            ChainFailedException failure =
                    assertThrows(ChainFailedException.class, () -> chain.run().reports());
            assertTrue(failure.getMessage().startsWith("function 'culprit' failed: "), failure::getMessage);
        }
    }

    @Test
    void aFunctionThatCannotStartIsNamedAndTheStartedOnesAreStopped() {
        ChainFailedException failure = assertThrows(ChainFailedException.class, () -> launch("start", 100));
        assertEquals("function 'culprit' failed: java.lang.IllegalStateException: broken start", failure.getMessage());
        assertEquals(1, FaultyFunctions.STOPS.get(), "'first' has been started, 'last' has not");
    }

    @Test
    void aConfigurationThatIsRefusedAtTheStartComesWithItsField() {
        NodeConfigurationException refusal =
                assertThrows(NodeConfigurationException.class, () -> launch("config", 100));
        assertEquals("culprit", refusal.node());
        assertEquals("where", refusal.field());
    }

    @Test
    void aConstructorThatThrowsLeavesNothingRunning() {
        assertThrows(FunctionLoadException.class, () -> launch("constructor", 100));
        assertEquals(0, FaultyFunctions.STOPS.get());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void threadsAndDescriptorsAreGivenBack(int chains) throws Exception {
        launch("nowhere", 100).close();
        long before = descriptors();
        for (int i = 0; i < chains; i++) {
            launch("nowhere", 100).close();
        }
        assertEquals(before, descriptors());
        assertTrue(Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("worker-")));
    }

    private static long descriptors() {
        return Path.of("/proc/self/fd").toFile().list().length;
    }
}
