// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static io.ptnetmap.nfv.deploy.LiveChains.arrived;
import static io.ptnetmap.nfv.deploy.LiveChains.assertProven;
import static io.ptnetmap.nfv.deploy.LiveChains.launch;
import static io.ptnetmap.nfv.deploy.LiveChains.moving;
import static io.ptnetmap.nfv.deploy.LiveChains.number;
import static io.ptnetmap.nfv.deploy.LiveChains.own;
import static io.ptnetmap.nfv.deploy.LiveChains.processOf;
import static io.ptnetmap.nfv.deploy.LiveChains.processesLeft;
import static io.ptnetmap.nfv.deploy.LiveChains.signal;
import static io.ptnetmap.nfv.deploy.LiveChains.sink;
import static io.ptnetmap.nfv.deploy.LiveChains.source;
import static io.ptnetmap.nfv.deploy.LiveChains.tally;
import static io.ptnetmap.nfv.deploy.LiveChains.target;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.deploy.ChangeOrder.Step;
import io.ptnetmap.nfv.engine.RunningChain;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Processes that are killed in the midst of a change of their chain, and steps that fail. */
class ChangeFailureTest {
    /** Whatever happens, a change is over by then: a second for each answer that fails to come at once, a start, and some rest. */
    private static final Duration AT_MOST = Duration.ofSeconds(20);

    /** What a process has in its hands when it dies: a batch each way. */
    private static final long MOST_IN_HANDS = 512;

    private static final String LAST = "same";

    private static final String[] TWO_PROCESSES = {source(), own("a", 1), own("b", 1), tally("seen", 1, 0), sink(0)};
    private static final String[] A_MOVED = {source(), tally("a", 1, 1), own("b", 1), tally("seen", 1, 0), sink(0)};
    private static final String[] A_GONE = {source(), own("b", 1), tally("seen", 1, 0), sink(0)};

    @TempDir
    Path directory;

    private final AtomicInteger kills = new AtomicInteger();

    @AfterEach
    void noProcessIsLeftBehind() {
        assertEquals(List.of(), processesLeft());
    }

    private void kill(String function) {
        ProcessHandle victim = processOf(function);
        victim.destroyForcibly();
        victim.onExit().join();
        kills.incrementAndGet();
    }

    /** Does something just before a part is told to take a step, once; besides what else is to be done. */
    private static void before(RunningChain running, String place, Step step, Runnable deed) {
        SupervisedRun run = (SupervisedRun) running.run();
        ChangeWitness others = run.witness();
        AtomicInteger times = new AtomicInteger();
        run.witness((told, next) -> {
            others.before(told, next);
            if (told.equals(place) && next == step && times.getAndIncrement() == 0) {
                deed.run();
            }
        });
    }

    private static void undisturbed(RunningChain running) {
        ((SupervisedRun) running.run()).witness(ChangeWitness.NONE);
    }

    private static void fail() {
        throw new IllegalStateException("injected");
    }

    private ChangeReport change(RunningChain running, String... elements) throws IOException {
        Chain target = target(directory, running, elements);
        long began = System.nanoTime();
        try {
            return running.run().change(target);
        } finally {
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            assertTrue(took.compareTo(AT_MOST) < 0, took::toString);
        }
    }

    /** A change is refused, and says why in these words; the chain goes on as it was. */
    private void assertRefused(RunningChain running, String words, String... elements) throws Exception {
        List<String> before = names(running);
        ChangeRefusedException refusal = assertThrows(ChangeRefusedException.class, () -> change(running, elements));
        assertTrue(refusal.getMessage().contains(words), refusal::getMessage);
        undisturbed(running);
        moving(running);
        assertEquals(before, names(running));
    }

    /** A change is made in spite of a mishap, of which it tells in these words. */
    private void assertMade(RunningChain running, String words, String... elements) throws Exception {
        ChangeReport report = change(running, elements);
        undisturbed(running);
        assertTrue(report.mishaps().stream().anyMatch(mishap -> mishap.contains(words)), report::toString);
        assertTrue(report.conserved(), report::toString);
        assertEquals(0, report.overtakable(), report::toString);
        moving(running);
        assertEquals(elements.length, names(running).size());
    }

    private static List<String> names(RunningChain running) {
        return running.run().snapshot().hops().stream().map(hop -> hop.name()).toList();
    }

    /** Stops the source and lets all arrive: nothing was doubled or reordered, and lost is what went with processes. */
    private void finish(RunningChain running) throws InterruptedException {
        running.run().drain(Duration.ofSeconds(20));
        Conservation end = running.run().conservation();
        assertEquals(0, end.held(), end::toString);
        long missing = running.run().snapshot().hops().getFirst().created() - arrived(running.run());
        assertEquals(missing, end.unaccounted(), end::toString);
        assertTrue(missing >= 0 && missing <= MOST_IN_HANDS * kills.get(), end::toString);
        Map<String, Map<String, Object>> reports = running.run().reports();
        reports.values().forEach(report -> assertEquals(0, number(report, "disorders"), reports::toString));
        if (kills.get() == 0) {
            assertEquals(arrived(running.run()), number(reports.get("sink"), "in-order"), reports::toString);
        }
    }

    private RunningChain twoProcesses() throws IOException {
        return launch(directory, TWO_PROCESSES);
    }

    @Test
    void whatDiesBeforeTheDecisionKeepsTheChainAsItWas() throws Exception {
        try (RunningChain running = twoProcesses()) {
            for (Step step : List.of(Step.PREPARE, Step.HOLD, Step.PROBE, Step.SEAL, Step.HAND_OVER)) {
                moving(running);
                before(running, "a", step, () -> kill("a"));
                assertRefused(running, "the process of function 'a' has died", A_MOVED);
            }
            before(running, "a", Step.ROLL_BACK, () -> kill("a"));
            before(running, LAST, Step.COMMIT, ChangeFailureTest::fail);
            assertRefused(running, "injected", A_MOVED);
            ChangeReport report = change(running, A_MOVED);
            assertTrue(report.conserved(), report::toString);
            assertTrue(report.drained().stream().noneMatch(link -> link.lost() != 0), report::toString);
            moving(running);
            finish(running);
            // What the links that are no more have told of its loss is all there is.
            long lost = report.after().orElseThrow().unaccounted();
            assertEquals(running.run().conservation().unaccounted(), lost, report::toString);
            assertEquals(report.lostBefore(), lost, report::toString);
        }
    }

    @Test
    void whatDiesAfterTheDecisionAndWasToLeaveIsNotMissed() throws Exception {
        try (RunningChain running = twoProcesses()) {
            for (Step step : List.of(Step.COMMIT, Step.FINISH)) {
                moving(running);
                before(running, "a", step, () -> kill("a"));
                assertMade(running, "the process of function 'a' has died", A_MOVED);
                assertTrue(
                        number(running.run().reports().get("a"), "packets") > 1000, "its state had gone over before");
                assertProven(change(running, TWO_PROCESSES));
            }
            moving(running);
            finish(running);
            assertTrue(
                    running.run().conservation().holds(),
                    () -> running.run().conservation().toString());
        }
    }

    @Test
    void aNeighbourThatDiesIsStartedAgainInTheChainAsItIsThen() throws Exception {
        try (RunningChain running = twoProcesses()) {
            for (Step step : List.of(Step.PREPARE, Step.HOLD, Step.PROBE, Step.SEAL)) {
                moving(running);
                before(running, "b", step, () -> kill("b"));
                assertRefused(running, "the process of function 'b' has died", A_GONE);
            }
            before(running, "b", Step.COMMIT, () -> kill("b"));
            assertMade(running, "the process of function 'b' has died", A_GONE);
            assertTrue(change(running, TWO_PROCESSES).conserved());
            moving(running);
            before(running, "b", Step.FINISH, () -> kill("b"));
            assertMade(running, "the process of function 'b' has died", A_GONE);
            ChangeReport report = change(running, source(), tally("seen", 1, 0), sink(0));
            assertTrue(report.conserved(), report::toString);
            moving(running);
            finish(running);
            assertEquals(
                    running.run().conservation().unaccounted(),
                    report.after().orElseThrow().unaccounted(),
                    report::toString);
        }
    }

    @Test
    void whoeverIsToComeInAndDiesIsNotWaitedFor() throws Exception {
        String[] without = {source(), tally("a", 1, 0), tally("seen", 1, 0), sink(0)};
        String[] with = {source(), own("a", 1), tally("seen", 1, 0), sink(0)};
        try (RunningChain running = launch(directory, without)) {
            moving(running);
            before(running, "a", Step.PREPARE, () -> kill("a"));
            assertRefused(running, "ended while starting", with);
            before(running, "a", Step.TAKE_OVER, () -> kill("a"));
            assertRefused(running, "has died", with);
            assertProven(change(running, with));
            assertProven(change(running, without));
            moving(running);
            before(running, LAST, Step.COMMIT, () -> kill("a"));
            assertMade(running, "has died as soon as it had come in", with);
            finish(running);
        }
    }

    @Test
    void whoeverIsNotConcernedMayDieMeanwhile() throws Exception {
        try (RunningChain running =
                launch(directory, source(), tally("x", 1, 0), own("b", 1), tally("seen", 1, 0), sink(0))) {
            int next = 2;
            for (Step step : List.of(Step.PREPARE, Step.HOLD, Step.COMMIT, Step.FINISH)) {
                moving(running);
                before(running, LAST, step, () -> kill("b"));
                String[] changed = {source(), tally("x", next, next % 2), own("b", 1), tally("seen", 1, 0), sink(0)};
                // Whether packets find a way out in time depends on how soon it is there again.
                try {
                    assertTrue(change(running, changed).conserved());
                } catch (ChangeRefusedException noMoment) {
                    assertTrue(noMoment.getMessage().contains("found no moment"), noMoment::getMessage);
                }
                undisturbed(running);
                moving(running);
                next++;
            }
            assertTrue(change(running, source(), tally("x", 0, 0), own("b", 1), tally("seen", 1, 0), sink(0))
                    .conserved());
            moving(running);
            finish(running);
        }
    }

    @Test
    void aStepThatFailsInTheSupervisorIsTakenBackOrCompleted() throws Exception {
        try (RunningChain running = twoProcesses()) {
            moving(running);
            for (Step step : List.of(Step.PREPARE, Step.HOLD, Step.PROBE, Step.SEAL, Step.HAND_OVER)) {
                before(running, "a", step, ChangeFailureTest::fail);
                assertRefused(running, "injected", A_MOVED);
            }
            for (Step step : List.of(Step.PREPARE, Step.HOLD, Step.TAKE_OVER, Step.COMMIT)) {
                before(running, LAST, step, ChangeFailureTest::fail);
                assertRefused(running, "injected", A_MOVED);
            }
            assertProven(change(running, A_MOVED));
            assertProven(change(running, TWO_PROCESSES));
            before(running, LAST, Step.FINISH, ChangeFailureTest::fail);
            assertMade(running, "injected", A_MOVED);
            assertProven(change(running, TWO_PROCESSES));
            before(running, "a", Step.COMMIT, ChangeFailureTest::fail);
            assertMade(running, "injected", A_MOVED);
            finish(running);
            assertTrue(
                    running.run().conservation().holds(),
                    () -> running.run().conservation().toString());
        }
    }

    @Test
    void aRollBackThatFailsHoldsNothingUp() throws Exception {
        try (RunningChain running = twoProcesses()) {
            moving(running);
            before(running, LAST, Step.COMMIT, ChangeFailureTest::fail);
            before(running, LAST, Step.ROLL_BACK, ChangeFailureTest::fail);
            assertRefused(running, "injected", A_MOVED);
            before(running, LAST, Step.COMMIT, ChangeFailureTest::fail);
            before(running, "a", Step.ROLL_BACK, ChangeFailureTest::fail);
            // A process of which nobody knows how far it has got is ended.
            kills.set(1);
            assertRefused(running, "injected", A_MOVED);
            assertTrue(change(running, A_MOVED).conserved());
            moving(running);
            finish(running);
        }
    }

    @Test
    @Tag("soak")
    void aProcessThatStandsStillIsEndedAfterAWhile() throws Exception {
        try (RunningChain running = twoProcesses()) {
            moving(running);
            before(running, "a", Step.HOLD, () -> signal("STOP", processOf("a")));
            kills.incrementAndGet();
            assertRefused(running, "the process of function 'a' did not answer within 10 s", A_MOVED);
            assertTrue(change(running, A_MOVED).conserved());
            moving(running);
            finish(running);
        }
    }

    @Test
    void aChainWhoseMemorysKeeperDiesGoesOnAndIsNotChanged() throws Exception {
        try (RunningChain running = twoProcesses()) {
            moving(running);
            ProcessHandle keeper = ProcessHandle.current()
                    .descendants()
                    .filter(process -> CommandLines.of(process).contains(HostMain.class.getName()))
                    .findFirst()
                    .orElseThrow();
            before(running, LAST, Step.PREPARE, () -> {
                keeper.destroyForcibly();
                keeper.onExit().join();
            });
            assertRefused(running, "host", A_MOVED);
            assertRefused(running, "host", A_MOVED);
            finish(running);
        }
    }

    /** Somebody else waits for its answer, with all the time in the world. */
    @Test
    @Tag("soak")
    void aProcessThatHasStoodStillBeforeDoesNotHoldAChangeUpForLong() throws Exception {
        try (RunningChain running = twoProcesses()) {
            moving(running);
            signal("STOP", processOf("b"));
            kills.incrementAndGet();
            Thread waiting = Thread.ofPlatform().start(() -> running.run().conservation());
            Thread.sleep(100);
            assertTrue(change(running, A_MOVED).conserved());
            waiting.join();
            moving(running);
            finish(running);
        }
    }

    /** Changes a chain, and says so just before a step that never comes. */
    public static final class Supervisor {
        private Supervisor() {}

        /** @param arguments directory, step, and a file to make when it has come to it */
        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[0]);
            try (RunningChain running = launch(directory, TWO_PROCESSES)) {
                moving(running);
                before(running, "a", Step.valueOf(arguments[1]), () -> {
                    try {
                        Files.createFile(Path.of(arguments[2]));
                        Thread.sleep(Duration.ofMinutes(1));
                    } catch (IOException | InterruptedException impossible) {
                        throw new IllegalStateException(impossible);
                    }
                });
                running.run().change(target(directory, running, A_MOVED));
            }
        }
    }

    /** The processes of the chain go on, and hold nothing up, when whoever led the change is there no more. */
    @ParameterizedTest
    @Tag("soak")
    @EnumSource(
            value = Step.class,
            names = {"HOLD", "COMMIT"})
    void aSupervisorThatDiesLeavesNobodyWaiting(Step step) throws Exception {
        Path there = directory.resolve("there");
        Process supervisor =
                JavaProcess.start(Supervisor.class, List.of(directory.toString(), step.name(), there.toString()));
        long deadline = System.nanoTime() + AT_MOST.toNanos();
        while (!Files.exists(there)) {
            assertTrue(supervisor.isAlive() && System.nanoTime() < deadline, "the change begins");
            Thread.sleep(10);
        }
        List<ProcessHandle> left = supervisor.descendants().toList();
        supervisor.destroyForcibly().waitFor();
        // As it was, for the change was not made; and then as it should have become.
        try (RunningChain running = twoProcesses()) {
            String place = running.run().snapshot().hops().get(1).process();
            assertTrue(left.stream().anyMatch(process -> place.equals("pid " + process.pid())), "it takes them over");
            moving(running);
            assertTrue(change(running, A_MOVED).conserved());
            moving(running);
            running.run().drain(Duration.ofSeconds(20));
            assertEquals(0, running.run().conservation().held());
        }
        left.forEach(ProcessHandle::destroy);
        left.forEach(process -> process.onExit().join());
    }

    /** Kills anybody at any step of any change, again and again. */
    @Test
    @Tag("soak")
    void whoeverDiesWheneverHoldsNothingUp() throws Exception {
        long seed = Long.getLong("test.seed", System.nanoTime());
        Random random = new Random(seed);
        int made = 0;
        int refused = 0;
        try (RunningChain running = twoProcesses()) {
            for (int i = 0; i < 40; i++) {
                moving(running);
                Step step = Step.values()[random.nextInt(Step.values().length)];
                String victim = random.nextBoolean() ? "a" : "b";
                long delay = random.nextInt(3);
                ((SupervisedRun) running.run()).witness((place, next) -> {
                    if (next == step) {
                        killIfThere(victim, delay);
                        undisturbed(running);
                    }
                });
                try {
                    change(running, random(random));
                    made++;
                } catch (ChangeRefusedException failed) {
                    refused++;
                }
                undisturbed(running);
            }
            moving(running);
            running.run().drain(Duration.ofSeconds(30));
            Conservation end = running.run().conservation();
            assertEquals(0, end.held(), () -> "seed " + seed + ": " + end);
            long most = MOST_IN_HANDS * kills.get();
            assertTrue(end.unaccounted() >= 0 && end.unaccounted() <= most, () -> "seed " + seed + ": " + end);
            assertEquals(0, number(running.run().reports().get("seen"), "disorders"), () -> "seed " + seed);
        }
        assertTrue(made > 0 && refused > 0, "seed " + seed + ": " + made + " made, " + refused + " refused");
    }

    private void killIfThere(String function, long delayMillis) {
        try {
            Thread.sleep(delayMillis);
            kill(function);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (NoSuchElementException notAtTheMoment) {
            // It is not in the chain, or it has died before and is not there again.
        }
    }

    private static String[] random(Random random) {
        List<String> elements = new ArrayList<>(List.of(source()));
        for (String name : List.of("a", "b")) {
            switch (random.nextInt(4)) {
                case 0 -> elements.add(tally(name, random.nextInt(5), random.nextInt(3)));
                case 1, 2 -> elements.add(own(name, random.nextInt(5)));
                default -> {}
            }
        }
        elements.add(tally("seen", 1, random.nextInt(2)));
        elements.add(sink(0));
        return elements.toArray(String[]::new);
    }
}
