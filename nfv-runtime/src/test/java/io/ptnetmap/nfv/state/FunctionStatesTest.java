// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.nfv.deploy.ChainStates;
import io.ptnetmap.nfv.deploy.KeptState;
import io.ptnetmap.nfv.engine.StateTaken;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store of functions' states: what is complete is there, and nothing else. */
class FunctionStatesTest {
    private static final Instant AT = Instant.ofEpochMilli(1_700_000_000_123L);

    @TempDir
    Path directory;

    private FunctionStates open() {
        return FunctionStates.open(directory.resolve(FunctionStates.FILE));
    }

    private static byte[] content(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void keep(ChainStates states, String function, byte[] content) throws IOException {
        try (ChainStates.Draft draft = states.begin(function)) {
            draft.out().write(content);
            draft.commit(new StateTaken(AT, 7, content.length));
        }
    }

    private static Optional<byte[]> kept(ChainStates states, String function) throws IOException {
        Optional<InputStream> in = states.open(function);
        return in.isEmpty() ? Optional.empty() : Optional.of(in.get().readAllBytes());
    }

    @Test
    void aStateOutlivesTheStoreWhateverItsLength() throws IOException {
        int[] lengths = {0, 1, FunctionStates.BLOCK - 1, FunctionStates.BLOCK, FunctionStates.BLOCK + 1, 3_000_000};
        for (int length : lengths) {
            try (FunctionStates store = open()) {
                keep(store.of("edge"), "nat", content(length, length));
            }
            try (FunctionStates store = open()) {
                assertArrayEquals(
                        content(length, length), kept(store.of("edge"), "nat").orElseThrow());
                assertEquals(
                        Map.of("nat", new KeptState(AT, 7, length)),
                        store.of("edge").kept());
                assertEquals(Optional.empty(), kept(store.of("other"), "nat"));
            }
        }
    }

    @Test
    void theOneBeforeStaysUntilTheNextIsComplete() throws IOException {
        byte[] first = content(1, 600_000);
        try (FunctionStates store = open()) {
            ChainStates states = store.of("edge");
            keep(states, "nat", first);
            try (ChainStates.Draft draft = states.begin("nat")) {
                draft.out().write(content(2, 2_000_000));
                assertArrayEquals(first, kept(states, "nat").orElseThrow());
            }
            assertArrayEquals(first, kept(states, "nat").orElseThrow(), "given up");
            // As if the process were killed in the middle of one.
            states.begin("nat").out().write(content(3, 2_000_000));
        }
        try (FunctionStates store = open()) {
            assertArrayEquals(first, kept(store.of("edge"), "nat").orElseThrow());
        }
    }

    @Test
    void statesOfWhatIsNoMoreAreForgotten() throws IOException {
        try (FunctionStates store = open()) {
            keep(store.of("edge"), "nat", content(1, 10));
            keep(store.of("edge"), "firewall", content(2, 10));
            keep(store.of("edge-2"), "nat", content(3, 10));
            store.of("edge").retain(Set.of("nat"));
            assertEquals(Set.of("nat"), store.of("edge").kept().keySet());
            assertEquals(Set.of("nat"), store.of("edge-2").kept().keySet(), "another chain's");
            store.retainChains(Set.of("edge-2"));
        }
        try (FunctionStates store = open()) {
            assertEquals(Map.of(), store.of("edge").kept());
            assertArrayEquals(content(3, 10), kept(store.of("edge-2"), "nat").orElseThrow());
        }
    }

    /** Two generations, and gaps between them. */
    @Test
    void theFileDoesNotGrowWithTheNumberOfGenerations() throws IOException {
        int length = 5_000_000;
        Path file = directory.resolve(FunctionStates.FILE);
        try (FunctionStates store = open()) {
            ChainStates states = store.of("edge");
            keep(states, "rare", content(0, 400_000));
            for (int generation = 0; generation < 80; generation++) {
                keep(states, "nat", content(generation, length));
                keep(states, "small", content(generation, 100));
            }
            assertTrue(Files.size(file) < 4L * length, () -> "bytes for states of " + length + ": " + size(file));
            assertArrayEquals(content(0, 400_000), kept(states, "rare").orElseThrow());
        }
    }

    private static long size(Path file) {
        return file.toFile().length();
    }

    @Test
    void aDamagedFileIsPutAside() throws IOException {
        Path file = directory.resolve(FunctionStates.FILE);
        Files.write(file, content(5, 100_000));
        try (FunctionStates store = open()) {
            assertEquals(Map.of(), store.of("edge").kept());
            keep(store.of("edge"), "nat", content(1, 10));
        }
        assertArrayEquals(content(5, 100_000), Files.readAllBytes(directory.resolve(FunctionStates.FILE + ".damaged")));
        try (FunctionStates store = open()) {
            assertArrayEquals(content(1, 10), kept(store.of("edge"), "nat").orElseThrow());
        }
    }

    /** Who may have lost a state is told so; not who never had one, nor whose state was forgotten on purpose. */
    @Test
    void onlyWhoMayHaveLostAStateIsTold() throws IOException {
        Files.write(directory.resolve(FunctionStates.FILE), content(5, 100_000));
        try (FunctionStates store = open()) {
            store.retainChains(Set.of("edge", "unread"));
            store.mayHaveLost("edge", Set.of("nat", "firewall"));
            ChainStates edge = store.of("edge");
            assertLost(edge, "nat");
            assertLost(edge, "firewall");
            assertLost(store.of("unread"), "nat");
            assertEquals(Optional.empty(), kept(edge, "newcomer"));
            assertEquals(Optional.empty(), kept(store.of("new"), "nat"));
            edge.retain(Set.of("nat", "newcomer"));
            assertLost(edge, "nat");
            assertEquals(Optional.empty(), kept(edge, "firewall"), "nothing of it was to be kept any more");
            assertEquals(Optional.empty(), kept(edge, "newcomer"));
            store.of("unread").retain(Set.of("nat"));
            assertLost(store.of("unread"), "nat");
            keep(edge, "nat", content(1, 10));
            edge.retain(Set.of());
            edge.retain(Set.of("nat"));
            assertEquals(Optional.empty(), kept(edge, "nat"));
        }
    }

    private static void assertLost(ChainStates states, String function) {
        IOException told = assertThrows(IOException.class, () -> kept(states, function));
        assertTrue(told.getMessage().contains("is damaged, and put aside as"), told::getMessage);
    }

    /** Whatever has become of the file: a state is as it was, or it is told that it is not, and the next one can be kept. */
    @Test
    void whereverAFileIsDamagedItCanBeUsed() throws IOException {
        Path file = directory.resolve(FunctionStates.FILE);
        byte[] state = content(1, 150_000);
        try (FunctionStates store = open()) {
            for (int i = 0; i < 5; i++) {
                keep(store.of("edge"), "nat", state);
                keep(store.of("edge"), "firewall", content(i, 1000));
            }
        }
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(4711);
        for (int i = 0; i < 100; i++) {
            byte[] damaged = i % 4 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            for (int flips = random.nextInt(40); flips > 0 && damaged.length > 0; flips--) {
                damaged[random.nextInt(i % 4 == 1 ? Math.min(8192, damaged.length) : damaged.length)] ^=
                        (byte) (1 + random.nextInt(255));
            }
            Files.write(file, damaged);
            try (FunctionStates store = open()) {
                readAny(store.of("edge"), state.length);
            }
        }
    }

    /** What is in it is for the checksum of its form to tell. */
    private static void readAny(ChainStates states, int length) {
        try {
            kept(states, "nat").ifPresent(bytes -> assertTrue(bytes.length <= 2 * length));
            keep(states, "nat", content(2, 70_000));
            assertArrayEquals(content(2, 70_000), kept(states, "nat").orElseThrow());
        } catch (IOException told) {
            assertTrue(told.getMessage() != null);
        }
    }

    @Test
    void aFileInUseIsRefused() {
        try (FunctionStates store = open()) {
            StateStoreException refused = assertThrows(StateStoreException.class, this::open);
            assertTrue(refused.getMessage().contains(FunctionStates.FILE), refused::getMessage);
            assertEquals(Map.of(), store.of("edge").kept());
        }
    }

    /** Java closes the file of a thread that is interrupted while it reads or writes. */
    @Test
    void whoeverIsInterruptedDoesNoHarm() throws IOException {
        try (FunctionStates store = open()) {
            Thread.currentThread().interrupt();
            keep(store.of("edge"), "nat", content(1, 1_000_000));
            assertArrayEquals(
                    content(1, 1_000_000), kept(store.of("edge"), "nat").orElseThrow());
            assertTrue(Thread.interrupted());
        }
    }

    /** Fills its disk, makes room again, and tells what it has found. */
    static final class Filler {
        private Filler() {}

        public static void main(String[] arguments) throws IOException {
            Path file = Path.of(arguments[0], FunctionStates.FILE);
            Path other = Path.of(arguments[0], "other");
            Files.write(other, new byte[1_500_000]);
            StringBuilder told = new StringBuilder();
            try (FunctionStates store = FunctionStates.open(file)) {
                ChainStates states = store.of("edge");
                keep(states, "nat", content(1, 400_000));
                ChainStates.Draft held = states.begin("firewall");
                held.out().write(content(2, 100_000));
                told.append(refusal(() -> keep(states, "nat", content(3, 3_000_000))));
                told.append(refusal(() -> keep(states, "nat", content(3, 3_000_000))));
                told.append(
                        Arrays.equals(content(1, 400_000), kept(states, "nat").orElseThrow()) ? "kept " : "gone ");
                told.append(states.kept().keySet());
                Files.delete(other);
                keep(states, "nat", content(4, 700_000));
                told.append(refusal(() -> held.commit(new StateTaken(AT, 1, 100_000))));
            }
            try (FunctionStates store = FunctionStates.open(file)) {
                boolean next = Arrays.equals(
                        content(4, 700_000), kept(store.of("edge"), "nat").orElseThrow());
                told.append(next ? " next " : " none ")
                        .append(store.of("edge").kept().keySet());
            }
            System.out.println(told);
        }

        private interface Attempt {
            void run() throws IOException;
        }

        private static String refusal(Attempt attempt) {
            try {
                attempt.run();
                return "done ";
            } catch (IOException refused) {
                return "refused ";
            }
        }
    }

    @Test
    void afterAFullDiskItGoesOnWithWhatItHad() throws IOException {
        try (SmallDisk disk = SmallDisk.start(directory, "3m", Filler.class, directory.toString())) {
            String told = disk.firstLine();
            assumeTrue(told != null, "no mount namespace to be had here");
            assertEquals("refused refused kept [nat]refused  next [nat]", told);
        }
    }

    /** Opens a file that is none of a store's on a disk that has no room for another, and tells what is there afterwards. */
    static final class OpenerOnAFullDisk {
        private OpenerOnAFullDisk() {}

        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            Path file = directory.resolve(FunctionStates.FILE);
            Files.write(file, content(7, 100_000));
            try (OutputStream all = Files.newOutputStream(directory.resolve("other"))) {
                while (true) {
                    all.write(new byte[4096]);
                }
            } catch (IOException full) {
                System.err.println(full.getMessage());
            }
            try (FunctionStates store = FunctionStates.open(file)) {
                System.out.println("opened " + store.of("edge").kept());
            } catch (StateStoreException refused) {
                boolean whole = Arrays.equals(content(7, 100_000), Files.readAllBytes(file));
                System.out.println("refused, " + (whole ? "as it was" : "changed")
                        + (refused.getMessage().contains("see to the disk") ? "" : ": " + refused.getMessage()));
            }
        }
    }

    @Test
    void aFileIsNotPutAsideWhereAnotherCannotBeMade() throws IOException {
        try (SmallDisk disk = SmallDisk.start(directory, "1m", OpenerOnAFullDisk.class, directory.toString())) {
            String told = disk.firstLine();
            assumeTrue(told != null, "no mount namespace to be had here");
            assertEquals("refused, as it was", told);
        }
    }

    @Test
    void functionsOfChainsThatThereWereAreToldOfADamagedFile() throws IOException {
        Path file = directory.resolve(FunctionStates.FILE);
        Files.write(file, content(5, 100_000));
        try (FunctionStates store = open()) {
            store.retainChains(Set.of("edge", "gone"));
            ChainStates edge = store.of("edge");
            String told =
                    assertThrows(IOException.class, () -> edge.open("nat")).getMessage();
            assertTrue(told.contains("is damaged, and put aside as " + file + ".damaged"), told);
            keep(edge, "nat", content(1, 10));
            assertArrayEquals(content(1, 10), kept(edge, "nat").orElseThrow());
            assertThrows(IOException.class, () -> edge.open("firewall"));
            assertEquals(Optional.empty(), kept(store.of("new"), "nat"), "it can have lost nothing");
            store.of("gone").retain(Set.of());
            assertEquals(Optional.empty(), kept(store.of("gone"), "nat"), "another chain of that name");
        }
        try (FunctionStates store = open()) {
            store.retainChains(Set.of("edge"));
            assertEquals(Optional.empty(), kept(store.of("edge"), "firewall"), "the file is whole");
        }
    }
}
