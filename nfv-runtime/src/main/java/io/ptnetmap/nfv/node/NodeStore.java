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
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/**
 * What outlives the process: chains, operations, and which requests have been answered. Changes that are made together are
 * there together after a crash, and {@link #write} returns when they are on the disk. Thread-safe.
 */
final class NodeStore implements AutoCloseable {
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
        try {
            // What is committed, and when, is said here only: no thread in the background, no commit for want of
            // memory.
            MVStore store = new MVStore.Builder()
                    .fileName(file.toString())
                    .autoCommitDisabled()
                    .autoCommitBufferSize(0)
                    .open();
            return new NodeStore(store);
        } catch (MVStoreException failure) {
            throw new NodeStartException("cannot open the node's store " + file + ": " + failure.getMessage(), failure);
        }
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
        try {
            changes.accept(new Changes());
            store.commit();
            store.sync();
        } catch (MVStoreException failure) {
            rollBack(failure);
            throw new RefusedException(
                    RefusedException.Reason.UNAVAILABLE, "nothing can be stored: " + failure.getMessage());
        }
    }

    private void rollBack(MVStoreException failure) {
        try {
            store.rollback();
        } catch (MVStoreException closedByFailure) {
            failure.addSuppressed(closedByFailure);
        }
    }

    /** Whether it can still be written. */
    boolean works() {
        return !store.isClosed() && store.getPanicException() == null;
    }

    List<StoredChain> chains() {
        return chains.values().stream()
                .map(text -> Json.read(text, StoredChain.class))
                .toList();
    }

    /** In the order in which they were made. */
    List<Operation> operations() {
        return operations.values().stream()
                .map(text -> Json.read(text, Operation.class))
                .toList();
    }

    Optional<Answer> answer(String key) {
        return Optional.ofNullable(answers.get(key)).map(text -> Json.read(text, Answer.class));
    }

    /** The keys of answers given before a moment. */
    List<String> answersBefore(Instant moment) {
        return answers.entrySet().stream()
                .filter(entry ->
                        Json.read(entry.getValue(), Answer.class).given().isBefore(moment))
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public synchronized void close() {
        if (works()) {
            store.compactFile(COMPACTION_MILLIS);
        }
        store.close();
    }
}
