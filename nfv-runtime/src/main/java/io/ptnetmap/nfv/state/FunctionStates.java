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
 *   <li>blocks are committed, one by one, so that memory holds no more than one; then the file is forced to the disk;
 *   <li>the head is committed, and the file forced to the disk: from then on the new generation is the one that counts;
 *   <li>the blocks of the generation before are removed, and their space is used for the next one.
 * </ol>
 *
 * A process that is killed in between leaves blocks that no head names; opening removes them. So the file holds two generations
 * of each state at most, with gaps: it comes to seven times the size of its states, and does not grow from there.
 */
public final class FunctionStates implements AutoCloseable {
    /** Name of the file, in the directory of whoever has it. */
    public static final String FILE = "functions.mv";

    private static final Logger LOG = LoggerFactory.getLogger(FunctionStates.class);
    static final int BLOCK = 1 << 18;
    private static final int BLOCK_BITS = 24;
    private static final char SEPARATOR = '/';

    private final MVStore store;
    private final MVMap<String, String> heads;
    private final MVMap<Long, byte[]> blocks;
    /**
     * Nobody interrupts this thread: a file whose user is interrupted is closed by Java, and the store with it. So it does all that
     * concerns the store, one after the other.
     */
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().daemon().name("function-states").unstarted(task));

    private final Map<String, Head> known = new HashMap<>();
    private long lastGeneration;

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

    private FunctionStates(MVStore store) {
        this.store = store;
        // Each commit is forced to the disk before its space can matter to the next one.
        store.setRetentionTime(0);
        store.setVersionsToKeep(0);
        heads = store.openMap("heads");
        blocks = store.openMap("blocks");
        heads.forEach((key, text) -> known.put(key, Head.of(text)));
        removeNameless();
    }

    /**
     * Opens a store, or makes one. A file that is damaged is put aside, and another one made.
     *
     * @throws StateStoreException if the file is another process's or cannot be written
     */
    public static FunctionStates open(Path file) {
        try {
            return new FunctionStates(openStore(file));
        } catch (MVStoreException | IllegalArgumentException failure) {
            if (failure instanceof MVStoreException refused
                    && (refused.getErrorCode() == DataUtils.ERROR_FILE_LOCKED
                            || refused.getErrorCode() == DataUtils.ERROR_READING_FAILED
                            || refused.getErrorCode() == DataUtils.ERROR_WRITING_FAILED)) {
                throw cannotOpen(file, failure);
            }
            return anew(file, failure);
        }
    }

    private static FunctionStates anew(Path file, RuntimeException damage) {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        LOG.warn(
                "{} is damaged, and put aside as {}; functions begin with nothing: {}",
                file,
                aside,
                damage.getMessage());
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            return new FunctionStates(openStore(file));
        } catch (IOException | MVStoreException failure) {
            throw cannotOpen(file, failure);
        }
    }

    private static StateStoreException cannotOpen(Path file, Exception failure) {
        return new StateStoreException(
                "cannot open the store of functions' states " + file + ": " + failure.getMessage(), failure);
    }

    private static MVStore openStore(Path file) {
        // What is committed, and when, is said here only: no thread in the background, no commit for want of memory.
        return new MVStore.Builder()
                .fileName(file.toString())
                .autoCommitDisabled()
                .autoCommitBufferSize(0)
                .cacheSize(1)
                .open();
    }

    /** Of generations that were not completed. */
    private void removeNameless() {
        Set<Long> named = new HashSet<>();
        known.values().forEach(head -> named.add(head.generation()));
        List<Long> nameless = new ArrayList<>();
        blocks.keyIterator(null).forEachRemaining(key -> {
            lastGeneration = Math.max(lastGeneration, key >> BLOCK_BITS);
            if (!named.contains(key >> BLOCK_BITS)) {
                nameless.add(key);
            }
        });
        nameless.forEach(blocks::remove);
        store.commit();
    }

    /** The states of a chain's functions. */
    public ChainStates of(String chain) {
        return new OfChain(chain + SEPARATOR);
    }

    /**
     * Forgets the states of all chains but these.
     *
     * @throws StateStoreException if that cannot be stored
     */
    public void retainChains(Set<String> chains) {
        try {
            retain(key -> chains.contains(key.substring(0, key.indexOf(SEPARATOR))));
        } catch (IOException failure) {
            throw new StateStoreException(failure.getMessage(), failure);
        }
    }

    @Override
    public void close() {
        try {
            in(() -> {
                store.close();
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
                    done.complete(work.get());
                } catch (MVStoreException failure) {
                    done.completeExceptionally(new IOException("the store fails: " + failure.getMessage(), failure));
                } catch (IOException | RuntimeException | Error failure) {
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

    private static long key(long generation, int block) {
        return generation << BLOCK_BITS | block;
    }

    private void retain(Predicate<String> wanted) throws IOException {
        in(() -> {
            List<String> unwanted =
                    known.keySet().stream().filter(wanted.negate()).toList();
            if (!unwanted.isEmpty()) {
                for (String key : unwanted) {
                    Head head = known.remove(key);
                    heads.remove(key);
                    removeBlocks(head);
                }
                commitForGood();
            }
            return true;
        });
    }

    private void removeBlocks(Head head) {
        for (int block = 0; block < head.blocks(); block++) {
            blocks.remove(key(head.generation(), block));
        }
    }

    private void commitForGood() {
        store.commit();
        store.sync();
    }

    private final class OfChain implements ChainStates {
        private final String prefix;

        OfChain(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public Optional<InputStream> open(String function) throws IOException {
            return in(() -> {
                Optional<Head> head = Optional.ofNullable(known.get(prefix + function));
                List<InputStream> parts = new ArrayList<>();
                if (head.isPresent()) {
                    for (int block = 0; block < head.get().blocks(); block++) {
                        byte[] content = blocks.get(key(head.get().generation(), block));
                        if (content == null) {
                            throw new IOException("a part of it is missing in the store");
                        }
                        parts.add(new ByteArrayInputStream(content));
                    }
                }
                return head.map(present -> new SequenceInputStream(Collections.enumeration(parts)));
            });
        }

        @Override
        public Draft begin(String function) throws IOException {
            return in(() -> new Generation(prefix + function, ++lastGeneration));
        }

        @Override
        public void retain(Set<String> functions) throws IOException {
            FunctionStates.this.retain(
                    key -> !key.startsWith(prefix) || functions.contains(key.substring(prefix.length())));
        }

        @Override
        public Map<String, KeptState> kept() {
            try {
                return in(() -> {
                    Map<String, KeptState> kept = new HashMap<>();
                    known.forEach((key, head) -> {
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
        private final long generation;
        private final byte[] buffer = new byte[BLOCK];
        private int filled;
        private int written;
        private boolean complete;

        Generation(String key, long generation) {
            this.key = key;
            this.generation = generation;
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
                    byte[] block = buffer.clone();
                    in(() -> {
                        blocks.put(key(generation, written), block);
                        store.commit();
                        return true;
                    });
                    written++;
                    filled = 0;
                }
                int part = Math.min(length - done, BLOCK - filled);
                System.arraycopy(bytes, offset + done, buffer, filled, part);
                filled += part;
                done += part;
            }
        }

        @Override
        public void commit(StateTaken taken) throws IOException {
            byte[] last = Arrays.copyOf(buffer, filled);
            Head head = new Head(generation, written + 1, new KeptState(taken.at(), taken.entries(), taken.bytes()));
            in(() -> {
                if (written > 0) {
                    store.sync();
                }
                blocks.put(key(generation, written), last);
                heads.put(key, head.text());
                commitForGood();
                Optional.ofNullable(known.put(key, head)).ifPresent(before -> {
                    removeBlocks(before);
                    store.commit();
                });
                return true;
            });
            complete = true;
        }

        @Override
        public void close() {
            if (!complete && written > 0) {
                try {
                    in(() -> {
                        for (int block = 0; block <= written; block++) {
                            blocks.remove(key(generation, block));
                        }
                        store.commit();
                        return true;
                    });
                } catch (IOException remains) {
                    LOG.debug("the next start removes it", remains);
                }
            }
        }
    }
}
