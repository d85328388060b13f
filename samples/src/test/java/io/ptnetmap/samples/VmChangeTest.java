// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.ChainStates;
import io.ptnetmap.nfv.deploy.ChangeReport;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.state.FunctionStates;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainHealth.Recovery;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A chain that is changed inside a virtual machine while packets flow through it. */
@Tag("vm")
class VmChangeTest {
    private static final long LOAD = 20_000;
    private static final String DROPPING =
            "{default: drop, rules: [{name: discard, action: accept, protocol: udp, destination-port: [9]}]}";
    private static final String ACCEPTING = "{default: accept}";
    private static final String MONITOR = "  - {type: monitor, vm: edge}\n";

    @TempDir
    Path directory;

    private final FunctionRegistry functions = FunctionRegistry.open();

    @BeforeEach
    void needMachines() {
        Machines.need();
    }

    @AfterEach
    void noMachineIsLeft() {
        functions.close();
        assertEquals(List.of(), Machines.of(ProcessHandle.current()));
    }

    private Path chain(String firewall, String others) throws Exception {
        return Files.writeString(directory.resolve("chain.yaml"), """
                chain: changed
                functions:
                  - {type: generator, config: {count: 0, size: 64-1514, flows: 100, source: 10.1.0.0/24, source-port: 1024-2047}}
                  - {type: firewall, vm: edge, config: %s}
                %s  - {type: sink, config: {check-content: true}}
                """.formatted(firewall, others));
    }

    private static long consumed(ChainRun run) {
        return Chains.hop(run.snapshot(), "sink").consumed();
    }

    private static void flow(ChainRun run) throws InterruptedException {
        long sofar = consumed(run);
        Machines.awaitThat("traffic flows", () -> consumed(run) > sofar + LOAD);
    }

    private void change(ChainRun run, String firewall, String others) throws Exception {
        ChangeReport report =
                run.change(ChainDescriptor.read(chain(firewall, others)).resolve(functions, List.of()));
        System.out.printf(
                "%s: %d ms, of which packets waited %s us%n",
                report.steps(),
                report.nanos() / 1_000_000,
                report.pauses().stream().map(pause -> pause.nanos() / 1000).toList());
        assertTrue(report.conserved(), report::toString);
        assertEquals(0, report.overtakable(), report::toString);
        assertEquals(List.of(), report.mishaps(), report::toString);
        flow(run);
    }

    private static void kill() {
        ProcessHandle victim = Machines.of(ProcessHandle.current()).getFirst();
        assertTrue(victim.destroyForcibly());
        victim.onExit().join();
    }

    private static List<String> places(ChainRun run) {
        return run.snapshot().hops().stream()
                .map(hop -> hop.name() + " " + hop.process())
                .toList();
    }

    private static void assertNoneLost(ChainRun run) {
        String sequence = run.reports().get("sink").get("generators").toString();
        for (String wrong : List.of("lost=0", "duplicated=0", "reordered=0")) {
            assertTrue(sequence.contains(wrong), sequence);
        }
    }

    @Test
    void aFirewallIsChangedAndAMonitorComesInAndBothOutliveTheMachine() throws Exception {
        Chains.run(chain(DROPPING, ""), run -> {
            flow(run);
            change(run, ACCEPTING, "");
            change(run, ACCEPTING, MONITOR);
            assertNoneLost(run);
            List<String> changed = List.of("generator same", "firewall vm edge", "monitor vm edge", "sink same");
            assertEquals(changed, places(run));
            Hop monitor = Chains.hop(run.snapshot(), "monitor");
            assertTrue(monitor.received() >= LOAD / 2, monitor::toString);
            kill();
            flow(run);
            assertEquals(changed, places(run));
            assertTrue(Chains.hop(run.snapshot(), "monitor").received() > monitor.received());
            change(run, DROPPING, "");
            run.drain(Duration.ofMinutes(1));
            String sequence = run.reports().get("sink").get("generators").toString();
            assertTrue(sequence.contains("duplicated=0"), sequence);
            assertTrue(
                    run.conservation().unaccounted() >= 0,
                    () -> run.conservation().toString());
            assertEquals(0, run.conservation().held());
        });
    }

    private static long counted(ChainRun run) {
        return ((Number) run.reports().get("monitor").get("packets")).longValue();
    }

    @Test
    void whatAMonitorHasCountedOutlivesItsMachine() throws Exception {
        String kept = MONITOR.replace("vm: edge", "vm: edge, persist: 2s");
        Chain chain = ChainDescriptor.read(chain(ACCEPTING, kept)).resolve(functions, List.of());
        try (FunctionStates store = FunctionStates.open(directory.resolve(FunctionStates.FILE))) {
            ChainStates states = store.of(chain.name());
            LaunchOptions options = new LaunchOptions(
                    functions,
                    Optional.empty(),
                    LaunchOptions.Machines.ofThisUser(),
                    Optional.empty(),
                    Optional.of(states),
                    run -> {});
            try (ChainRun run = new Launcher().launch(chain, options)) {
                flow(run);
                long counted = counted(run);
                Instant then = Instant.now();
                Machines.awaitThat(
                        "a state",
                        () -> states.kept().containsKey("monitor")
                                && states.kept().get("monitor").at().isAfter(then));
                kill();
                flow(run);
                Recovery recovery = run.health().functions().stream()
                        .filter(function -> function.name().equals("monitor"))
                        .findFirst()
                        .flatMap(ChainHealth.Function::recovery)
                        .orElseThrow();
                assertEquals("", recovery.refusal());
                // The machine's clock is set to the second.
                assertTrue(recovery.age().compareTo(Machines.PATIENCE) < 0, recovery::toString);
                assertTrue(counted(run) > counted + LOAD / 2, () -> counted + ", but " + run.reports());
                run.drain(Duration.ofMinutes(1));
            }
            assertTrue(states.kept().containsKey("monitor"));
        }
    }
}
