// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.capture.TapOptions;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.engine.RunningChain;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainHealth.FunctionState;
import io.ptnetmap.nfv.telemetry.ChainHealth.PartState;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chains of several processes: what dies, what is refused, and what must not be left behind. */
class ProcessesTest {
    private static final String ENDLESS = """
            chain: processes
            functions:
              - {type: counting-source, config: {count: 1000000000000}}
              - {name: own, type: pass, process: own}
              - {name: sink, type: slow-sink}
            """;

    @TempDir
    Path directory;

    /** Launches an endless chain, says so and waits to be killed. */
    public static final class Supervisor {
        private Supervisor() {}

        /** @param arguments chain file, and a file to make once packets arrive */
        public static void main(String[] arguments) throws Exception {
            try (RunningChain chain = RunningChain.launch(Path.of(arguments[0]))) {
                awaitConsumed(chain.run());
                Files.createFile(Path.of(arguments[1]));
                Thread.sleep(Duration.ofMinutes(1));
            }
        }
    }

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        assertEquals(List.of(), LiveChains.processesLeft());
    }

    private RunningChain launchFaulty(String where) throws Exception {
        return RunningChain.launch(directory, """
                chain: refused
                functions:
                  - {type: counting-source, config: {count: 100}}
                  - {name: culprit, type: faulty, process: own, on-failure: {policy: stop}, config: {where: %s}}
                  - {type: checking-sink}
                """.formatted(where));
    }

    @Test
    void aRefusalInAnotherProcessNamesNodeAndField() {
        NodeConfigurationException refusal =
                assertThrows(NodeConfigurationException.class, () -> launchFaulty("config"));
        assertEquals("culprit", refusal.node());
        assertEquals("where", refusal.field());
        assertEquals("nowhere to be found; choose another", refusal.getMessage());
    }

    @Test
    void aFailureInAnotherProcessNamesTheFunction() throws Exception {
        try (RunningChain chain = launchFaulty("error")) {
            ChainFailedException later =
                    assertThrows(ChainFailedException.class, () -> chain.run().await(Duration.ofSeconds(10)));
            assertTrue(later.getMessage().contains("'culprit'"), later::getMessage);
            assertEquals(3, chain.run().snapshot().hops().size(), "accounts as of the last look");
            assertEquals(100, chain.run().conservation().created());
        }
    }

    /** Their sockets and files lie in the same place, and so do directories of chains whose files are called so. */
    @Test
    void namesWithTheSameHashAreToldApart() throws Exception {
        assertEquals("lan".hashCode(), "lc0".hashCode());
        List<RunningChain> chains = new ArrayList<>();
        try {
            for (String name : List.of("lan", "lc0")) {
                Path file = Files.writeString(directory.resolve(name + ".yaml"), "chain: " + name + """

                        functions:
                          - {type: counting-source, config: {count: 100000}}
                          - {name: lan, type: pass, process: own}
                          - {name: lc0, type: pass, process: own}
                          - {name: sink, type: checking-sink}
                        """);
                chains.add(RunningChain.launch(file));
            }
            for (RunningChain chain : chains) {
                assertTrue(chain.run().await(Duration.ofSeconds(60)));
                assertEquals(
                        List.of(100_000L, 100_000L, 100_000L),
                        chain.run().snapshot().hops().stream()
                                .skip(1)
                                .map(Hop::received)
                                .toList());
            }
        } finally {
            chains.forEach(RunningChain::close);
        }
    }

    @Test
    void aSecondRunOfAChainIsRefused() throws Exception {
        try (RunningChain first = RunningChain.launch(directory, ENDLESS)) {
            ChainFailedException refusal =
                    assertThrows(ChainFailedException.class, () -> RunningChain.launch(directory, ENDLESS));
            assertTrue(refusal.getMessage().contains("is running already"), refusal::getMessage);
            awaitConsumed(first.run());
        }
        assertEquals(List.of("lock"), socketsOf(directory.resolve("chain.yaml")));
    }

    @Test
    void aKilledProcessIsStartedAgainAndTheAccountsGoOn() throws Exception {
        try (RunningChain chain = RunningChain.launch(directory, ENDLESS)) {
            awaitConsumed(chain.run());
            Hop before = own(chain.run());
            process(before).destroyForcibly();
            await(() -> !own(chain.run()).process().equals(before.process()), "another process");
            assertTrue(own(chain.run()).received() >= before.received(), "accounts of the dead process");
            long consumed = chain.run().conservation().consumed();
            await(() -> chain.run().conservation().consumed() > consumed, "packets again");
            chain.run().drain(Duration.ofSeconds(10));
            Conservation end = chain.run().conservation();
            assertEquals(0, end.held(), end::toString);
            // What the dead process held is lost; nothing appears twice.
            assertTrue(end.unaccounted() >= 0, end::toString);
        }
    }

    private static ChainHealth.Part part(ChainRun run) {
        return run.health().parts().getFirst();
    }

    @Test
    void aProcessThatKeepsDyingIsStartedAgainAfterLongerAndLongerPauses() throws Exception {
        try (RunningChain chain = RunningChain.launch(directory, ENDLESS)) {
            assertEquals(0, part(chain.run()).restarts());
            assertEquals(List.of(), part(chain.run()).lastWords());
            for (int death = 0; death < 4; death++) {
                process(own(chain.run())).destroyForcibly();
                long killed = System.nanoTime();
                Set<PartState> states = EnumSet.noneOf(PartState.class);
                int restarts = death + 1;
                await(
                        () -> {
                            ChainHealth.Part part = part(chain.run());
                            states.add(part.state());
                            return part.restarts() == restarts && part.state() == PartState.RUNNING;
                        },
                        "another process");
                long pauseMillis = death == 0 ? 0 : 100L << death - 1;
                long took = Duration.ofNanos(System.nanoTime() - killed).toMillis();
                assertTrue(took >= pauseMillis, () -> took + " ms instead of " + pauseMillis);
                assertEquals(death > 0, states.contains(PartState.WAITING), "it is told that it waits");
                assertEquals(List.of("killed by signal 9"), part(chain.run()).lastWords());
                assertEquals("own", chain.run().health().functions().get(1).name());
            }
            long consumed = chain.run().conservation().consumed();
            await(() -> chain.run().conservation().consumed() > consumed, "packets again");
            chain.run().drain(Duration.ofSeconds(10));
            Conservation end = chain.run().conservation();
            assertTrue(end.held() == 0 && end.unaccounted() >= 0, end::toString);
        }
    }

    @Test
    void aChainThatIsToStopDoesSoWhenItsProcessDiesTooOften() throws Exception {
        String stopping = ENDLESS.replace("process: own", "process: own, on-failure: {policy: stop, limit: 1}");
        try (RunningChain chain = RunningChain.launch(directory, stopping)) {
            process(own(chain.run())).destroyForcibly();
            await(
                    () -> part(chain.run()).restarts() == 1 && part(chain.run()).state() == PartState.RUNNING,
                    "another process");
            process(own(chain.run())).destroyForcibly();
            ChainFailedException failure =
                    assertThrows(ChainFailedException.class, () -> chain.run().await(Duration.ofSeconds(10)));
            assertTrue(failure.getMessage().contains("died 2 times within 60 s"), failure::getMessage);
            assertEquals(List.of("killed by signal 9"), failure.details());
            assertEquals(PartState.FAILED, part(chain.run()).state());
        }
    }

    @Test
    void aFunctionInAnotherProcessIsQuarantinedAndRestored() throws Exception {
        try (RunningChain chain = RunningChain.launch(directory, """
                chain: quarantine
                functions:
                  - {type: counting-source, config: {count: 1000000000000}}
                  - {name: culprit, type: faulty, process: own, on-failure: {limit: 3}, config: {where: error}}
                  - {type: checking-sink}
                """)) {
            await(() -> chain.run().health().functions().get(1).state() == FunctionState.QUARANTINED, "the quarantine");
            assertEquals(3, chain.run().health().functions().get(1).failures());
            chain.run().restore("culprit");
            await(() -> chain.run().health().functions().get(1).failures() == 6, "as many failures again");
            chain.run().drain(Duration.ofSeconds(10));
            assertTrue(chain.run().conservation().holds(), chain.run().conservation()::toString);
            assertEquals(0, chain.run().conservation().consumed());
        }
    }

    @Test
    void aCaptureGoesOnInTheNextProcess() throws Exception {
        try (RunningChain chain = RunningChain.launch(directory, ENDLESS)) {
            PacketTap tap = chain.run().tap("counting-source..own", TapOptions.ALL.withSnaplen(20));
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    tap.writeTo(OutputStream.nullOutputStream());
                } catch (IOException impossible) {
                    throw new UncheckedIOException(impossible);
                }
            });
            await(() -> tap.counts().written() > 100, "packets");
            Hop before = own(chain.run());
            process(before).destroyForcibly();
            await(() -> !own(chain.run()).process().equals(before.process()), "another process");
            long written = tap.counts().written();
            await(() -> tap.counts().written() > written + 100, "packets of the next one");
            tap.close();
            writer.join();
        }
    }

    /** The processes of a run whose supervisor was killed. */
    private List<ProcessHandle> leftBehind(Path file) throws Exception {
        Path runs = directory.resolve("runs");
        Process supervisor = JavaProcess.start(Supervisor.class, List.of(file.toString(), runs.toString()));
        await(() -> Files.exists(runs) || !supervisor.isAlive(), "the first run");
        List<ProcessHandle> children = supervisor.descendants().toList();
        supervisor.destroyForcibly().waitFor();
        return children;
    }

    @Test
    void aRunTakesOverTheProcessesOfASupervisorThatWasKilled() throws Exception {
        Path file = Files.writeString(directory.resolve("chain.yaml"), ENDLESS);
        List<ProcessHandle> children = leftBehind(file);
        try (RunningChain chain = RunningChain.launch(file)) {
            Hop own = own(chain.run());
            assertTrue(children.contains(process(own)), own::process);
            awaitConsumed(chain.run());
            chain.run().drain(Duration.ofSeconds(10));
            assertEquals(0, chain.run().conservation().held());
        }
        // The process that keeps the memory ends by itself when nobody is attached any more; now it has no other user.
        children.forEach(ProcessHandle::destroy);
        await(() -> children.stream().noneMatch(ProcessHandle::isAlive), "their end");
    }

    @Test
    void aProcessThatDiesAfterItsMemorysKeeperEndsTheChain() throws Exception {
        try (RunningChain chain = RunningChain.launch(directory, ENDLESS)) {
            awaitConsumed(chain.run());
            ProcessHandle keeper = keeper(ProcessHandle.current().descendants());
            keeper.destroyForcibly();
            keeper.onExit().join();
            process(own(chain.run())).destroyForcibly();
            ChainFailedException failure =
                    assertThrows(ChainFailedException.class, () -> chain.run().await(Duration.ofSeconds(10)));
            assertTrue(
                    failure.getMessage().contains("the process that keeps the chain's memory is gone"),
                    failure::getMessage);
            assertEquals(List.of("killed by signal 9"), failure.details());
        }
    }

    private static ProcessHandle keeper(Stream<ProcessHandle> processes) {
        return processes
                .filter(child -> CommandLines.of(child).contains(HostMain.class.getName()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aProcessThatWasLeftWithoutItsMemorysKeeperIsNotTakenOver() throws Exception {
        Path file = Files.writeString(directory.resolve("chain.yaml"), ENDLESS);
        List<ProcessHandle> children = leftBehind(file);
        ProcessHandle keeper = keeper(children.stream());
        keeper.destroyForcibly();
        keeper.onExit().join();
        try (RunningChain chain = RunningChain.launch(file)) {
            awaitConsumed(chain.run());
            assertFalse(children.contains(process(own(chain.run()))));
        }
        await(() -> children.stream().noneMatch(ProcessHandle::isAlive), "their end");
    }

    private static Hop own(ChainRun run) {
        return run.snapshot().hops().stream()
                .filter(hop -> hop.name().equals("own"))
                .findFirst()
                .orElseThrow();
    }

    private static ProcessHandle process(Hop hop) {
        return ProcessHandle.of(Long.parseLong(hop.process().substring("pid ".length())))
                .orElseThrow();
    }

    private static List<String> socketsOf(Path file) throws Exception {
        try (FunctionRegistry functions = FunctionRegistry.open();
                RunDirectory run = RunDirectory.claim(ChainDescriptor.read(file).resolve(functions, List.of()));
                Stream<Path> files = Files.list(run.hostSocket().getParent())) {
            return files.map(path -> path.getFileName().toString()).toList();
        }
    }

    private static void awaitConsumed(ChainRun run) throws InterruptedException {
        await(() -> run.snapshot().hops().getLast().consumed() > 1000, "packets");
    }

    private static void await(BooleanSupplier condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "in time: " + what);
            Thread.sleep(10);
        }
    }
}
