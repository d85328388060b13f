// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.state;

import io.ptnetmap.nfv.deploy.ChainStates;
import io.ptnetmap.nfv.deploy.KeptState;
import io.ptnetmap.nfv.engine.StateTaken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The states of functions of any number of chains, in one file: a transactional store of its own, so that large states hold up
 * nothing else that is to be stored, and damage done to them harms nothing else. Thread-safe.
 *
 * <p>A state is a generation: blocks, which are in the file but belong to nothing as long as it is being written, and a head,
 * which names the generation that counts. In this order:
 *
 * <ol>
 *   <li>blocks are committed, some at a time, so that memory holds no more than these; then the file is forced to the disk;
 *   <li>the head is committed, and the file forced to the disk: from then on the new generation is the one that counts;
 *   <li>the blocks of the generation before are removed, and their space is used for the next one.
 * </ol>
 *
 * A process that is killed in between leaves blocks that no head names; they are removed before the next state is written. So the
 * file holds two generations of each state at most, with gaps: it comes to two and a half times the size of its states, and does
 * not grow from there.
 *
 * <p>A file that could not be written, as on a full disk, is opened again when something is next to be done with it. States that
 * were being written then are given up.
 */
public final class FunctionStates implements AutoCloseable {
    /** Name of the file, in the directory of whoever has it. */
    public static final String FILE = "functions.mv";

    private static final Logger LOG = LoggerFactory.getLogger(FunctionStates.class);
    /** Small enough to die young: what outlives a collection of the Java heap leads to longer ones, which hold workers up. */
    static final int BLOCK = 1 << 15;
    /** The last block of a commit is written once more with the next one. */
    private static final int BLOCKS_IN_COMMIT = 8;

    private static final String GENERATION = "generation-";
    private static final char SEPARATOR = '/';

    private final Path file;
    /** Replaced when the file is opened again. */
    private Content content;
    /**
     * Nobody interrupts this thread: a file whose user is interrupted is closed by Java, and the store with it. So it does all that
     * concerns the store, one after the other.
     */
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().daemon().name("function-states").unstarted(task));

    private boolean closed;

    /** The file as it is open. */
    private static final class Content {
        private final MVStore store;
        private final MVMap<String, String> heads;
        private final Map<String, Head> known = new HashMap<>();
        private final Set<String> nameless = new HashSet<>();
        private long lastGeneration;

        Content(MVStore store) {
            this.store = store;
            // Each commit is forced to the disk before its space can matter to the next one.
            store.setRetentionTime(0);
            store.setVersionsToKeep(0);
            heads = store.openMap("heads");
            heads.forEach((key, text) -> known.put(key, Head.of(text)));
            Set<String> named = new HashSet<>();
            known.values().forEach(head -> named.add(GENERATION + head.generation()));
            for (String map : store.getMapNames()) {
                if (map.startsWith(GENERATION)) {
                    lastGeneration = Math.max(lastGeneration, Long.parseLong(map.substring(GENERATION.length())));
                    if (!named.contains(map)) {
                        nameless.add(map);
                    }
                }
            }
        }

        static Content open(Path file) {
            // What is committed, and when, is said here only: no thread in the background, no commit for want of
            // memory.
            MVStore store = new MVStore.Builder()
                    .fileName(file.toString())
                    .autoCommitDisabled()
                    .autoCommitBufferSize(0)
                    .cacheSize(1)
                    .open();
            try {
                return new Content(store);
            } catch (RuntimeException | AssertionError damaged) {
                store.closeImmediately();
                throw damaged;
            }
        }

        /** Generations that were not completed; not at once, for who only reads needs no room. */
        void removeNameless() {
            if (!nameless.isEmpty()) {
                nameless.forEach(store::removeMap);
                store.commit();
                nameless.clear();
            }
        }

        MVMap<Integer, byte[]> blocks(long generation) {
            return store.openMap(GENERATION + generation);
        }

        void removeBlocks(long generation) {
            store.removeMap(GENERATION + generation);
        }

        void commitForGood() {
            store.commit();
            store.sync();
        }

        boolean works() {
            return !store.isClosed() && store.getPanicException() == null;
        }
    }

    /**
     * What is stored of a state besides its blocks.
     *
     * @param generation that counts
     */
    private record Head(long generation, int blocks, KeptState state) {
        String text() {
            return generation + " " + blocks + " " + state.at().toEpochMilli() + " " + state.entries() + " "
                    + state.bytes();
        }

        static Head of(String text) {
            String[] words = text.split(" ");
            return new Head(
                    Long.parseLong(words[0]),
                    Integer.parseInt(words[1]),
                    new KeptState(
                            Instant.ofEpochMilli(Long.parseLong(words[2])),
                            Long.parseLong(words[3]),
                            Long.parseLong(words[4])));
        }
    }

    /** What has become of states that a damaged file may have had. */
    private final Optional<String> damage;
    /** By chain: its functions that may have lost one by that, and have none since; empty where that may be any. */
    private final Map<String, Optional<Set<String>>> bereft = new HashMap<>();

    private FunctionStates(Path file, Content content, Optional<String> damage) {
        this.file = file;
        this.content = content;
        this.damage = damage;
    }

    /**
     * Opens a store, or makes one. A file that is damaged is put aside, and another one made: a function of a chain that there was, as
     * {@link #retainChains} says, is told so where it looks for its state.
     *
     * @throws StateStoreException if the file is another process's or cannot be written
     */
    public static FunctionStates open(Path file) {
        if (Files.exists(file) && !(Files.isReadable(file) && Files.isWritable(file))) {
            throw cannotOpen(file, new AccessDeniedException(file.toString(), null, "permission denied"));
        }
        try {
            return new FunctionStates(file, Content.open(file), Optional.empty());
        } catch (MVStoreException failure) {
            if (failure.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
                throw cannotOpen(file, failure);
            }
            return anew(file, failure);
        } catch (RuntimeException | AssertionError failure) {
            // The library asserts what a damaged file may not hold.
            return anew(file, failure);
        }
    }

    private static FunctionStates anew(Path file, Throwable damage) {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            damage.addSuppressed(failure);
            throw cannotOpen(file, damage);
        }
        try {
            String what = "the store that it was in is damaged, and put aside as " + aside;
            FunctionStates fresh = new FunctionStates(file, Content.open(file), Optional.of(what));
            LOG.warn(
                    "{} is damaged, and put aside as {}; functions begin with nothing: {}",
                    file,
                    aside,
                    damage.getMessage());
            return fresh;
        } catch (RuntimeException failure) {
            // It is not the file alone, but perhaps the disk: what is in it may be whole.
            putBack(aside, file, damage);
            damage.addSuppressed(failure);
            throw cannotOpen(file, damage);
        }
    }

    private static void putBack(Path aside, Path file, Throwable damage) {
        try {
            Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            damage.addSuppressed(failure);
        }
    }

    private static StateStoreException cannotOpen(Path file, Throwable failure) {
        return new StateStoreException(
                "cannot open the store of functions' states " + file + ": " + failure.getMessage()
                        + "; end who else uses it, see to the disk and the file's permissions, or move it away: functions then"
                        + " begin with nothing",
                failure);
    }

    /** The states of a chain's functions. */
    public ChainStates of(String chain) {
        return new OfChain(chain + SEPARATOR);
    }

    /**
     * Forgets the states of all chains but these, which there were before the store was opened.
     *
     * @throws StateStoreException if that cannot be stored
     */
    public void retainChains(Set<String> chains) {
        try {
            retain(key -> chains.contains(chainOf(key)));
            if (damage.isPresent()) {
                in(() -> {
                    chains.forEach(chain -> bereft.put(chain, Optional.empty()));
                    return true;
                });
            }
        } catch (IOException failure) {
            throw new StateStoreException(failure.getMessage(), failure);
        }
    }

    /** Says which functions of a chain may have had a state before the store was opened; others have lost none if it was damaged. */
    public void mayHaveLost(String chain, Set<String> functions) {
        try {
            in(() -> bereft.computeIfPresent(chain, (name, any) -> Optional.of(Set.copyOf(functions))));
        } catch (IOException closed) {
            LOG.debug("nobody looks for a state any more", closed);
        }
    }

    private static String chainOf(String key) {
        return key.substring(0, key.indexOf(SEPARATOR));
    }

    private static Set<String> still(Optional<Set<String>> bereft, Set<String> functions) {
        Set<String> still = new HashSet<>(functions);
        bereft.ifPresent(still::retainAll);
        return still;
    }

    private boolean isBereft(String chain, String function) {
        Optional<Set<String>> functions = bereft.getOrDefault(chain, Optional.of(Set.of()));
        return functions.isEmpty() || functions.get().contains(function);
    }

    @Override
    public void close() {
        try {
            in(() -> {
                closed = true;
                content.store.close();
                return true;
            });
        } catch (IOException failure) {
            LOG.warn("while functions' states were closed: {}", failure.getMessage());
        }
        thread.shutdown();
    }

    // --- What is done by the store's thread --------------------------------------------------------------------

    private interface Work<T> {
        T get() throws IOException;
    }

    private <T> T in(Work<T> work) throws IOException {
        CompletableFuture<T> done = new CompletableFuture<>();
        try {
            thread.execute(() -> {
                try {
                    openAgain();
                    done.complete(work.get());
                } catch (RuntimeException failure) {
                    // A damaged file makes for all kinds of them.
                    done.completeExceptionally(new IOException("the store fails: " + failure.getMessage(), failure));
                } catch (IOException | Error failure) {
                    done.completeExceptionally(failure);
                }
            });
            return done.join();
        } catch (RejectedExecutionException closed) {
            throw new IOException("the store of functions' states is closed", closed);
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof IOException cause) {
                throw new IOException(cause.getMessage(), cause);
            }
            throw failure;
        }
    }

    private void openAgain() {
        if (!closed && !content.works()) {
            content.store.closeImmediately();
            content = Content.open(file);
        }
    }

    private void retain(Predicate<String> wanted) throws IOException {
        in(() -> {
            List<String> unwanted =
                    content.known.keySet().stream().filter(wanted.negate()).toList();
            if (!unwanted.isEmpty()) {
                for (String key : unwanted) {
                    content.removeBlocks(content.known.remove(key).generation());
                    content.heads.remove(key);
                }
                content.commitForGood();
            }
            return true;
        });
    }

    private final class OfChain implements ChainStates {
        private final String prefix;

        OfChain(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public Optional<InputStream> open(String function) throws IOException {
            return in(() -> {
                String key = prefix + function;
                Optional<Head> head = Optional.ofNullable(content.known.get(key));
                if (head.isEmpty() && isBereft(chainOf(key), function)) {
                    throw new IOException(damage.orElseThrow());
                }
                List<InputStream> parts = new ArrayList<>();
                if (head.isPresent()) {
                    MVMap<Integer, byte[]> blocks = content.blocks(head.get().generation());
                    for (int block = 0; block < head.get().blocks(); block++) {
                        byte[] part = blocks.get(block);
                        if (part == null) {
                            throw new IOException("a part of it is missing in the store");
                        }
                        parts.add(new ByteArrayInputStream(part));
                    }
                }
                return head.map(present -> new SequenceInputStream(Collections.enumeration(parts)));
            });
        }

        @Override
        public Draft begin(String function) throws IOException {
            return in(() -> {
                content.removeNameless();
                return new Generation(prefix + function, content);
            });
        }

        @Override
        public void retain(Set<String> functions) throws IOException {
            FunctionStates.this.retain(
                    key -> !key.startsWith(prefix) || functions.contains(key.substring(prefix.length())));
            // Another chain may get its name; and what was forgotten on purpose was not lost.
            in(() -> bereft.computeIfPresent(
                    chainOf(prefix), (chain, any) -> functions.isEmpty() ? null : Optional.of(still(any, functions))));
        }

        @Override
        public Map<String, KeptState> kept() {
            try {
                return in(() -> {
                    Map<String, KeptState> kept = new HashMap<>();
                    content.known.forEach((key, head) -> {
                        if (key.startsWith(prefix)) {
                            kept.put(key.substring(prefix.length()), head.state());
                        }
                    });
                    return kept;
                });
            } catch (IOException closed) {
                return Map.of();
            }
        }
    }

    /** A state that is being written. */
    private final class Generation extends OutputStream implements ChainStates.Draft {
        private final String key;
        private final Content begunIn;
        private final long generation;
        private final byte[] buffer = new byte[BLOCK];
        private int filled;
        private int written;
        private boolean complete;

        Generation(String key, Content content) {
            this.key = key;
            this.begunIn = content;
            this.generation = ++content.lastGeneration;
        }

        @Override
        public OutputStream out() {
            return this;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int done = 0;
            while (done < length) {
                if (filled == BLOCK) {
                    in(this::writeBlock);
                }
                int part = Math.min(length - done, BLOCK - filled);
                System.arraycopy(bytes, offset + done, buffer, filled, part);
                filled += part;
                done += part;
            }
        }

        private boolean writeBlock() throws IOException {
            if (content != begunIn) {
                throw new IOException("the store has failed meanwhile, and was opened again");
            }
            content.blocks(generation).put(written, Arrays.copyOf(buffer, filled));
            written++;
            filled = 0;
            if (written % BLOCKS_IN_COMMIT == 0) {
                content.store.commit();
            }
            return true;
        }

        /** A state that is in one commit with its head needs none before. */
        @Override
        public void commit(StateTaken taken) throws IOException {
            in(() -> {
                writeBlock();
                if (written >= BLOCKS_IN_COMMIT) {
                    content.commitForGood();
                }
                Head head = new Head(generation, written, new KeptState(taken.at(), taken.entries(), taken.bytes()));
                content.heads.put(key, head.text());
                content.commitForGood();
                complete = true;
                Optional.ofNullable(content.known.put(key, head)).ifPresent(before -> {
                    content.removeBlocks(before.generation());
                    content.store.commit();
                });
                return true;
            });
        }

        @Override
        public void close() {
            if (!complete && written > 0) {
                try {
                    in(() -> {
                        // What was opened again has them as nameless ones.
                        if (content == begunIn) {
                            content.removeBlocks(generation);
                            content.store.commit();
                        }
                        return true;
                    });
                } catch (IOException remains) {
                    LOG.debug("it is removed when the next state is written", remains);
                }
            }
        }
    }
}
