// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.engine.RunningChain;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
        List<String> left = ProcessHandle.current()
                .descendants()
                .map(CommandLines::of)
                .filter(command -> command.contains("io.ptnetmap.nfv.deploy."))
                .toList();
        assertEquals(List.of(), left);
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

    @Test
    void aRunTakesOverTheProcessesOfASupervisorThatWasKilled() throws Exception {
        Path file = Files.writeString(directory.resolve("chain.yaml"), ENDLESS);
        Path runs = directory.resolve("runs");
        Process supervisor = JavaProcess.start(Supervisor.class, List.of(file.toString(), runs.toString()));
        await(() -> Files.exists(runs) || !supervisor.isAlive(), "the first run");
        List<ProcessHandle> children = supervisor.descendants().toList();
        supervisor.destroyForcibly().waitFor();
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
    void aProcessThatWasLeftWithoutItsMemorysKeeperIsNotTakenOver() throws Exception {
        Path file = Files.writeString(directory.resolve("chain.yaml"), ENDLESS);
        Path runs = directory.resolve("runs");
        Process supervisor = JavaProcess.start(Supervisor.class, List.of(file.toString(), runs.toString()));
        await(() -> Files.exists(runs) || !supervisor.isAlive(), "the first run");
        List<ProcessHandle> children = supervisor.descendants().toList();
        supervisor.destroyForcibly().waitFor();
        ProcessHandle keeper = children.stream()
                .filter(child -> CommandLines.of(child).contains(HostMain.class.getName()))
                .findFirst()
                .orElseThrow();
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
