// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static io.ptnetmap.nfv.deploy.LiveChains.arrived;
import static io.ptnetmap.nfv.deploy.LiveChains.assertProven;
import static io.ptnetmap.nfv.deploy.LiveChains.burstSource;
import static io.ptnetmap.nfv.deploy.LiveChains.moving;
import static io.ptnetmap.nfv.deploy.LiveChains.number;
import static io.ptnetmap.nfv.deploy.LiveChains.own;
import static io.ptnetmap.nfv.deploy.LiveChains.processOf;
import static io.ptnetmap.nfv.deploy.LiveChains.processesLeft;
import static io.ptnetmap.nfv.deploy.LiveChains.signal;
import static io.ptnetmap.nfv.deploy.LiveChains.sink;
import static io.ptnetmap.nfv.deploy.LiveChains.source;
import static io.ptnetmap.nfv.deploy.LiveChains.tally;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.engine.LiveFunctions;
import io.ptnetmap.nfv.engine.RunningChain;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains that are changed while numbered packets run through them at full rate. */
class LiveChangeTest {
    @TempDir
    Path directory;

    private RunningChain launch(String... elements) throws IOException {
        return LiveChains.launch(directory, elements);
    }

    private Chain target(RunningChain running, String... elements) throws IOException {
        return LiveChains.target(directory, running, elements);
    }

    private ChangeReport change(RunningChain running, String... elements) throws Exception {
        return LiveChains.change(directory, running, elements);
    }

    /** Stops the source, lets all arrive, and checks that nothing was lost, doubled or reordered. */
    private static void finish(RunningChain running) throws InterruptedException {
        running.run().drain(Duration.ofSeconds(10));
        Conservation end = running.run().conservation();
        assertTrue(end.holds(), end::toString);
        assertEquals(0, end.held(), end::toString);
        Map<String, Map<String, Object>> reports = running.run().reports();
        long received = arrived(running.run());
        assertEquals(running.run().snapshot().hops().getFirst().created(), received, end::toString);
        assertEquals(received, reports.get("sink").get("in-order"));
        reports.values().forEach(report -> {
            assertEquals(0, number(report, "gaps"), reports::toString);
            assertEquals(0, number(report, "disorders"), reports::toString);
        });
    }

    @Test
    void aConfigurationChangesBetweenTwoBatchesAndTheStateStays() throws Exception {
        try (RunningChain running = launch(source(), tally("a", 1, 0), sink(0))) {
            ChangeReport report = change(running, source(), tally("a", 2, 0), sink(0));
            assertEquals(
                    List.of(ChangeStep.Kind.RECONFIGURE_FUNCTION),
                    report.steps().stream().map(ChangeStep::kind).toList());
            long taken = report.states().getFirst().taken().get("packets");
            assertTrue(taken > 0, report::toString);
            moving(running);
            Map<String, Object> tally = running.run().reports().get("a");
            assertEquals(2, tally.get("step"));
            assertTrue((long) tally.get("packets") > taken, tally::toString);
            finish(running);
        }
    }

    @Test
    void anotherTypeUnderTheSameNameKnowsNothing() throws Exception {
        try (RunningChain running = launch(source(), tally("a", 1, 0), sink(0))) {
            ChangeReport report = change(running, source(), "{name: a, type: pass}", sink(0));
            assertEquals(
                    List.of(ChangeStep.Kind.REPLACE_FUNCTION),
                    report.steps().stream().map(ChangeStep::kind).toList());
            assertEquals(
                    Map.of("all that a tally knew", 1L),
                    report.states().getFirst().dropped());
            finish(running);
        }
    }

    @Test
    void functionsComeAndGoInARow() throws Exception {
        try (RunningChain running = launch(source(), sink(0))) {
            change(running, source(), tally("a", 1, 0), sink(0));
            change(running, source(), tally("b", 1, 0), tally("a", 1, 0), sink(0));
            change(running, source(), tally("b", 1, 0), sink(0));
            change(running, source(), sink(0));
            assertEquals(2, running.run().snapshot().hops().size());
            finish(running);
        }
    }

    @Test
    void aFunctionMovesToAWorkerOfItsOwnAndBack() throws Exception {
        try (RunningChain running = launch(source(), tally("a", 1, 0), sink(0))) {
            ChangeReport report = change(running, source(), tally("a", 1, 1), sink(0));
            assertEquals(
                    List.of(ChangeStep.Kind.MOVE_FUNCTION, ChangeStep.Kind.ADD_LINK, ChangeStep.Kind.ADD_LINK),
                    report.steps().stream().map(ChangeStep::kind).toList());
            report = change(running, source(), tally("a", 1, 0), sink(0));
            assertEquals(4, report.drained().size(), report::toString);
            assertTrue(report.drained().getFirst().sent() > 0, report::toString);
            assertTrue(report.pauses().stream().anyMatch(pause -> pause.nanos() > 0), report::toString);
            finish(running);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"constructor", "start", "config", "take-over"})
    void aChangeThatFailsLeavesAllAsItWas(String fault) throws Exception {
        int before = LiveFunctions.RUNNING.get();
        try (RunningChain running = launch(source(), tally("a", 1, 0), sink(0))) {
            moving(running);
            String faulty = "{name: a, type: tally, worker: 1, config: {step: 2, fault: " + fault + "}}";
            Chain target = target(running, source(), tally("c", 7, 0), faulty, sink(2));
            ChangeRefusedException refusal = assertThrows(
                    ChangeRefusedException.class, () -> running.run().change(target));
            assertEquals("a", refusal.node());
            assertEquals(fault.equals("config") ? "step" : "", refusal.field());
            moving(running);
            assertEquals(3, running.run().snapshot().hops().size());
            assertEquals(1, running.run().reports().get("a").get("step"));
            assertEquals(before + 1, LiveFunctions.RUNNING.get(), "the new functions have been stopped");
            change(running, source(), tally("a", 3, 1), sink(2));
            finish(running);
        }
        assertEquals(before, LiveFunctions.RUNNING.get());
    }

    @Test
    void aFunctionThatCannotHandItsStateOverGoesOn() throws Exception {
        String unwilling = "{name: a, type: tally, worker: 1, config: {step: 1, fault: hand-over}}";
        try (RunningChain running = launch(source(), unwilling, sink(0))) {
            moving(running);
            Chain target = target(running, source(), tally("a", 2, 0), sink(0));
            ChangeRefusedException refusal = assertThrows(
                    ChangeRefusedException.class, () -> running.run().change(target));
            assertEquals("a", refusal.node());
            moving(running);
            assertEquals(1, running.run().reports().get("a").get("step"));
            finish(running);
        }
    }

    @Test
    void aChangeThatFindsNoMomentIsRolledBack() throws Exception {
        try (RunningChain running = launch(source(), tally("a", 1, 1), "{name: sink, type: stuck-sink, worker: 2}")) {
            ChangeRefusedException refusal = assertThrows(
                    ChangeRefusedException.class,
                    () -> running.run()
                            .change(target(
                                    running, source(), tally("a", 1, 0), "{name: sink, type: stuck-sink, worker: 2}")));
            assertTrue(refusal.getMessage().contains("ms"), refusal::getMessage);
        }
    }

    @Test
    void changesWaitForOneAnother() throws Exception {
        try (RunningChain running = launch(source(), tally("a", 0, 0), sink(0))) {
            List<Chain> targets = new ArrayList<>();
            for (int i = 1; i <= 8; i++) {
                targets.add(target(running, source(), tally("a", i, i % 3), sink(i % 2)));
            }
            List<Thread> threads = targets.stream()
                    .map(target -> Thread.ofPlatform()
                            .start(() -> assertProven(running.run().change(target))))
                    .toList();
            for (Thread thread : threads) {
                thread.join();
            }
            finish(running);
        }
    }

    /** This process changes first: what it sends then over the link to the other one must wait until that has changed, too. */
    @Test
    void aLinkToAnotherProcessStaysAndHasAnotherSender() throws Exception {
        String first = tally("first", 1, 2);
        String other = own("other", 2);
        // Another size, so that the link behind the other process is another one.
        String last = "{name: last, type: tally, link: {slots: 64}, config: {step: 3, fault: none}}";
        String[] before = {source(), first, other, last, sink(1)};
        String[] after = {source(), first, tally("second", 4, 1), other, sink(1)};
        try (RunningChain running = launch(before)) {
            ((SupervisedRun) running.run()).witness((place, step) -> {
                if (step == ChangeOrder.Step.COMMIT && place.equals("other")) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
                }
            });
            for (int i = 0; i < 3; i++) {
                change(running, after);
                change(running, before);
            }
            finish(running);
        }
    }

    /** With any seed; every third chain sends its packets back, so that they pass it both ways. */
    @Property(tries = 4, shrinking = ShrinkingMode.OFF)
    void aHundredRandomChangesLoseNothing(@ForAll Random random, @ForAll @IntRange(max = 2) int kind) throws Exception {
        directory = Files.createTempDirectory("live");
        List<String> middle = new ArrayList<>();
        String end = kind == 0 ? "echo" : "checking-sink";
        int sinkWorker = 0;
        int fresh = 0;
        int processes = 0;
        try (RunningChain running = launch(source(), sink(end, 0))) {
            for (int i = 0; i < 100; i++) {
                switch (random.nextInt(middle.isEmpty() ? 1 : 5)) {
                    case 0 -> middle.add(random.nextInt(middle.size() + 1), element(random, "f" + fresh++));
                    case 1 -> middle.remove(random.nextInt(middle.size()));
                    case 2 -> {
                        int place = random.nextInt(middle.size());
                        String name = name(middle.get(place));
                        boolean process = processes < 2 && random.nextInt(5) == 0;
                        processes += process ? 1 : 0;
                        middle.set(place, process ? own(name, i) : element(random, name));
                    }
                    case 3 -> middle.add(random.nextInt(middle.size()), middle.removeLast());
                    default -> sinkWorker = random.nextInt(3);
                }
                while (middle.size() > 5) {
                    middle.remove(random.nextInt(middle.size()));
                }
                List<String> elements = new ArrayList<>(middle);
                elements.addFirst(source());
                elements.addLast(sink(end, sinkWorker));
                change(running, elements.toArray(String[]::new));
            }
            finish(running);
        } finally {
            try (var files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }

    @Test
    void whoeverMayDropWaitsWhileSomebodyTakesNothing() throws Exception {
        String source = burstSource();
        String behindPipe =
                "{name: a, type: tally, link: {type: pipe, slots: 512, policy: drop}, config: {step: 1, fault: none}}";
        String sinkBehindPipe = "{name: sink, type: checking-sink, link: {type: pipe, slots: 512, policy: drop}}";
        try (RunningChain running = launch(source, behindPipe, sinkBehindPipe)) {
            for (int i = 0; i < 20; i++) {
                ChangeReport report = change(running, source, behindPipe, i % 2 == 0 ? sink(0) : sinkBehindPipe);
                assertEquals(0, report.after().orElseThrow().dropped(), report::toString);
            }
            finish(running);
        }
    }

    private static String dropping(String name, int step) {
        return "{name: " + name + ", type: tally, process: own, link: {slots: 64, policy: drop}, config: {step: " + step
                + ", fault: none}}";
    }

    /** What a link towards a process dropped is in the sender's account; all else arrives, in order. */
    private static void finishWithDrops(RunningChain running) throws InterruptedException {
        running.run().drain(Duration.ofSeconds(10));
        Conservation end = running.run().conservation();
        assertTrue(end.holds() && end.held() == 0, end::toString);
        ChainSnapshot.Hop source = running.run().snapshot().hops().getFirst();
        assertEquals(Map.of("link-full", end.dropped()), source.drops());
        assertTrue(end.dropped() > 0, end::toString);
        assertEquals(source.created(), arrived(running.run()) + end.dropped());
        Map<String, Map<String, Object>> reports = running.run().reports();
        reports.values().forEach(report -> assertEquals(0, number(report, "disorders"), reports::toString));
    }

    @Test
    void aLinkTowardsAProcessDropsWhatThatHasNoRoomForWhileTheChainIsChanged() throws Exception {
        try (RunningChain running = launch(burstSource(), dropping("a", 1), sink(0))) {
            change(running, burstSource(), dropping("a", 2), sink(0));
            change(running, burstSource(), dropping("a", 2), tally("b", 1, 1), sink(0));
            change(running, burstSource(), dropping("b", 1), tally("a", 3, 0), sink(1));
            ChangeReport report = change(running, burstSource(), dropping("a", 1), own("b", 1), sink(1));
            assertTrue(report.before().dropped() > 0, report::toString);
            finishWithDrops(running);
        }
    }

    @Test
    void aLinkChangesItsPolicyTowardsAProcess() throws Exception {
        try (RunningChain running = launch(burstSource(), dropping("a", 1), sink(0))) {
            String patient = dropping("a", 1).replace("policy: drop", "policy: block");
            ChangeReport report = change(running, burstSource(), patient, sink(0));
            assertEquals(
                    List.of(ChangeStep.Kind.CHANGE_LINK),
                    report.steps().stream().map(ChangeStep::kind).toList());
            moving(running);
            long dropped = running.run().conservation().dropped();
            moving(running);
            assertEquals(dropped, running.run().conservation().dropped(), "it waits now");
            change(running, burstSource(), dropping("a", 1), sink(0));
            moving(running);
            moving(running);
            finishWithDrops(running);
        }
    }

    @Test
    void aLinkThatDropsHoldsNobodyUpForAProcessThatDoesNotRead() throws Exception {
        try (RunningChain running = launch(burstSource(), dropping("a", 1), sink(0))) {
            moving(running);
            ProcessHandle process = processOf("a");
            signal("STOP", process);
            long created = LiveChains.created(running);
            long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (LiveChains.created(running) < created + 100_000) {
                assertTrue(System.nanoTime() < deadline, "the source goes on");
                Thread.sleep(1);
            }
            signal("CONT", process);
            moving(running);
            finishWithDrops(running);
        }
    }

    @Test
    void aChangeThatItsMemoryHasNoRoomForIsRefusedWithNumbers() throws Exception {
        String memory = "chain: live\nmemory: {buffers: 6000}\nfunctions:\n";
        String few = memory + "  - " + source() + "\n  - " + sink(0) + "\n";
        String many =
                few.replace("  - " + sink(0), "  - {name: sink, type: checking-sink, link: {type: pipe, slots: 2048}}");
        try (RunningChain running = RunningChain.launch(directory, few)) {
            moving(running);
            Path file = Files.writeString(directory.resolve("chain.yaml"), many);
            Chain target = ChainDescriptor.read(file).resolve(running.functions(), List.of());
            ChangeRefusedException refusal = assertThrows(
                    ChangeRefusedException.class, () -> running.run().change(target));
            assertTrue(
                    refusal.getMessage().matches(".*needs [0-9,]+ packet buffers.* has [0-9,]+.*"),
                    refusal::getMessage);
            finish(running);
        }
    }

    private static boolean ends(ChainRun run) {
        try {
            return run.await(Duration.ofSeconds(30));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Nothing moves for longer than it takes until what is missing counts as lost: it is held. */
    @Test
    void aChainDoesNotEndWhileAChangeHoldsItsLastPackets() throws Exception {
        long count = 200;
        String source = "{name: source, type: gated-source, config: {count: " + count + "}}";
        // It has work for longer than a change takes that is decided on.
        String slow = "{name: slow, type: dawdle, worker: 3, link: {slots: 16}, config: {micros: 100000}}";
        LiveFunctions.GATE.set(false);
        try (RunningChain running = launch(source, tally("a", 1, 1), slow, sink(3))) {
            SupervisedRun run = (SupervisedRun) running.run();
            CompletableFuture<Boolean> end = CompletableFuture.supplyAsync(() -> ends(run));
            AtomicLong held = new AtomicLong();
            run.witness((place, step) -> {
                if (step == ChangeOrder.Step.COMMIT && LiveFunctions.GATE.compareAndSet(false, true)) {
                    while (LiveChains.created(running) < count) {
                        LockSupport.parkNanos(1_000_000);
                    }
                    long exhausted = System.nanoTime();
                    while (System.nanoTime() - exhausted < TimeUnit.MILLISECONDS.toNanos(2800)) {
                        LockSupport.parkNanos(1_000_000);
                    }
                    held.set(run.conservation().held());
                }
            });
            run.change(target(running, source, tally("a", 1, 2), slow, sink(3)));
            assertEquals(count, held.get());
            assertTrue(end.get(30, TimeUnit.SECONDS));
            assertEquals(count, arrived(run), () -> run.snapshot().toString());
            assertEquals(0, run.conservation().held());
            assertTrue(run.conservation().holds());
        }
    }

    @Test
    void whatCannotBeChangedLiveIsToldBeforehand() throws Exception {
        try (RunningChain running = launch(source(), tally("a", 1, 0), sink(0))) {
            String inMachine = "{name: a, type: tally, vm: edge, config: {step: 1, fault: none}}";
            Chain target = target(running, source(), inMachine, sink(0));
            ChangePlan plan = running.run().plan(target);
            assertTrue(!plan.possible());
            assertTrue(
                    plan.obstacles().stream()
                            .anyMatch(obstacle -> obstacle.node().equals("a")),
                    plan::toString);
            assertThrows(ChangeRefusedException.class, () -> running.run().change(target));
            ChangePlan possible = running.run().plan(target(running, source(), tally("a", 2, 1), sink(0)));
            assertTrue(possible.possible());
            assertEquals(List.of("source", "sink"), possible.untouched());
            assertEquals(
                    List.of(
                            "give function 'a' (tally) its new configuration",
                            "move function 'a' (tally): it runs on worker 1 instead of on worker 0",
                            "add a queue of 256 slots for source - a",
                            "add a queue of 256 slots for a - sink"),
                    possible.steps().stream().map(ChangeStep::toString).toList());
        }
    }

    @Test
    void aFunctionMovesToAProcessOfItsOwnAndBack() throws Exception {
        try (RunningChain running = launch(source(), tally("a", 1, 0), sink(0))) {
            ChangeReport report = change(running, source(), own("a", 1), sink(0));
            long taken = report.states().getFirst().taken().get("packets");
            assertTrue(taken > 0, report::toString);
            moving(running);
            assertTrue(running.run().snapshot().hops().get(1).process().startsWith("pid"), report::toString);
            report = change(running, source(), own("a", 2), sink(0));
            assertTrue(report.states().getFirst().taken().get("packets") > taken, report::toString);
            moving(running);
            assertEquals(2, running.run().reports().get("a").get("step"));
            report = change(running, source(), tally("a", 3, 1), sink(0));
            assertEquals(4, report.drained().size(), report::toString);
            moving(running);
            assertTrue(
                    number(running.run().reports().get("a"), "packets") > taken,
                    () -> running.run().reports().toString());
            assertEquals("same", running.run().snapshot().hops().get(1).process());
            // One account, wherever the function has run.
            assertTrue(
                    running.run().snapshot().hops().get(1).received() > taken,
                    () -> running.run().snapshot().toString());
            finish(running);
        }
    }

    @Test
    void processesChangeTheirNeighbours() throws Exception {
        try (RunningChain running = launch(source(), own("a", 1), own("b", 1), sink(0))) {
            change(running, source(), own("a", 1), tally("x", 1, 0), own("b", 1), sink(0));
            change(running, source(), tally("y", 1, 1), own("b", 1), sink(0));
            change(running, source(), own("y", 1), tally("b", 1, 1), sink(0));
            assertEquals(4, running.run().snapshot().hops().size());
            finish(running);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "config", "take-over"})
    void aProcessThatCannotComeInIsNotMissed(String fault) throws Exception {
        try (RunningChain running = launch(source(), tally("a", 1, 0), sink(0))) {
            moving(running);
            String faulty = "{name: a, type: tally, process: own, config: {step: 2, fault: " + fault + "}}";
            Chain target = target(running, source(), faulty, sink(0));
            ChangeRefusedException refusal = assertThrows(
                    ChangeRefusedException.class, () -> running.run().change(target));
            assertTrue(
                    refusal.getMessage().contains(fault.equals("config") ? "cannot be 2" : fault), refusal::getMessage);
            moving(running);
            change(running, source(), tally("a", 3, 1), sink(1));
            finish(running);
        }
    }

    @AfterEach
    void noProcessIsLeftBehind() {
        assertEquals(List.of(), processesLeft());
    }

    static String element(Random random, String name) {
        String link = random.nextInt(3) == 0 ? ", link: {type: pipe, slots: 64}" : "";
        return "{name: " + name + ", type: tally, worker: " + random.nextInt(3) + link + ", config: {step: "
                + random.nextInt(5) + ", fault: none}}";
    }

    static String name(String element) {
        return element.substring("{name: ".length(), element.indexOf(','));
    }
}
