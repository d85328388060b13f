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
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A chain that is changed inside a virtual machine while packets flow through it. */
@Tag("vm")
class VmChangeTest {
    private static final long LOAD = 20_000;
    private static final String DROPPING =
            "{default: drop, rules: [{name: discard, action: accept, protocol: udp, destination-port: [9]}]}";
    private static final String ACCEPTING = "{default: accept}";
    private static final String MONITOR = "  - {type: monitor, vm: edge}\n";
    private static final String BY_PIPES = """
            chain: changed
            functions:
              - {type: generator, config: {count: 0, size: 64-1514, flows: 100, source: 10.1.0.0/24, source-port: 1024-2047}}
              - {type: firewall, vm: edge, config: FIREWALL}
            OTHERS  - {type: sink, config: {check-content: true}}
            """;
    /** Slow enough for rings that have room for the packets of a second. */
    private static final long RATE = 4_000;
    /** The machine trusts nobody, so that what comes in and what goes out is copied. */
    private static final String BY_SWITCHES = """
            chain: changed
            functions:
              - {type: generator, config: {count: 0, rate: RATE, size: 64-1514, flows: 100, source: 10.1.0.0/24, source-port: 1024-2047}}
              - {type: firewall, vm: edge, trust: tenant, link: {type: vale, slots: 4096}, config: FIREWALL}
            OTHERS  - {type: sink, link: {type: vale, slots: 4096}, config: {check-content: true}}
            """;

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
        return chain(BY_PIPES, firewall, others);
    }

    private Path chain(String form, String firewall, String others) throws Exception {
        return Files.writeString(
                directory.resolve("chain.yaml"),
                form.replace("FIREWALL", firewall).replace("OTHERS", others));
    }

    private static long consumed(ChainRun run) {
        return Chains.hop(run.snapshot(), "sink").consumed();
    }

    private static void flow(ChainRun run) throws InterruptedException {
        flow(run, LOAD);
    }

    private static void flow(ChainRun run, long packets) throws InterruptedException {
        long sofar = consumed(run);
        Machines.awaitThat("traffic flows", () -> consumed(run) > sofar + packets);
    }

    private void change(ChainRun run, String firewall, String others) throws Exception {
        change(run, chain(firewall, others));
        flow(run);
    }

    private ChangeReport change(ChainRun run, Path file) {
        ChangeReport report = run.change(ChainDescriptor.read(file).resolve(functions, List.of()));
        System.out.printf(
                "%s: %d ms, of which packets waited %s us%n",
                report.steps(),
                report.nanos() / 1_000_000,
                report.pauses().stream().map(pause -> pause.nanos() / 1000).toList());
        assertTrue(report.conserved(), report::toString);
        assertEquals(0, report.overtakable(), report::toString);
        assertEquals(List.of(), report.mishaps(), report::toString);
        return report;
    }

    /** Kills the machine, and waits for the next one. */
    private static void kill(ChainRun run) throws InterruptedException {
        ProcessHandle victim = Machines.of(ProcessHandle.current()).getFirst();
        assertTrue(victim.destroyForcibly());
        victim.onExit().join();
        Machines.awaitThat("another machine", () -> {
            ChainHealth.Part machine = run.health().parts().getFirst();
            return machine.restarts() == 1 && machine.state() == ChainHealth.PartState.RUNNING;
        });
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
            kill(run);
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

    /** What the sink has found out by the packets' numbers. */
    private static JsonNode sequence(ChainRun run) {
        return JsonMapper.shared().valueToTree(run.reports().get("sink")).at("/generators/0");
    }

    /** Packets that a switch has dropped stand in the account of whoever had sent them. */
    private static long dropped(ChainRun run) {
        return run.snapshot().hops().stream().mapToLong(Hop::dropped).sum();
    }

    private void changeBesideSwitches(ChainRun run, String form, String firewall, String others, long packets)
            throws Exception {
        ChangeReport report = change(run, chain(form, firewall, others));
        assertEquals(OptionalLong.of(0), report.switchDrops(), report::toString);
        flow(run, packets);
    }

    /** All changes there are for a machine between two switches, and one of what is before it. */
    private void changeAllBesideSwitches(ChainRun run, String form, long packets) throws Exception {
        changeBesideSwitches(run, form, ACCEPTING, "", packets);
        changeBesideSwitches(run, form, ACCEPTING, MONITOR.replace("vm: edge", "vm: edge, trust: tenant"), packets);
        assertTrue(Chains.hop(run.snapshot(), "monitor").received() > 0);
        changeBesideSwitches(run, form.replace("flows: 100", "flows: 50"), DROPPING, "", packets);
    }

    @Test
    void besideSwitchesAMachineIsChangedWithoutALoss() throws Exception {
        String form = BY_SWITCHES.replace("RATE", Long.toString(RATE));
        Chains.run(chain(form, DROPPING, ""), run -> {
            flow(run, RATE);
            // A machine's first packets take it long, and the switch drops what piles up.
            long droppedBefore = dropped(run);
            long lostBefore = sequence(run).get("lost").asLong();
            changeAllBesideSwitches(run, form, RATE);
            run.drain(Duration.ofMinutes(1));
            JsonNode sequence = sequence(run);
            assertEquals(lostBefore, sequence.get("lost").asLong(), () -> sequence + ", " + run.snapshot());
            assertEquals(droppedBefore, dropped(run), () -> run.snapshot().toString());
            assertEquals(0, sequence.get("duplicated").asLong(), sequence::toString);
            assertEquals(0, sequence.get("reordered").asLong(), sequence::toString);
            assertTrue(
                    run.conservation().holds() && run.conservation().held() == 0,
                    () -> run.conservation().toString());
        });
    }

    @Test
    void besideSwitchesThatDropAllTheTimeNothingIsLostForAChange() throws Exception {
        String form = BY_SWITCHES.replace("rate: RATE, ", "");
        Chains.run(chain(form, DROPPING, ""), run -> {
            flow(run);
            changeAllBesideSwitches(run, form, LOAD);
            run.drain(Duration.ofMinutes(1));
            JsonNode sequence = sequence(run);
            assertTrue(dropped(run) > 0, "the machine is faster than the generator");
            long created = Chains.hop(run.snapshot(), "generator").created();
            // All that is missing has been counted by a switch.
            assertEquals(
                    created, sequence.get("received").asLong() + dropped(run), () -> sequence + ", " + run.snapshot());
            assertEquals(0, sequence.get("duplicated").asLong(), sequence::toString);
            assertEquals(0, sequence.get("reordered").asLong(), sequence::toString);
            assertTrue(
                    run.conservation().holds() && run.conservation().held() == 0,
                    () -> run.conservation().toString());
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
                kill(run);
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
