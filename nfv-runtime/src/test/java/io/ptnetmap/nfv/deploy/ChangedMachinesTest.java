// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static io.ptnetmap.nfv.deploy.LiveChains.arrived;
import static io.ptnetmap.nfv.deploy.LiveChains.burstSource;
import static io.ptnetmap.nfv.deploy.LiveChains.moving;
import static io.ptnetmap.nfv.deploy.LiveChains.number;
import static io.ptnetmap.nfv.deploy.LiveChains.own;
import static io.ptnetmap.nfv.deploy.LiveChains.processesLeft;
import static io.ptnetmap.nfv.deploy.LiveChains.sink;
import static io.ptnetmap.nfv.deploy.LiveChains.source;
import static io.ptnetmap.nfv.deploy.LiveChains.tally;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.deploy.ChangeOrder.Step;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.RunningChain;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains that are changed inside virtual machines that run, with a {@link FakeGuest} in the place of each. */
class ChangedMachinesTest {
    /** What a machine has in its hands when it dies: a batch each way for each of its functions at most. */
    private static final long MOST_IN_HANDS = 512 * 4;

    @TempDir
    Path directory;

    @AfterEach
    void nothingIsLeftBehind() {
        assertEquals(List.of(), FakeMachines.running());
        assertEquals(List.of(), processesLeft());
    }

    private RunningChain launch(String... elements) throws IOException {
        FunctionRegistry functions = FunctionRegistry.open();
        try {
            ChainDescriptor chain =
                    ChainDescriptor.read(Files.writeString(directory.resolve("chain.yaml"), LiveChains.yaml(elements)));
            LaunchOptions options =
                    new LaunchOptions(functions, Optional.empty(), FakeMachines.in(directory), Optional.empty());
            return new RunningChain(functions, new Launcher().launch(chain.resolve(functions, List.of()), options));
        } catch (RuntimeException refused) {
            functions.close();
            throw refused;
        }
    }

    private ChangeReport change(RunningChain running, String... elements) throws Exception {
        return LiveChains.change(directory, running, elements);
    }

    private static String inMachine(String name, int step) {
        return inMachine(name, step, "");
    }

    private static String inMachine(String name, int step, String more) {
        return "{name: " + name + ", type: tally, vm: box, config: {step: " + step + ", fault: none}" + more + "}";
    }

    private static Hop hop(RunningChain running, String name) {
        return running.run().snapshot().hops().stream()
                .filter(hop -> hop.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> places(RunningChain running) {
        return running.run().snapshot().hops().stream()
                .map(hop -> hop.name() + " " + hop.process())
                .toList();
    }

    private static void kill() {
        ProcessHandle guest = FakeMachines.running().getFirst();
        guest.destroyForcibly();
        guest.onExit().join();
    }

    /** Stops the source, lets all arrive, and checks that nothing was doubled or reordered, and lost no more than these. */
    private static void finish(RunningChain running, long mostLost) throws InterruptedException {
        running.run().drain(Duration.ofSeconds(20));
        Conservation end = running.run().conservation();
        assertEquals(0, end.held(), end::toString);
        long lost = hop(running, "source").created() - arrived(running.run());
        assertEquals(lost, end.unaccounted(), end::toString);
        assertTrue(lost >= 0 && lost <= mostLost, end::toString);
        Map<String, Map<String, Object>> reports = running.run().reports();
        reports.values().forEach(report -> assertEquals(0, number(report, "disorders"), reports::toString));
        if (mostLost == 0) {
            assertEquals(arrived(running.run()), number(reports.get("sink"), "in-order"), reports::toString);
            reports.values().forEach(report -> assertEquals(0, number(report, "gaps"), reports::toString));
        }
    }

    @Test
    void aConfigurationChangesInAMachineThatRuns() throws Exception {
        try (RunningChain running = launch(source(), inMachine("a", 1), sink(0))) {
            ChangeReport report = change(running, source(), inMachine("a", 2), sink(0));
            assertEquals(
                    List.of("give function 'a' (tally) its new configuration"),
                    report.steps().stream().map(ChangeStep::toString).toList());
            long taken = report.states().getFirst().taken().get("packets");
            assertTrue(taken > 0, report::toString);
            assertEquals(1, report.pauses().size(), report::toString);
            moving(running);
            assertEquals(2, running.run().reports().get("a").get("step"));
            assertTrue(number(running.run().reports().get("a"), "packets") > taken);
            finish(running, 0);
        }
    }

    @Test
    void anotherTypeAndWhatIsToBeDoneOnFailureChangeInAMachineThatRuns() throws Exception {
        try (RunningChain running = launch(source(), inMachine("a", 1), sink(0))) {
            change(running, source(), inMachine("a", 1, ", on-failure: {policy: open}"), sink(0));
            ChangeReport report = change(running, source(), "{name: a, type: pass, vm: box}", sink(0));
            assertEquals(
                    Map.of("all that a tally knew", 1L),
                    report.states().getFirst().dropped());
            finish(running, 0);
        }
    }

    @Test
    void functionsComeAndGoAmongNeighboursAndTheirAccountsGoOn() throws Exception {
        try (RunningChain running = launch(source(), inMachine("a", 1), sink(0))) {
            change(running, source(), inMachine("x", 1), inMachine("a", 1), inMachine("y", 1), sink(0));
            moving(running);
            assertEquals(List.of("source same", "x vm box", "a vm box", "y vm box", "sink same"), places(running));
            assertTrue(number(running.run().reports().get("y"), "packets") > 0);
            long received = hop(running, "a").received();
            change(running, source(), inMachine("x", 1), sink(0));
            moving(running);
            assertEquals(List.of("source same", "x vm box", "sink same"), places(running));
            change(running, source(), inMachine("x", 1), inMachine("a", 3), sink(0));
            moving(running);
            assertTrue(
                    hop(running, "a").received() > received,
                    () -> running.run().snapshot().toString());
            change(running, source(), inMachine("a", 3), inMachine("x", 1), sink(0));
            moving(running);
            assertEquals(List.of("source same", "a vm box", "x vm box", "sink same"), places(running));
            finish(running, 0);
        }
    }

    @Test
    void aMachineAndItsNeighboursChangeAtOnce() throws Exception {
        String[] before = {source(), own("p", 1), inMachine("a", 1), tally("s", 1, 0), sink(0)};
        String[] after = {
            source(), tally("t", 1, 0), own("p", 2), inMachine("a", 2), inMachine("b", 1), tally("s", 2, 0), sink(0)
        };
        try (RunningChain running = launch(before)) {
            change(running, after);
            moving(running);
            change(running, before);
            moving(running);
            change(running, after);
            finish(running, 0);
        }
    }

    @Test
    void rowsOnSeveralWorkersOfAMachineChange() throws Exception {
        String second = inMachine("b", 1, ", worker: 1");
        String watchers = "parallel: [" + watcher("w", 2, "closed") + ", " + watcher("v", 3, "closed") + "]";
        String others = "parallel: [" + watcher("w", 2, "stop") + ", " + watcher("v", 3, "closed") + "]";
        try (RunningChain running = launch(source(), inMachine("a", 1), watchers, second, sink(0))) {
            String third = inMachine("c", 1, ", worker: 1");
            change(running, source(), inMachine("a", 1), inMachine("x", 1), others, second, third, sink(0));
            moving(running);
            change(running, source(), inMachine("x", 1), others, third, sink(0));
            moving(running);
            kill();
            moving(running);
            moving(running);
            finish(running, MOST_IN_HANDS);
        }
    }

    private static String watcher(String name, int worker, String policy) {
        return "{name: " + name + ", type: observer, vm: box, worker: " + worker + ", on-failure: {policy: " + policy
                + "}}";
    }

    @Test
    void aPolicyChangesAtTheEndsOfAMachine() throws Exception {
        String drop = ", link: {policy: drop}";
        try (RunningChain running = launch(burstSource(), inMachine("a", 1), sink(0))) {
            ChangeReport report = change(running, burstSource(), inMachine("a", 1, drop), sink(0));
            assertEquals(
                    List.of(ChangeStep.Kind.CHANGE_LINK),
                    report.steps().stream().map(ChangeStep::kind).toList());
            change(running, burstSource(), inMachine("a", 2), sink(0));
            moving(running);
            assertTrue(running.run().conservation().unaccounted() >= 0);
        }
    }

    @Test
    void aMachineThatDiesComesBackAsTheChainIsByThen() throws Exception {
        try (RunningChain running = launch(source(), inMachine("a", 1), sink(0))) {
            change(running, source(), tally("t", 1, 0), inMachine("a", 2), inMachine("b", 1), sink(0));
            moving(running);
            // What the file says by then is not what the chain is.
            Files.writeString(directory.resolve("chain.yaml"), "nothing");
            long received = hop(running, "a").received();
            kill();
            moving(running);
            moving(running);
            assertEquals(List.of("source same", "t same", "a vm box", "b vm box", "sink same"), places(running));
            assertEquals(2, running.run().reports().get("a").get("step"));
            assertTrue(hop(running, "a").received() > received, "accounts of the dead machine");
            moving(running);
            running.run().change(LiveChains.target(directory, running, source(), inMachine("b", 4), sink(0)));
            moving(running);
            assertEquals(4, running.run().reports().get("b").get("step"));
            finish(running, MOST_IN_HANDS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "config", "take-over"})
    void whatAFunctionRefusesLeavesTheMachineAsItWas(String fault) throws Exception {
        try (RunningChain running = launch(source(), inMachine("a", 1), sink(0))) {
            moving(running);
            String faulty = "{name: a, type: tally, vm: box, config: {step: 2, fault: " + fault + "}}";
            if (fault.equals("take-over")) {
                // That shows when all has been decided on: a machine that cannot follow is started anew.
                ChangeReport report =
                        running.run().change(LiveChains.target(directory, running, source(), faulty, sink(0)));
                assertTrue(report.mishaps().getFirst().contains("broken take-over"), report::toString);
                moving(running);
                assertEquals(2, running.run().reports().get("a").get("step"));
                finish(running, MOST_IN_HANDS);
                return;
            }
            ChangeRefusedException refusal = assertThrows(
                    ChangeRefusedException.class,
                    () -> running.run().change(LiveChains.target(directory, running, source(), faulty, sink(0))));
            assertEquals("a", refusal.node());
            assertTrue(
                    refusal.getMessage().contains(fault.equals("config") ? "cannot be 2" : "broken " + fault),
                    refusal::getMessage);
            moving(running);
            assertEquals(1, running.run().reports().get("a").get("step"));
            change(running, source(), inMachine("a", 3), sink(0));
            finish(running, 0);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            names = {"PREPARE", "SEAL", "COMMIT", "FINISH"})
    void aMachineThatDiesInTheMidstOfAChange(Step step) throws Exception {
        try (RunningChain running = launch(source(), inMachine("a", 1), sink(0))) {
            moving(running);
            AtomicBoolean killed = new AtomicBoolean();
            ((SupervisedRun) running.run()).witness((place, next) -> {
                if (place.equals("vm box") && next == step && !killed.getAndSet(true)) {
                    kill();
                }
            });
            boolean decided = step == Step.COMMIT || step == Step.FINISH;
            String[] next = {source(), inMachine("a", 2), inMachine("b", 1), sink(0)};
            if (decided) {
                ChangeReport report = running.run().change(LiveChains.target(directory, running, next));
                assertTrue(report.mishaps().getFirst().contains("virtual machine 'box' has died"), report::toString);
                assertTrue(report.conserved(), report::toString);
            } else {
                ChangeRefusedException refusal = assertThrows(
                        ChangeRefusedException.class,
                        () -> running.run().change(LiveChains.target(directory, running, next)));
                assertTrue(
                        refusal.getMessage().contains("virtual machine 'box' has died meanwhile"), refusal::getMessage);
            }
            moving(running);
            assertEquals(decided ? 2 : 1, running.run().reports().get("a").get("step"));
            assertEquals(decided ? 4 : 3, places(running).size());
            finish(running, MOST_IN_HANDS);
        }
    }

    private static String reader(String file) {
        return "{name: r, type: reader, vm: box, config: {file: " + file + "}}";
    }

    private static String text(RunningChain running) {
        return (String) running.run().reports().get("r").get("text");
    }

    @Test
    void filesThatAreOthersByNowComeAlong() throws Exception {
        Files.writeString(directory.resolve("here.txt"), "one");
        String end = sink(0) + "\nvms: {box: {files: [here.txt]}}";
        try (RunningChain running = launch(source(), reader("here.txt"), end)) {
            assertEquals("one", text(running));
            // Longer than a piece.
            String two = "two".repeat(100_000);
            Files.writeString(directory.resolve("there.txt"), two);
            Files.writeString(directory.resolve("here.txt"), "three");
            ChangeRefusedException refusal = assertThrows(
                    ChangeRefusedException.class, () -> change(running, source(), reader("there.txt"), end));
            assertEquals("r", refusal.node());
            assertEquals("file", refusal.field());
            String longer = sink(0) + "\nvms: {box: {files: [here.txt, there.txt]}}";
            ChangeReport report = change(running, source(), reader("there.txt"), longer);
            assertEquals(
                    List.of(
                            "give virtual machine 'box' the files that 'vms' lists of it",
                            "give function 'r' (reader) its new configuration"),
                    report.steps().stream().map(ChangeStep::toString).toList());
            assertEquals(two, text(running));
            change(running, source(), reader("here.txt"), longer);
            assertEquals("three", text(running));
            kill();
            moving(running);
            assertEquals("three", text(running));
            finish(running, MOST_IN_HANDS);
        }
    }

    @Test
    void moreThanAMachineIsGivenWhileItRunsIsRefused() throws Exception {
        Path large = Files.createFile(directory.resolve("large"));
        String end = sink(0) + "\nvms: {box: {files: [large]}}";
        try (RunningChain running = launch(source(), inMachine("a", 1), end)) {
            Files.write(large, new byte[17 << 20]);
            ChangeRefusedException refusal =
                    assertThrows(ChangeRefusedException.class, () -> change(running, source(), inMachine("a", 2), end));
            assertEquals("vms.box.files", refusal.field());
            assertTrue(refusal.getMessage().contains("17 MiB"), refusal::getMessage);
            Files.delete(large);
            refusal =
                    assertThrows(ChangeRefusedException.class, () -> change(running, source(), inMachine("a", 2), end));
            assertTrue(refusal.getMessage().contains("no file " + large), refusal::getMessage);
            moving(running);
            assertEquals(1, running.run().reports().get("a").get("step"));
            finish(running, 0);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            # another worker
            A                            | {A, worker: 1}               | a | worker | the rings of the workers in virtual machine 'box'
            A                            | A; {N, worker: 1}            | n | worker | the rings of the workers
            A; {N, worker: 1}            | A                            | n | worker | the rings of the workers
            A                            | A; {N, worker: 1}; {M}       | n | worker | the rings of the workers
            # other links at its ends
            A                            | {A, link: {slots: 512}}      | a | link   | network interfaces that it has from its start on
            A                            | {A, link: {type: pipe, slots: 8}} | a | link | leave link
            # from one place to another
            A; N                         | A; {name: n, type: pass}     | n | vm     | 'n' (pass) cannot be moved out of virtual machine 'box'
            A; {name: n, type: pass}     | A; N                         | n | vm     | 'n' (pass) cannot be moved into virtual machine 'box'
            # other machines
            A                            | A # vms: {box: {memory: 256Mi}} | "" | vms.box | memory and processors from its start on
            A                            | A # vms: {box: {cpus: 2}}    | "" | vms.box | memory and processors from its start on
            A                            | {name: n, type: pass}        | "" | vms    | virtual machine 'box' would have nothing to do
            A                            | A; {name: n, type: pass, vm: bag} | "" | vms | virtual machine 'bag' does not run
            """)
    void whatTakesOtherNetworkInterfacesIsToldBeforehand(
            String before, String after, String node, String field, String reason) throws IOException {
        try (FunctionRegistry functions = FunctionRegistry.open()) {
            Chain present = chain(functions, before);
            ChangePlan plan = ChainDiff.plan(present, LinkIds.of(present), chain(functions, after));
            assertTrue(
                    plan.obstacles().stream()
                            .anyMatch(obstacle -> obstacle.node().equals(node)
                                    && obstacle.field().equals(field)
                                    && obstacle.reason().contains(reason)),
                    () -> plan.obstacles().toString());
            assertEquals(field, plan.obstacles().getFirst().field(), "what is told of a change that is asked for");
        }
    }

    private Chain chain(FunctionRegistry functions, String elements) throws IOException {
        String[] parts = elements.split(" # ");
        String all = (source() + "; " + parts[0] + "; " + sink(0))
                .replaceAll("\\bA\\b", "name: a, type: pass, vm: box")
                .replaceAll("\\bN\\b", "name: n, type: pass, vm: box")
                .replaceAll("\\bM\\b", "name: m, type: pass, vm: box");
        String[] inBraces = all.split("; ");
        for (int i = 0; i < inBraces.length; i++) {
            String element = inBraces[i].strip();
            inBraces[i] = element.startsWith("{") ? element : "{" + element + "}";
        }
        String yaml = LiveChains.yaml(inBraces) + (parts.length > 1 ? parts[1] + "\n" : "");
        return ChainDescriptor.read(Files.writeString(directory.resolve("chain.yaml"), yaml))
                .resolve(functions, List.of());
    }
}
