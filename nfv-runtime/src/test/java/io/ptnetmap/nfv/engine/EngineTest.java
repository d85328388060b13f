// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole chains, over every kind of link: nothing is lost, doubled or reordered, and every packet is accounted for. */
class EngineTest {
    private static final long COUNT = 300_000;

    @TempDir
    Path directory;

    @Test
    void oneWorkerCallsFunctionsInTurn() throws Exception {
        run("""
                chain: calls
                functions:
                  - {type: counting-source, config: {count: 300000}}
                  - {type: pass}
                  - {name: pass2, type: pass}
                  - {type: checking-sink}
                """);
    }

    /** A node has many of them. */
    @Test
    void aChainWhoseSourceTellsWhenSleepsUntilThen() throws Exception {
        long began = System.nanoTime();
        try (RunningChain chain = RunningChain.launch(directory, """
                chain: rare
                functions:
                  - {type: rare-source, config: {count: 40}}
                  - {type: pass}
                  - {type: checking-sink}
                """)) {
            chain.run().await(java.time.Duration.ofSeconds(30));
            long millis = (System.nanoTime() - began) / 1_000_000;
            assertTrue(millis >= 195, () -> "40 packets within " + millis + " ms");
            assertEquals(40, chain.run().snapshot().hops().getLast().received());
            long calls = (Long) chain.run().reports().get("rare-source").get("calls");
            assertTrue(calls >= 40 && calls < 800, () -> calls + " calls for 40 packets");
        }
    }

    @Test
    void pipesJoinFunctionsOfOneWorker() throws Exception {
        run("""
                chain: pipes
                link: {type: pipe, slots: 128}
                functions:
                  - {type: counting-source, config: {count: 300000}}
                  - {type: pass}
                  - {type: checking-sink}
                """);
    }

    @Test
    void disruptorsJoinWorkers() throws Exception {
        run("""
                chain: threads
                link: {slots: 256}
                functions:
                  - {type: counting-source, config: {count: 300000}}
                  - {type: pass, worker: 1}
                  - {type: checking-sink, worker: 0}
                """);
    }

    @Test
    void readOnlyFunctionsSeeAllPacketsInParallel() throws Exception {
        ChainSnapshot end = run("""
                chain: parallel
                functions:
                  - {type: counting-source, config: {count: 300000}}
                  - parallel:
                      - {name: a, type: observer, worker: 1}
                      - {name: b, type: observer, worker: 2}
                  - {type: checking-sink, worker: 0}
                """);
        assertEquals(COUNT, end.hops().get(1).received());
        assertEquals(COUNT, end.hops().get(2).received());
    }

    @Test
    void functionsInProcessesOfTheirOwn() throws Exception {
        run("""
                chain: processes
                functions:
                  - {type: counting-source, config: {count: 300000}}
                  - {type: pass, process: own}
                  - {type: checking-sink}
                """);
    }

    private ChainSnapshot run(String yaml) throws Exception {
        Path file = Files.writeString(directory.resolve("chain.yaml"), yaml);
        try (FunctionRegistry functions = FunctionRegistry.open()) {
            Chain chain = ChainDescriptor.read(file).resolve(functions, List.of());
            try (ChainRun run = new Launcher().launch(chain, new LaunchOptions(functions, Optional.empty()))) {
                assertTrue(run.await(Duration.ofSeconds(30)), () -> "not done: " + run.snapshot());
                ChainSnapshot end = run.snapshot();
                assertTrue(run.conservation().holds(), () -> run.conservation().toString());
                assertEquals(COUNT, run.conservation().consumed(), end::toString);
                assertEquals(
                        "{in-order=" + COUNT + "}",
                        run.reports().get("checking-sink").toString());
                return end;
            }
        }
    }
}
