// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.node.model.Json;
import io.ptnetmap.nfv.node.model.Operation;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
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
 */
final class NodeStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeStore.class);
    private static final int COMPACTION_MILLIS = 2000;

    private final MVStore store;
    private final MVMap<String, String> chains;
    private final MVMap<String, String> operations;
    private final MVMap<String, String> answers;

    /**
     * An answer that is given again to the same request.
     *
     * @param request digest of the request
     * @param operation id of the operation that it led to
     */
    record Answer(String request, String operation, Instant given) {}

    private NodeStore(MVStore store) {
        this.store = store;
        chains = store.openMap("chains");
        operations = store.openMap("operations");
        answers = store.openMap("answers");
    }

    /**
     * Opens a store, or makes one.
     *
     * @throws NodeStartException if the file is another process's, damaged or not to be written
     */
    static NodeStore open(Path file) {
        MVStore store;
        try {
            // What is committed, and when, is said here only: no thread in the background, no commit for want of
            // memory.
            store = new MVStore.Builder()
                    .fileName(file.toString())
                    .autoCommitDisabled()
                    .autoCommitBufferSize(0)
                    .open();
        } catch (MVStoreException failure) {
            throw failure.getErrorCode() == DataUtils.ERROR_FILE_LOCKED
                    ? new NodeStartException(
                            "another process uses the node's store " + file
                                    + "; end it, or give this node a directory of its own by --state",
                            failure)
                    : unusable(file, failure);
        } catch (RuntimeException damage) {
            throw unusable(file, damage);
        }
        try {
            NodeStore opened = new NodeStore(store);
            // So that damage shows now, and not in the middle of the work.
            opened.chains();
            opened.operations();
            opened.answersBefore(Instant.EPOCH, Integer.MAX_VALUE);
            return opened;
        } catch (RuntimeException damage) {
            store.closeImmediately();
            throw unusable(file, damage);
        }
    }

    private static NodeStartException unusable(Path file, RuntimeException failure) {
        return new NodeStartException(
                "cannot open the node's store " + file + ": " + failure.getMessage()
                        + "; if it is damaged, put a copy in its place or move it away: the node then begins without"
                        + " chains",
                failure);
    }

    /** Changes that are made together. */
    final class Changes {
        private Changes() {}

        void put(StoredChain chain) {
            chains.put(chain.name(), Json.text(chain));
        }

        void removeChain(String name) {
            chains.remove(name);
        }

        void put(Operation operation) {
            operations.put(operation.id(), Json.text(operation));
        }

        void removeOperation(String id) {
            operations.remove(id);
        }

        void put(String key, Answer answer) {
            answers.put(key, Json.text(answer));
        }

        void removeAnswer(String key) {
            answers.remove(key);
        }
    }

    /**
     * Makes changes, all or none.
     *
     * @throws RefusedException if they cannot be stored
     */
    synchronized void write(Consumer<Changes> changes) {
        boolean worked = works();
        try {
            changes.accept(new Changes());
            store.commit();
            store.sync();
        } catch (MVStoreException failure) {
            rollBack();
            if (worked) {
                LOG.error("a change was not stored", failure);
            }
            throw unavailable(failure);
        }
    }

    private void rollBack() {
        try {
            store.rollback();
        } catch (MVStoreException closedByFailure) {
            LOG.debug("what is closed has no changes", closedByFailure);
        }
    }

    /** A store that could not be written ends; what it was told by the disk is what its user can do something about. */
    private RefusedException unavailable(MVStoreException failure) {
        Throwable cause =
                Optional.<Throwable>ofNullable(store.getPanicException()).orElse(failure);
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return new RefusedException(
                RefusedException.Reason.UNAVAILABLE,
                "nothing can be stored: " + cause.getMessage()
                        + (works() ? "" : "; when that is mended, start the node again"));
    }

    /** Whether it can still be written. */
    boolean works() {
        return !store.isClosed() && store.getPanicException() == null;
    }

    List<StoredChain> chains() {
        return chains.entrySet().stream()
                .map(entry -> whole(
                        Json.read(entry.getValue(), StoredChain.class),
                        chain -> entry.getKey().equals(chain.name()) && chain.isWhole()))
                .toList();
    }

    /** In the order in which they were made. */
    List<Operation> operations() {
        return operations.entrySet().stream()
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

    /** @throws RefusedException if the store is no longer to be read */
    Optional<Answer> answer(String key) {
        try {
            return Optional.ofNullable(answers.get(key)).map(text -> Json.read(text, Answer.class));
        } catch (MVStoreException failure) {
            throw unavailable(failure);
        }
    }

    /** The keys of answers given before a moment, and of the oldest where there are more than {@code most}. */
    List<String> answersBefore(Instant moment, int most) {
        List<Map.Entry<String, Instant>> latestFirst = answers.entrySet().stream()
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
        try {
            if (works()) {
                store.compactFile(COMPACTION_MILLIS);
            }
            store.close();
        } catch (RuntimeException damage) {
            // Whatever was acknowledged is on the disk already.
            LOG.warn("the store was not compacted: {}", damage.getMessage());
            store.closeImmediately();
        }
    }
}
