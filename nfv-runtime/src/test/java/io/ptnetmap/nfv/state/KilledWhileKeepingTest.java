// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.JavaCommand;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.ChainStates;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed while it keeps a large state has left a whole one, which is as young as its chain says. */
class KilledWhileKeepingTest {
    private static final Duration BOUND = Duration.ofMillis(400);
    /** For a processor that others use, too, and a disk. */
    private static final Duration TOLERANCE = Duration.ofMillis(1500);

    private static final int NUMBERS = 200_000;
    private static final int HEADER = 4 + 2 + "ledger".length() + 4 + 8 + 4;

    @TempDir
    Path directory;

    /** The process that is killed: it says a word when a first state is kept. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[0]);
            FunctionRegistry functions = FunctionRegistry.open();
            ChainStates states =
                    FunctionStates.open(directory.resolve(FunctionStates.FILE)).of("killed");
            Instant start = Instant.now();
            ChainRun run = new Launcher()
                    .launch(
                            ChainDescriptor.read(directory.resolve("chain.yaml"))
                                    .resolve(functions, List.of()),
                            new LaunchOptions(
                                    functions,
                                    Optional.empty(),
                                    LaunchOptions.Machines.ofThisUser(),
                                    Optional.empty(),
                                    Optional.of(states),
                                    launched -> {}));
            while (states.kept().isEmpty() || states.kept().get("ledger").at().isBefore(start)) {
                Thread.sleep(5);
            }
            System.out.println("keeping " + run.reports().get("ledger").get("before"));
            Thread.currentThread().join();
        }
    }

    private Process start() throws IOException {
        return new ProcessBuilder(JavaCommand.of(Victim.class, directory.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private void killAgainAndAgain(int times) throws IOException, InterruptedException {
        Files.writeString(directory.resolve("chain.yaml"), """
                chain: killed
                functions:
                  - {type: trickle, config: {per-tick: 10}}
                  - {type: ledger, persist: %dms, config: {length: %d}}
                  - {type: hole}
                """.formatted(BOUND.toMillis(), NUMBERS));
        Random random = new Random(8471);
        long before = 0;
        long oldest = 0;
        for (int i = 0; i < times; i++) {
            Process process = start();
            try {
                String word = process.inputReader().readLine();
                assertEquals("keeping " + before, word, "it goes on from what was kept");
                Thread.sleep(random.nextInt(600));
                Instant killed = Instant.now();
                process.destroyForcibly().waitFor();
                long age = verifyAge(killed);
                oldest = Math.max(oldest, age);
            } finally {
                process.destroyForcibly().waitFor();
            }
            long kept = keptCount();
            assertTrue(kept > before, "it has counted on: " + kept);
            before = kept;
        }
        System.out.printf("%d kills, the oldest state was %d ms old%n", times, oldest);
    }

    private FunctionStates open() {
        return FunctionStates.open(directory.resolve(FunctionStates.FILE));
    }

    private long verifyAge(Instant killed) {
        try (FunctionStates store = open()) {
            Duration age =
                    Duration.between(store.of("killed").kept().get("ledger").at(), killed);
            assertTrue(age.compareTo(BOUND.plus(TOLERANCE)) <= 0, () -> "the state kept is " + age + " old");
            return age.toMillis();
        }
    }

    /** The state as its form says, read without the code under test: every number in it is of one and the same moment. */
    private long keptCount() throws IOException {
        try (FunctionStates store = open()) {
            byte[] content = store.of("killed").open("ledger").orElseThrow().readAllBytes();
            assertEquals(HEADER + NUMBERS * Long.BYTES + 4, content.length);
            CRC32C checksum = new CRC32C();
            checksum.update(content, 0, content.length - 4);
            ByteBuffer all = ByteBuffer.wrap(content);
            assertEquals((int) checksum.getValue(), all.getInt(content.length - 4));
            assertEquals(NUMBERS, all.getInt(HEADER - 4));
            long first = all.getLong(HEADER);
            for (int i = 0; i < NUMBERS; i++) {
                assertEquals(first, all.getLong(HEADER + i * Long.BYTES));
            }
            return first;
        }
    }

    @Test
    void aWholeStateIsThereAfterTenKills() throws IOException, InterruptedException {
        killAgainAndAgain(10);
    }

    @Test
    @Tag("soak")
    void aWholeStateIsThereAfterThreeHundredKills() throws IOException, InterruptedException {
        killAgainAndAgain(300);
    }
}
