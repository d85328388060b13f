// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.node.model.Json;
import io.ptnetmap.nfv.node.model.Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What outlives the process: chains, operations, and which requests have been answered. Changes that are made together are
 * there together after a crash, and {@link #write} returns when they are on the disk. Thread-safe.
 *
 * <p>A file that could not be written, as on a full disk, is closed and opened again: with the next change, and each second until
 * that works. What a refused change may have left in it is undone then, and what {@link #note} was told is made up for.
 */
final class NodeStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeStore.class);
    private static final int COMPACTION_MILLIS = 2000;
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Path file;
    /** What the file must be made to say before it can be used again: by place, the text there, or none. */
    private final Map<Place, Optional<String>> owed = new LinkedHashMap<>();
    /** Replaced when the file is opened again. */
    private volatile Content content;
    /** Why the file cannot be written. */
    private volatile Optional<RuntimeException> trouble = Optional.empty();

    private boolean recovering;
    private boolean ended;

    /**
     * An answer that is given again to the same request.
     *
     * @param request digest of the request
     * @param operation id of the operation that it led to
     */
    record Answer(String request, String operation, Instant given) {}

    private enum Kind {
        CHAINS,
        OPERATIONS,
        ANSWERS
    }

    private record Place(Kind kind, String key) {}

    /** The file as it is open. */
    private static final class Content {
        private final MVStore store;
        private final Map<Kind, MVMap<String, String>> maps = new EnumMap<>(Kind.class);

        Content(MVStore store) {
            this.store = store;
            for (Kind kind : Kind.values()) {
                maps.put(kind, store.openMap(kind.name().toLowerCase(Locale.ROOT)));
            }
        }

        static Content open(Path file) {
            // What is committed, and when, is said here only: no thread in the background, no commit for want of
            // memory.
            MVStore store = new MVStore.Builder()
                    .fileName(file.toString())
                    .autoCommitDisabled()
                    .autoCommitBufferSize(0)
                    .open();
            try {
                return new Content(store);
            } catch (RuntimeException damage) {
                store.closeImmediately();
                throw damage;
            }
        }

        MVMap<String, String> all(Kind kind) {
            return maps.get(kind);
        }

        Optional<String> at(Place place) {
            return Optional.ofNullable(all(place.kind()).get(place.key()));
        }

        /** Makes it say what it is to say, on the disk. */
        void write(Map<Place, Optional<String>> texts) {
            texts.forEach((place, text) -> text.ifPresentOrElse(
                    present -> all(place.kind()).put(place.key(), present),
                    () -> all(place.kind()).remove(place.key())));
            store.commit();
            store.sync();
        }

        boolean isOpen() {
            return !store.isClosed() && store.getPanicException() == null;
        }
    }

    private NodeStore(Path file, Content content) {
        this.file = file;
        this.content = content;
    }

    /**
     * Opens a store, or makes one.
     *
     * @throws NodeStartException if the file is another process's, damaged or not to be written
     */
    static NodeStore open(Path file) {
        Content content;
        try {
            content = Content.open(file);
        } catch (MVStoreException failure) {
            throw failure.getErrorCode() == DataUtils.ERROR_FILE_LOCKED
                    ? new NodeStartException(
                            "another process uses the node's store " + file
                                    + "; end it, or give this node a directory of its own by --state",
                            failure)
                    : unusable(file, failure);
        } catch (RuntimeException | AssertionError damage) {
            // The library asserts what a damaged file may not hold.
            throw unusable(file, damage);
        }
        try {
            NodeStore opened = new NodeStore(file, content);
            // So that damage shows now, and not in the middle of the work.
            opened.chains();
            opened.operations();
            opened.answersBefore(Instant.EPOCH, Integer.MAX_VALUE);
            return opened;
        } catch (RuntimeException | AssertionError damage) {
            content.store.closeImmediately();
            throw unusable(file, damage);
        }
    }

    private static NodeStartException unusable(Path file, Throwable failure) {
        return new NodeStartException(
                "cannot open the node's store " + file + ": " + failure.getMessage()
                        + "; if it is damaged, put a copy in its place or move it away: the node then begins without"
                        + " chains",
                failure);
    }

    /** Changes that are made together. */
    static final class Changes {
        private final Map<Place, Optional<String>> texts = new LinkedHashMap<>();

        private Changes() {}

        void put(StoredChain chain) {
            texts.put(new Place(Kind.CHAINS, chain.name()), Optional.of(Json.text(chain)));
        }

        void removeChain(String name) {
            texts.put(new Place(Kind.CHAINS, name), Optional.empty());
        }

        void put(Operation operation) {
            texts.put(new Place(Kind.OPERATIONS, operation.id()), Optional.of(Json.text(operation)));
        }

        void removeOperation(String id) {
            texts.put(new Place(Kind.OPERATIONS, id), Optional.empty());
        }

        void put(String key, Answer answer) {
            texts.put(new Place(Kind.ANSWERS, key), Optional.of(Json.text(answer)));
        }

        void removeAnswer(String key) {
            texts.put(new Place(Kind.ANSWERS, key), Optional.empty());
        }
    }

    private static Map<Place, Optional<String>> texts(Consumer<Changes> changes) {
        Changes made = new Changes();
        changes.accept(made);
        return made.texts;
    }

    /**
     * Makes changes, all or none.
     *
     * @throws RefusedException if they cannot be stored
     */
    synchronized void write(Consumer<Changes> changes) {
        Map<Place, Optional<String>> texts = texts(changes);
        if (!works() && !recovers()) {
            throw unavailable();
        }
        Map<Place, Optional<String>> before = new LinkedHashMap<>();
        try {
            texts.keySet().forEach(place -> before.put(place, content.at(place)));
            content.write(texts);
        } catch (RuntimeException failure) {
            // Nobody knows how much of it is in the file.
            before.forEach(owed::putIfAbsent);
            fail(failure);
            throw unavailable();
        }
    }

    /** Makes changes that tell what has happened already: where they cannot be stored now, they are when that works again. */
    synchronized void note(Consumer<Changes> changes) {
        try {
            write(changes);
        } catch (RefusedException later) {
            owed.putAll(texts(changes));
        }
    }

    private void fail(RuntimeException failure) {
        Content failed = content;
        // What the disk has said is what somebody can do something about.
        trouble = Optional.of(Optional.<RuntimeException>ofNullable(failed.store.getPanicException())
                .orElse(failure));
        LOG.error("{} fails: changes are refused until it can be written again", file, failure);
        failed.store.closeImmediately();
        if (!recovering) {
            recovering = true;
            Thread.ofVirtual().name("store-recovery").start(this::recoverInTime);
        }
    }

    private void recoverInTime() {
        try {
            do {
                Thread.sleep(RETRY);
            } while (!isOver());
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether there is nothing more to be recovered. */
    private synchronized boolean isOver() {
        recovering = !(ended || works() || recovers());
        return !recovering;
    }

    /** Opens the file again and makes it say what it should; whether that worked. */
    private boolean recovers() {
        if (ended) {
            return false;
        }
        Optional<Content> again = Optional.empty();
        try {
            again = Optional.of(Content.open(file));
            again.get().write(owed);
        } catch (RuntimeException failure) {
            LOG.debug("{} cannot be written yet", file, failure);
            trouble = Optional.of(failure);
            again.ifPresent(useless -> useless.store.closeImmediately());
            return false;
        }
        owed.clear();
        content = again.get();
        trouble = Optional.empty();
        LOG.info("{} can be written again", file);
        return true;
    }

    private RefusedException unavailable() {
        Throwable cause = trouble.orElseGet(() -> new IllegalStateException("the node has ended"));
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return new RefusedException(
                RefusedException.Reason.UNAVAILABLE,
                "nothing can be stored: " + cause.getMessage() + "; when that is mended, send it again");
    }

    /** Whether it can be written. */
    boolean works() {
        return trouble.isEmpty() && content.isOpen();
    }

    List<StoredChain> chains() {
        return content.all(Kind.CHAINS).entrySet().stream()
                .map(entry -> whole(
                        Json.read(entry.getValue(), StoredChain.class),
                        chain -> entry.getKey().equals(chain.name()) && chain.isWhole()))
                .toList();
    }

    /** In the order in which they were made. */
    List<Operation> operations() {
        return content.all(Kind.OPERATIONS).entrySet().stream()
                .map(entry -> whole(
                        Json.read(entry.getValue(), Operation.class),
                        operation -> entry.getKey().equals(operation.id())
                                && operation.id().matches("\\d{1,18}")
                                && operation.action() != null
                                && operation.chain() != null
                                && operation.state() != null
                                && operation.created() != null))
                .toList();
    }

    private static <T> T whole(T value, Predicate<T> isWhole) {
        if (!isWhole.test(value)) {
            throw new IllegalStateException("something is missing of " + value);
        }
        return value;
    }

    /** @throws RefusedException if the store cannot be read now */
    synchronized Optional<Answer> answer(String key) {
        if (!works() && !recovers()) {
            throw unavailable();
        }
        try {
            return content.at(new Place(Kind.ANSWERS, key)).map(text -> Json.read(text, Answer.class));
        } catch (MVStoreException failure) {
            fail(failure);
            throw unavailable();
        }
    }

    /** The keys of answers given before a moment, and of the oldest where there are more than {@code most}. */
    List<String> answersBefore(Instant moment, int most) {
        List<Map.Entry<String, Instant>> latestFirst = content.all(Kind.ANSWERS).entrySet().stream()
                .map(entry -> Map.entry(
                        entry.getKey(),
                        Json.read(entry.getValue(), Answer.class).given()))
                .sorted(Map.Entry.<String, Instant>comparingByValue().reversed())
                .toList();
        return IntStream.range(0, latestFirst.size())
                .filter(i -> i >= most || latestFirst.get(i).getValue().isBefore(moment))
                .mapToObj(i -> latestFirst.get(i).getKey())
                .toList();
    }

    @Override
    public synchronized void close() {
        boolean usable = works() || recovers();
        ended = true;
        if (!usable) {
            LOG.warn("{} lacks what has happened since it could not be written", file);
            return;
        }
        try {
            content.store.compactFile(COMPACTION_MILLIS);
            content.store.close();
        } catch (RuntimeException damage) {
            // Whatever was acknowledged is on the disk already.
            LOG.warn("the store was not compacted: {}", damage.getMessage());
            content.store.closeImmediately();
        }
    }
}
