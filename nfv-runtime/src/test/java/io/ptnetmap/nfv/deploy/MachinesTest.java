// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.capture.PacketTrace;
import io.ptnetmap.nfv.capture.TraceOptions;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.engine.Profiler;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.telemetry.ChainHealth.PartState;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.TimeUse;
import io.ptnetmap.nfv.vm.MachineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chains in virtual machines, with a {@link FakeGuest} in the place of each. */
class MachinesTest {
    private static final String TWO_MACHINES = """
            chain: machines
            vms: {two: {memory: 256Mi}}
            functions:
              - {type: counting-source, config: {count: COUNT}}
              - {name: a, type: pass, vm: one}
              - {name: b, type: pass, vm: two}
              - {name: c, type: pass, vm: two, worker: 1}
              - {name: sink, type: checking-sink}
            """;

    @TempDir
    Path directory;

    private final FunctionRegistry functions = FunctionRegistry.open();
    private LaunchOptions.Machines machines;

    @BeforeEach
    void makeMachines() throws IOException {
        machines = FakeMachines.in(directory);
    }

    @AfterEach
    void nothingIsLeftBehind() {
        functions.close();
        assertEquals(List.of(), FakeMachines.running());
    }

    private ChainRun launch(String yaml) throws IOException {
        return launch(yaml, Optional.empty());
    }

    private ChainRun launch(String yaml, Optional<LaunchOptions.Profile> profile) throws IOException {
        Chain chain = ChainDescriptor.read(Files.writeString(directory.resolve("chain.yaml"), yaml))
                .resolve(functions, List.of());
        return new Launcher().launch(chain, new LaunchOptions(functions, Optional.empty(), machines, profile));
    }

    private static Hop hop(ChainRun run, String name) {
        return run.snapshot().hops().stream()
                .filter(hop -> hop.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void functionsOfTwoMachinesCountEveryPacket() throws Exception {
        try (ChainRun run = launch(TWO_MACHINES.replace("COUNT", "100000"))) {
            assertTrue(run.await(Duration.ofSeconds(60)), () -> run.snapshot().toString());
            assertEquals(
                    List.of("same", "vm one", "vm two", "vm two", "same"),
                    run.snapshot().hops().stream().map(Hop::process).toList());
            for (String name : List.of("a", "b", "c", "sink")) {
                assertEquals(100_000, hop(run, name).received(), name);
            }
            assertEquals("thread", hop(run, "c").link().kind(), "neighbours in one machine are joined inside it");
            assertTrue(run.conservation().holds(), run.conservation()::toString);
            assertEquals(0, run.conservation().held());
        }
    }

    @Test
    void packetsAreFollowedThroughMachines() throws Exception {
        try (ChainRun run = launch(TWO_MACHINES.replace("COUNT", "1000000000000"))) {
            List<PacketTrace> traces = new ArrayList<>();
            try (PacketTracer tracer = run.trace(new TraceOptions("", 3))) {
                for (int i = 0; i < 100 && !tracer.isOver(); i++) {
                    tracer.next(Duration.ofMillis(500)).ifPresent(traces::add);
                }
            }
            assertEquals(3, traces.size());
            for (PacketTrace trace : traces) {
                assertEquals(
                        List.of("counting-source same", "a vm one", "b vm two", "c vm two", "sink same"),
                        trace.steps().stream()
                                .map(step -> step.function() + " " + step.process())
                                .toList());
                assertEquals(
                        List.of(false, false, false, true, false),
                        trace.steps().stream()
                                .map(step -> step.linkNanos().isPresent())
                                .toList(),
                        "clocks of machines differ");
                assertEquals("consumed by 'sink'", trace.end());
            }
        }
    }

    @Test
    void machinesTakeTheTimeOfTheirFunctions() throws Exception {
        LaunchOptions.Profile profile = new LaunchOptions.Profile(Profiler.TIMES_ONLY, Optional.empty());
        try (ChainRun run = launch(TWO_MACHINES.replace("COUNT", "100000"), Optional.of(profile))) {
            assertTrue(run.await(Duration.ofSeconds(60)), () -> run.snapshot().toString());
            TimeUse times = run.timeUse();
            assertEquals(
                    List.of("same", "vm one", "vm two", "vm two", "same"),
                    times.functions().stream().map(TimeUse.Function::process).toList());
            times.functions().forEach(function -> assertTrue(function.nanos() > 0, function::toString));
            assertEquals(4, times.workers().size());
        }
    }

    @Test
    void aMachineThatDiesIsStartedAgainAndTheAccountsGoOn() throws Exception {
        try (ChainRun run = launch(TWO_MACHINES.replace("COUNT", "1000000000000"))) {
            await(() -> hop(run, "sink").consumed() > 10_000, "packets");
            List<ProcessHandle> before = FakeMachines.running();
            assertEquals(2, before.size());
            long received = hop(run, "a").received();
            before.getFirst().destroyForcibly();
            // Whoever asks for the accounts notices.
            long consumed = hop(run, "sink").consumed();
            await(() -> FakeMachines.running().stream().anyMatch(guest -> !before.contains(guest)), "another machine");
            await(() -> hop(run, "sink").consumed() > consumed + 10_000, "packets again");
            assertTrue(hop(run, "a").received() >= received, "accounts of the dead machine");
            run.drain(Duration.ofSeconds(30));
            Conservation end = run.conservation();
            assertEquals(0, end.held(), end::toString);
            assertTrue(end.unaccounted() >= 0, end::toString);
        }
    }

    @Test
    void nobodyWaitsForAMachineThatIsStartedAgain() throws Exception {
        try (ChainRun run = launch(TWO_MACHINES.replace("COUNT", "1000000000000"))) {
            await(() -> hop(run, "sink").consumed() > 10_000, "packets");
            FakeMachines.hold(directory);
            ProcessHandle dead = FakeMachines.running().getFirst();
            dead.destroyForcibly();
            dead.onExit().join();
            await(() -> states(run).contains(PartState.STARTING), "a look at it");
            assertEquals(EnumSet.of(PartState.RUNNING, PartState.STARTING), states(run));
            long began = System.nanoTime();
            int looks = 20;
            for (int i = 0; i < looks; i++) {
                assertEquals(5, run.snapshot().hops().size());
                assertTrue(run.health().impaired());
                run.conservation();
                run.latency();
                assertFalse(run.await(Duration.ZERO));
            }
            Duration look = Duration.ofNanos((System.nanoTime() - began) / looks);
            assertTrue(look.toMillis() < 100, look::toString);
            assertEquals(EnumSet.of(PartState.RUNNING, PartState.STARTING), states(run), "it is held");

            FakeMachines.release(directory);
            await(() -> states(run).equals(EnumSet.of(PartState.RUNNING)), "the machine");
            long consumed = hop(run, "sink").consumed();
            await(() -> hop(run, "sink").consumed() > consumed + 10_000, "packets again");
            run.drain(Duration.ofSeconds(30));
            Conservation end = run.conservation();
            assertTrue(end.held() == 0 && end.unaccounted() >= 0, end::toString);
        }
    }

    @Test
    void aChainEndsWhileAMachineOfItsIsStartedAgain() throws Exception {
        long began;
        try (ChainRun run = launch(TWO_MACHINES.replace("COUNT", "1000000000000"))) {
            await(() -> hop(run, "sink").consumed() > 10_000, "packets");
            FakeMachines.hold(directory);
            FakeMachines.running().getFirst().destroyForcibly();
            await(() -> states(run).contains(PartState.STARTING), "a look at it");
            await(() -> FakeMachines.running().size() == 2, "the machine that is to boot");
            began = System.nanoTime();
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        assertTrue(took.toSeconds() < 20, took::toString);
    }

    private static Set<PartState> states(ChainRun run) {
        Set<PartState> states = EnumSet.noneOf(PartState.class);
        run.health().parts().forEach(part -> states.add(part.state()));
        return states;
    }

    @Test
    void aRefusalInAMachineNamesNodeAndField() {
        NodeConfigurationException refusal = assertThrows(NodeConfigurationException.class, () -> launch("""
                        chain: refused
                        functions:
                          - {type: counting-source, config: {count: 100}}
                          - {name: culprit, type: faulty, vm: one, config: {where: config}}
                          - {type: checking-sink}
                        """));
        assertEquals("culprit", refusal.node());
        assertEquals("where", refusal.field());
    }

    @Test
    void aMachineThatDoesNotGetReadyShowsWhatItHasSaid() throws Exception {
        FakeGuest.program(directory, "two");
        ChainFailedException failure =
                assertThrows(ChainFailedException.class, () -> launch(TWO_MACHINES.replace("COUNT", "1")));
        assertEquals("virtual machine 'two' ended while starting", failure.getMessage());
        String details = String.join("\n", failure.details());
        assertTrue(details.contains("the guest has booted") && details.contains("this guest has no disk"), details);
    }

    @Test
    void whatIsMissingIsNamedBeforeAnythingIsStarted() throws Exception {
        Files.delete(directory.resolve("image/root.squashfs"));
        ChainFailedException failure =
                assertThrows(ChainFailedException.class, () -> launch(TWO_MACHINES.replace("COUNT", "1")));
        assertTrue(failure.getCause() instanceof MachineException, failure::toString);
        assertTrue(failure.getMessage().contains("./nfv setup image"), failure::getMessage);
    }

    @Test
    void portsAreTheSameForBothSides() throws Exception {
        ChainDescriptor descriptor = ChainDescriptor.read(
                Files.writeString(directory.resolve("chain.yaml"), TWO_MACHINES.replace("COUNT", "1")));
        Chain chain = descriptor.resolve(functions, List.of());
        assertEquals(
                List.of(
                        "netmap:machines}0@conf:slots=1024",
                        "netmap:machines{1@conf:slots=1024",
                        "netmap:machines_part0{0@conf:slots=1537"),
                VmMain.portsOf(chain, "one"));
        assertEquals(
                List.of(
                        "netmap:machines}1@conf:slots=1024",
                        "netmap:machines{3@conf:slots=1024",
                        "netmap:machines_part1{0@conf:slots=1024",
                        "netmap:machines_part1{1@conf:slots=1024",
                        "netmap:machines_part1{2@conf:slots=1537",
                        "netmap:machines_part1{3@conf:slots=1537"),
                VmMain.portsOf(chain, "two"));
    }

    private static void await(BooleanSupplier condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertFalse(System.nanoTime() - deadline > 0, "not in time: " + what);
            Thread.sleep(20);
        }
    }
}
