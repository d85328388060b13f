// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static io.ptnetmap.nfv.deploy.LiveChains.arrived;
import static io.ptnetmap.nfv.deploy.LiveChains.assertProven;
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
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Chains with links that copy, changed while numbered packets run through them at full rate: switches drop all the time what their
 * receivers have no room for, but nothing for the change.
 */
class ValeChangeTest {
    /** Long enough for the source to fill each ring a hundred times. */
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final String SINK_IN_PROCESS = "{name: sink, type: checking-sink, process: own, trust: tenant}";

    @TempDir
    Path directory;

    @AfterEach
    void noProcessIsLeftBehind() {
        assertEquals(List.of(), processesLeft());
    }

    /** The first function behind a switch. */
    private static String far(String name, int step, int worker) {
        return "{name: " + name + ", type: tally, worker: " + worker
                + ", link: {type: vale, slots: 1024}, config: {step: " + step + ", fault: none}}";
    }

    private static String farInProcess(int step) {
        return "{name: far, type: tally, process: own, trust: tenant, link: {type: vale, slots: 1024}, config: {step: "
                + step + ", fault: none}}";
    }

    private static String tenant(String element) {
        return element.replace("{name: ", "{trust: tenant, name: ");
    }

    private RunningChain launch(String... elements) throws IOException {
        return LiveChains.launch(directory, elements);
    }

    private Chain target(RunningChain running, String... elements) throws IOException {
        return LiveChains.target(directory, running, elements);
    }

    private ChangeReport change(RunningChain running, String... elements) throws Exception {
        ChangeReport report = LiveChains.change(directory, running, elements);
        assertTrue(report.switchDrops().isPresent(), report::toString);
        return report;
    }

    /** A change during which switches have no reason to drop anything. */
    private void changeWithoutDrops(RunningChain running, String... elements) throws Exception {
        ChangeReport report = change(running, elements);
        assertEquals(OptionalLong.of(0), report.switchDrops(), report::toString);
    }

    /** Makes each change take long between the moment at which packets have to wait and that at which they go on. */
    private static void slowly(RunningChain running) {
        ((SupervisedRun) running.run()).witness((place, step) -> {
            if (step == Step.PROBE || step == Step.COMMIT || step == Step.RELEASE) {
                LockSupport.parkNanos(LONG_NANOS);
            }
        });
    }

    /** Lets all arrive: what did not was dropped by a switch, and is in the account of whoever had sent it. */
    private static void finish(RunningChain running) throws InterruptedException {
        ((SupervisedRun) running.run()).witness(ChangeWitness.NONE);
        running.run().drain(Duration.ofSeconds(20));
        Conservation end = running.run().conservation();
        assertTrue(end.holds() && end.held() == 0, end::toString);
        ChainSnapshot snapshot = running.run().snapshot();
        assertEquals(snapshot.hops().getFirst().created(), arrived(running.run()) + end.dropped(), end::toString);
        snapshot.hops()
                .forEach(hop ->
                        assertTrue(Set.of("link-full").containsAll(hop.drops().keySet()), hop::toString));
        running.run()
                .reports()
                .values()
                .forEach(report -> assertEquals(0, number(report, "disorders"), report::toString));
    }

    private static Map<String, Object> report(RunningChain running, String function) {
        return running.run().reports().get(function);
    }

    private static ChainSnapshot.Hop hop(RunningChain running, String name) {
        return running.run().snapshot().hops().stream()
                .filter(hop -> hop.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void bothSidesOfASwitchChangeInOneProcess() throws Exception {
        try (RunningChain running = launch(source(), tally("near", 1, 0), far("far", 1, 1), sink(1))) {
            slowly(running);
            changeWithoutDrops(running, source(), tally("near", 1, 0), far("far", 2, 1), sink(1));
            assertEquals(2, report(running, "far").get("step"));
            changeWithoutDrops(running, source(), tally("near", 2, 0), far("far", 2, 1), sink(1));
            assertEquals(2, report(running, "near").get("step"));
            // What is behind the switch gets to another worker, in whole and in parts, and gets a link more.
            changeWithoutDrops(running, source(), tally("near", 2, 0), far("far", 2, 2), sink(2));
            changeWithoutDrops(running, source(), tally("near", 2, 0), far("far", 2, 1), tally("b", 1, 2), sink(2));
            changeWithoutDrops(running, source(), tally("near", 2, 0), far("b", 1, 1), sink(2));
            changeWithoutDrops(running, source(), tally("near", 2, 0), far("b", 1, 1), tally("far", 3, 1), sink(1));
            // And what is before it.
            changeWithoutDrops(running, source(), tally("a", 1, 0), tally("near", 1, 2), far("b", 1, 1), sink(1));
            changeWithoutDrops(running, source(), tally("near", 1, 2), tally("a", 1, 0), far("b", 1, 1), sink(1));
            changeWithoutDrops(running, source(), far("b", 1, 0), sink(0));
            assertTrue(number(report(running, "b"), "packets") > 1000, "it has kept what it knows");
            finish(running);
        }
    }

    @Test
    void whoeverSendsOverSeveralSwitchesWaitsForTheLastOne() throws Exception {
        String[] before = {source(), far("a", 1, 1), far("b", 1, 0), far("c", 1, 1), sink(1)};
        String[] after = {source(), far("a", 1, 1), far("b", 1, 0), far("c", 1, 2), sink(1)};
        try (RunningChain running = launch(before)) {
            slowly(running);
            for (int i = 0; i < 3; i++) {
                changeWithoutDrops(running, after);
                changeWithoutDrops(running, before);
            }
            finish(running);
        }
    }

    @Test
    void packetsThatComeBackCrossTheSwitchToo() throws Exception {
        String[] before = {source(), tally("near", 1, 0), far("far", 1, 1), sink("echo", 1)};
        String[] after = {source(), tally("near", 1, 2), far("far", 1, 1), sink("echo", 1)};
        try (RunningChain running = launch(before)) {
            for (int i = 0; i < 3; i++) {
                change(running, after);
                change(running, before);
            }
            changeWithoutDrops(running, source(), tally("near", 2, 0), far("far", 2, 1), sink("echo", 1));
            ((SupervisedRun) running.run()).drain(Duration.ofSeconds(20));
            Conservation end = running.run().conservation();
            assertTrue(end.holds() && end.held() == 0, end::toString);
            running.run()
                    .reports()
                    .values()
                    .forEach(report -> assertEquals(0, number(report, "disorders"), report::toString));
        }
    }

    @Test
    void processesOfTwoGroupsChange() throws Exception {
        String near = tally("near", 1, 1);
        String sink = SINK_IN_PROCESS;
        try (RunningChain running = launch(source(), near, farInProcess(1), sink)) {
            slowly(running);
            changeWithoutDrops(running, source(), near, farInProcess(2), sink);
            assertEquals(2, report(running, "far").get("step"));
            changeWithoutDrops(running, source(), near, farInProcess(2), tenant(own("b", 1)), sink);
            changeWithoutDrops(running, source(), near, farInProcess(2), tenant(own("b", 2)), sink);
            changeWithoutDrops(running, source(), own("a", 1), near, farInProcess(2), tenant(own("b", 2)), sink);
            changeWithoutDrops(running, source(), own("a", 1), tally("near", 2, 1), farInProcess(3), sink);
            changeWithoutDrops(running, source(), tally("near", 2, 0), farInProcess(3), sink);
            assertEquals(3, report(running, "far").get("step"));
            assertTrue(number(report(running, "far"), "packets") > 1000, "it has kept what it knows");
            finish(running);
        }
    }

    @Test
    void whatASwitchDropsIsTheAffairOfWhoeverHadSentIt() throws Exception {
        String slow = "{name: sink, type: slow-sink, worker: 1, link: {type: vale, slots: 64}}";
        try (RunningChain running = launch(source(), tally("a", 1, 0), slow)) {
            dropping(running);
            ChangeReport report =
                    running.run().change(target(running, source(), tally("a", 1, 0), tally("b", 1, 0), slow));
            assertProven(report);
            long ofA = hop(running, "a").dropped();
            assertTrue(ofA > 0, "it had sent what was dropped before");
            dropping(running);
            assertEquals(ofA, hop(running, "a").dropped());
            assertTrue(hop(running, "b").dropped() > 0);
            assertProven(running.run().change(target(running, source(), tally("a", 1, 0), slow)));
            dropping(running);
            assertTrue(hop(running, "a").dropped() > ofA);
            running.run().drain(Duration.ofSeconds(20));
            Conservation end = running.run().conservation();
            assertTrue(end.holds() && end.held() == 0, end::toString);
            assertEquals(hop(running, "source").created(), arrived(running.run()) + end.dropped());
            ChainSnapshot.Hop a = hop(running, "a");
            assertEquals(0, a.unaccounted(), a::toString);
        }
    }

    private static void dropping(RunningChain running) throws InterruptedException {
        long before = running.run().conservation().dropped();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (running.run().conservation().dropped() < before + 1000) {
            assertTrue(System.nanoTime() < deadline, "nothing is dropped");
            Thread.sleep(1);
        }
    }

    @Test
    void aSwitchItselfStaysAsItIs() throws Exception {
        String[] before = {source(), tally("a", 1, 0), far("far", 1, 0), sink(0)};
        try (RunningChain running = launch(before)) {
            assertRefused(
                    running, "neither put in nor taken out", source(), tally("a", 1, 0), tally("far", 1, 0), sink(0));
            assertRefused(running, "neither put in nor taken out", source(), far("a", 1, 0), far("far", 1, 0), sink(0));
            assertRefused(
                    running,
                    "has rings of 1024 slots",
                    source(),
                    tally("a", 1, 0),
                    far("far", 1, 0).replace("1024", "512"),
                    sink(0));
            assertRefused(
                    running,
                    "stay in the processes",
                    source(),
                    tally("a", 1, 0),
                    far("far", 1, 0).replace("worker: 0", "process: own"),
                    sink(0));
            assertRefused(running, "from one side of link", source(), far("far", 1, 0), tally("a", 1, 0), sink(0));
            moving(running);
            finish(running);
        }
        try (RunningChain running = launch(source(), tally("a", 1, 0), sink(0))) {
            assertRefused(running, "neither put in nor taken out", source(), far("a", 1, 0), sink(0));
        }
    }

    private void assertRefused(RunningChain running, String words, String... elements) throws Exception {
        Chain target = target(running, elements);
        ChangeRefusedException refusal =
                assertThrows(ChangeRefusedException.class, () -> running.run().change(target));
        assertTrue(refusal.getMessage().contains(words), refusal::getMessage);
    }

    @Test
    void aChangeThatIsTakenBackLetsAllGoOn() throws Exception {
        String[] before = {source(), tally("near", 1, 0), far("far", 1, 1), sink(1)};
        try (RunningChain running = launch(before)) {
            moving(running);
            Chain target = target(
                    running,
                    source(),
                    tally("near", 1, 0),
                    far("far", 2, 2).replace("fault: none", "fault: take-over"),
                    sink(2));
            assertThrows(ChangeRefusedException.class, () -> running.run().change(target));
            moving(running);
            changeWithoutDrops(running, source(), tally("near", 1, 0), far("far", 3, 2), sink(2));
            finish(running);
        }
    }

    @Test
    void eachGroupHasTheMemoryOfItsOwnRegion() throws Exception {
        String text = "chain: live\nmemory: {buffers: 9000}\nfunctions:\n  - " + source() + "\n  - " + far("far", 1, 0);
        String before = text + "\n  - " + sink(0) + "\n";
        String tooMuch = text + "\n  - {name: sink, type: checking-sink, link: {type: pipe, slots: 2048}}\n";
        String enough = text + "\n  - {name: b, type: pass, worker: 2, link: {slots: 64}}\n"
                + "  - {name: sink, type: checking-sink, link: {slots: 64}}\n";
        try (RunningChain running = RunningChain.launch(directory, before)) {
            moving(running);
            ChangeRefusedException refusal = assertThrows(
                    ChangeRefusedException.class, () -> running.run().change(read(running, tooMuch)));
            assertTrue(refusal.getMessage().contains("packet buffers"), refusal::getMessage);
            moving(running);
            assertProven(running.run().change(read(running, enough)));
            finish(running);
        }
    }

    private Chain read(RunningChain running, String text) throws IOException {
        Path file = Files.writeString(directory.resolve("chain.yaml"), text);
        return ChainDescriptor.read(file).resolve(running.functions(), List.of());
    }

    @Test
    void aReceiverThatDiesHoldsNobodyUp() throws Exception {
        String[] before = {source(), tally("near", 1, 0), farInProcess(1), SINK_IN_PROCESS};
        String[] after = {source(), tally("near", 2, 2), farInProcess(2), SINK_IN_PROCESS};
        try (RunningChain running = launch(before)) {
            SupervisedRun run = (SupervisedRun) running.run();
            for (Step step : List.of(Step.REST, Step.HOLD, Step.SEAL)) {
                moving(running);
                killBefore(run, step);
                Chain target = target(running, after);
                ChangeRefusedException refusal = assertThrows(ChangeRefusedException.class, () -> run.change(target));
                assertTrue(refusal.getMessage().contains("'far' has died"), refusal::getMessage);
                moving(running);
            }
            for (Step step : List.of(Step.COMMIT, Step.RELEASE)) {
                moving(running);
                killBefore(run, step);
                ChangeReport report = run.change(target(running, step == Step.COMMIT ? after : before));
                assertTrue(report.mishaps().getFirst().contains("'far' has died"), report::toString);
                assertEquals(0, report.lost(), report::toString);
                run.witness(ChangeWitness.NONE);
                moving(running);
            }
            assertEquals(1, report(running, "far").get("step"));
            changeWithoutDrops(running, after);
            moving(running);
            run.drain(Duration.ofSeconds(20));
            Conservation end = run.conservation();
            assertEquals(0, end.held(), end::toString);
            assertTrue(end.unaccounted() >= 0, end::toString);
            assertEquals(0, number(report(running, "far"), "disorders"));
        }
    }

    private static void killBefore(SupervisedRun run, Step step) {
        AtomicInteger times = new AtomicInteger();
        run.witness((place, next) -> {
            if (place.equals("far") && next == step && times.getAndIncrement() == 0) {
                ProcessHandle victim = LiveChains.processOf("far");
                victim.destroyForcibly();
                victim.onExit().join();
            }
        });
    }

    /** With any seed: functions and links of two or three groups, of which none gets to another group. */
    @Property(tries = 3, shrinking = ShrinkingMode.OFF)
    void randomChangesLoseNothing(@ForAll Random random, @ForAll @IntRange(min = 1, max = 2) int switches)
            throws Exception {
        directory = Files.createTempDirectory("vale");
        List<List<String>> groups = new ArrayList<>();
        for (int i = 0; i <= switches; i++) {
            groups.add(new ArrayList<>());
        }
        int fresh = 0;
        int processes = 0;
        try (RunningChain running = launch(chain(random, groups))) {
            for (int i = 0; i < 60; i++) {
                List<String> group = groups.get(random.nextInt(groups.size()));
                switch (random.nextInt(group.isEmpty() ? 1 : 4)) {
                    case 0 ->
                        group.add(random.nextInt(group.size() + 1), LiveChangeTest.element(random, "f" + fresh++));
                    case 1 -> group.remove(random.nextInt(group.size()));
                    case 2 -> {
                        int place = random.nextInt(group.size());
                        String name = LiveChangeTest.name(group.get(place));
                        boolean process = processes < 2 && random.nextInt(5) == 0;
                        processes += process ? 1 : 0;
                        group.set(place, process ? own(name, i) : LiveChangeTest.element(random, name));
                    }
                    default -> group.add(random.nextInt(group.size()), group.removeLast());
                }
                while (group.size() > 3) {
                    group.remove(random.nextInt(group.size()));
                }
                changeWithoutDrops(running, chain(random, groups));
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

    /** At both sides of a switch there is a function that stays in this process, on any worker. */
    private static String[] chain(Random random, List<List<String>> groups) {
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            elements.add(i == 0 ? source() : far("far" + i, random.nextInt(3), random.nextInt(3)));
            elements.addAll(groups.get(i));
            boolean last = i == groups.size() - 1;
            elements.add(last ? sink(random.nextInt(3)) : tally("near" + i, random.nextInt(3), random.nextInt(3)));
        }
        return elements.toArray(String[]::new);
    }
}
