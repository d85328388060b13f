// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.ChainStates;
import io.ptnetmap.nfv.deploy.FakeMachines;
import io.ptnetmap.nfv.deploy.KeptState;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.engine.StateTaken;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainHealth.FunctionState;
import io.ptnetmap.nfv.telemetry.ChainHealth.Recovery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions whose chain keeps what they know, and what they know after all that can end them. */
class KeptStatesTest {
    private static final String PERSIST = "persist: 200ms,";

    @TempDir
    Path directory;

    private final FunctionRegistry functions = FunctionRegistry.open();
    private FunctionStates store;

    @BeforeEach
    void open() {
        KeptFunctions.BROKEN.set(false);
        store = FunctionStates.open(directory.resolve(FunctionStates.FILE));
    }

    @AfterEach
    void close() {
        store.close();
        functions.close();
    }

    private static String yaml(String ledger) {
        return """
                chain: kept
                functions:
                  - {type: trickle, config: {per-tick: 10}}
                %s  - {type: hole}
                """.formatted(ledger);
    }

    private static String ledger(String options, String config) {
        return "  - {type: ledger, " + options + " config: {" + config + "}}\n";
    }

    private Chain chain(String yaml) throws IOException {
        Path file = Files.writeString(directory.resolve("chain.yaml"), yaml);
        return ChainDescriptor.read(file).resolve(functions, List.of());
    }

    private ChainStates states() {
        return store.of("kept");
    }

    private ChainRun launch(String ledger) throws IOException {
        return new Launcher()
                .launch(
                        chain(yaml(ledger)),
                        new LaunchOptions(
                                functions,
                                Optional.empty(),
                                FakeMachines.in(directory),
                                Optional.empty(),
                                Optional.of(states()),
                                run -> {}));
    }

    /** What the ledger reports; 0 while it is being started again. */
    private static long number(ChainRun run, String what) {
        return ((Number) run.reports().getOrDefault("ledger", Map.of()).getOrDefault(what, 0)).longValue();
    }

    private static ChainHealth.Function health(ChainRun run) {
        return run.health().functions().stream()
                .filter(function -> function.name().equals("ledger"))
                .findFirst()
                .orElseThrow();
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "not in time: " + what);
            Thread.sleep(10);
        }
    }

    private static void awaitPackets(ChainRun run, long more) throws InterruptedException {
        long goal = number(run, "packets") + more;
        await("packets", () -> number(run, "packets") >= goal);
    }

    /** Waits until a state is kept that was taken down after this moment. */
    private void awaitKept() throws InterruptedException {
        Instant now = Instant.now();
        await(
                "a state",
                () -> Optional.ofNullable(states().kept().get("ledger"))
                        .filter(kept -> kept.at().isAfter(now))
                        .isPresent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "process: own,", "vm: box,"})
    void aChainThatIsDrainedGoesOnWhereItWas(String place) throws Exception {
        long counted;
        try (ChainRun run = launch(ledger(PERSIST + place, ""))) {
            awaitPackets(run, 50);
            assertEquals(Optional.empty(), health(run).recovery());
            run.drain(Duration.ofSeconds(10));
            counted = number(run, "packets");
        }
        try (ChainRun run = launch(ledger(PERSIST + place, ""))) {
            assertEquals(counted, number(run, "before"), "what was taken down last is all");
            Recovery recovery = health(run).recovery().orElseThrow();
            assertEquals("", recovery.refusal());
            assertEquals(Map.of("packets", counted), recovery.taken());
            assertTrue(recovery.age().toMillis() < 60_000, recovery::toString);
            awaitPackets(run, 10);
        }
    }

    @Test
    void withoutPersistNothingIsKeptAndNothingRead() throws Exception {
        try (ChainRun run = launch(ledger(PERSIST, ""))) {
            awaitPackets(run, 10);
            awaitKept();
        }
        try (ChainRun run = launch(ledger("", ""))) {
            assertEquals(0, number(run, "before"));
            assertEquals(Map.of(), states().kept());
            run.drain(Duration.ofSeconds(10));
        }
        assertEquals(Map.of(), states().kept());
    }

    @Test
    void whatIsKeptIsNoOlderThanTheChainSays() throws Exception {
        try (ChainRun run = launch(ledger("persist: 1s,", ""))) {
            awaitPackets(run, 10);
            awaitKept();
            for (int i = 0; i < 40; i++) {
                Duration age = Duration.between(states().kept().get("ledger").at(), Instant.now());
                // A little more, for a processor that others use, too.
                assertTrue(age.toMillis() < 1500, age::toString);
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "form: 2, a ledger's state in form 1 instead of 2",
        "fault: take-over, it cannot take over",
    })
    void whatAFunctionCannotUseIsRefusedAndItBeginsWithNothing(String config, String reason) throws Exception {
        try (ChainRun run = launch(ledger(PERSIST, ""))) {
            awaitPackets(run, 10);
            run.drain(Duration.ofSeconds(10));
        }
        try (ChainRun run = launch(ledger(PERSIST, config))) {
            assertEquals(reason, health(run).recovery().orElseThrow().refusal());
            assertEquals(0, number(run, "before"));
            awaitPackets(run, 10);
            awaitKept();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 4, 12, 30, 40, 100_000})
    void damageIsRefused(int place) throws Exception {
        try (ChainRun run = launch(ledger(PERSIST, "length: 20000"))) {
            awaitPackets(run, 10);
            run.drain(Duration.ofSeconds(10));
        }
        byte[] content = states().open("ledger").orElseThrow().readAllBytes();
        content[place] ^= 0x10;
        try (ChainStates.Draft draft = states().begin("ledger")) {
            draft.out().write(content);
            draft.commit(new StateTaken(Instant.now(), 0, content.length));
        }
        try (ChainRun run = launch(ledger(PERSIST, "length: 20000"))) {
            assertEquals(
                    "it is damaged: its checksum is another one",
                    health(run).recovery().orElseThrow().refusal());
            assertEquals(0, number(run, "before"));
            awaitPackets(run, 10);
        }
    }

    @Test
    void theStateOfAnotherTypeIsRefused() throws Exception {
        try (ChainRun run =
                launch("  - {name: ledger, type: tally, " + PERSIST + " config: {step: 1, fault: none}}\n")) {
            awaitPackets(run, 10);
            awaitKept();
        }
        try (ChainRun run = launch(ledger(PERSIST, ""))) {
            assertEquals(
                    "it is that of a tally",
                    health(run).recovery().orElseThrow().refusal());
            awaitPackets(run, 10);
        }
    }

    @Test
    void aProcessThatIsKilledKnowsAgainWhatWasKept() throws Exception {
        try (ChainRun run = launch(ledger(PERSIST + " process: own,", ""))) {
            awaitPackets(run, 50);
            awaitKept();
            long counted = number(run, "packets");
            awaitKept();
            kill(run);
            await("another process", () -> number(run, "before") > 0);
            assertTrue(number(run, "before") >= counted, () -> counted + ", but " + run.reports());
            assertEquals("", health(run).recovery().orElseThrow().refusal());
            awaitPackets(run, 10);
        }
    }

    /** Packets flow while the state goes from the machine to here, in many pieces. */
    @Test
    void aMachineThatIsKilledKnowsAgainWhatWasKept() throws Exception {
        try (ChainRun run = launch(ledger(PERSIST + " vm: box,", "length: 40000"))) {
            awaitPackets(run, 50);
            awaitKept();
            long counted = number(run, "packets");
            awaitKept();
            assertTrue(states().kept().get("ledger").bytes() > 40_000 * Long.BYTES);
            FakeMachines.running().forEach(ProcessHandle::destroyForcibly);
            await("another machine", () -> number(run, "before") > 0);
            assertTrue(number(run, "before") >= counted, () -> counted + ", but " + run.reports());
            assertEquals("", health(run).recovery().orElseThrow().refusal());
            awaitPackets(run, 10);
            awaitKept();
        }
        assertEquals(List.of(), FakeMachines.running());
    }

    @Test
    void functionsOfOneMachineAreKeptSideBySide() throws Exception {
        String second = "  - {name: second, type: ledger, vm: box, persist: 100ms}\n";
        try (ChainRun run = launch(ledger(PERSIST + " vm: box,", "length: 20000") + second)) {
            awaitPackets(run, 50);
            for (int i = 0; i < 5; i++) {
                awaitKept();
            }
            assertEquals(Set.of("ledger", "second"), states().kept().keySet());
            FakeMachines.running().forEach(ProcessHandle::destroyForcibly);
            await("another machine", () -> number(run, "before") > 0);
            assertTrue(
                    ((Number) run.reports().get("second").get("before")).longValue() > 0,
                    () -> run.reports().toString());
        }
    }

    @Test
    void aFunctionThatIsRestoredInAMachineKnowsAgainWhatWasKept() throws Exception {
        Path broken = directory.resolve("broken");
        String options = PERSIST + " vm: box, on-failure: {limit: 1},";
        try (ChainRun run = launch(ledger(options, "fault: '" + broken + "'"))) {
            awaitPackets(run, 50);
            awaitKept();
            Files.createFile(broken);
            await("quarantine", () -> health(run).state() == FunctionState.QUARANTINED);
            Files.delete(broken);
            run.restore("ledger");
            long before = number(run, "before");
            assertTrue(before >= 50, () -> run.reports().toString());
            awaitPackets(run, 10);
            awaitKept();
            Files.createFile(broken);
            await("quarantine", () -> health(run).state() == FunctionState.QUARANTINED);
            Files.delete(broken);
            run.change(chain(yaml(ledger(PERSIST + " vm: box,", ""))));
            assertTrue(number(run, "before") > before, () -> run.reports().toString());
        }
    }

    private static void kill(ChainRun run) {
        String process = run.snapshot().hops().get(1).process();
        assertTrue(ProcessHandle.of(Long.parseLong(process.replace("pid ", "")))
                .orElseThrow()
                .destroyForcibly());
    }

    @Test
    void aFunctionThatIsRestoredKnowsAgainWhatWasKept() throws Exception {
        try (ChainRun run = launch(ledger(PERSIST + " on-failure: {limit: 1},", ""))) {
            awaitPackets(run, 50);
            awaitKept();
            KeptFunctions.BROKEN.set(true);
            await("quarantine", () -> health(run).state() == FunctionState.QUARANTINED);
            KeptState kept = states().kept().get("ledger");
            TimeUnit.MILLISECONDS.sleep(500);
            assertEquals(kept, states().kept().get("ledger"), "nothing is taken down of what has failed");
            KeptFunctions.BROKEN.set(false);
            run.restore("ledger");
            assertTrue(number(run, "before") >= 50, () -> run.reports().toString());
            assertEquals(FunctionState.RUNNING, health(run).state());
            awaitKept();
        }
    }

    @Test
    void aChangeOfAFunctionInQuarantineBringsBackWhatWasKept() throws Exception {
        try (ChainRun run = launch(ledger(PERSIST + " on-failure: {limit: 1},", ""))) {
            awaitPackets(run, 50);
            awaitKept();
            KeptFunctions.BROKEN.set(true);
            await("quarantine", () -> health(run).state() == FunctionState.QUARANTINED);
            KeptFunctions.BROKEN.set(false);
            run.change(chain(yaml(ledger(PERSIST, ""))));
            assertTrue(number(run, "before") >= 50, () -> run.reports().toString());
        }
    }

    @Test
    void whatIsKeptFollowsTheChangesOfARunningChain() throws Exception {
        try (ChainRun run = launch(ledger(PERSIST, ""))) {
            awaitPackets(run, 20);
            awaitKept();
            run.change(chain(yaml("")));
            assertEquals(Map.of(), states().kept(), "removed, and its state with it");
            run.change(chain(yaml(ledger(PERSIST, ""))));
            assertEquals(0, number(run, "before"), "another one, which begins with nothing");
            awaitPackets(run, 20);
            awaitKept();
            run.change(chain(yaml(ledger(PERSIST + " process: own,", ""))));
            long moved = number(run, "before");
            assertTrue(moved >= 20, () -> run.reports().toString());
            awaitKept();
            kill(run);
            await("another process", () -> number(run, "before") > moved);
            run.change(chain(yaml(ledger("process: own,", ""))));
            assertEquals(Map.of(), states().kept(), "not to be kept any more");
            run.change(chain(yaml(ledger("persist: 300ms, process: own,", ""))));
            awaitKept();
            assertTrue(run.conservation().unaccounted() >= 0);
        }
    }
}
