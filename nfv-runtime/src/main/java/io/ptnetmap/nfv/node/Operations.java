// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.node.model.ChangeSummary;
import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.node.model.Obstacle;
import io.ptnetmap.nfv.node.model.Operation;
import io.ptnetmap.nfv.node.model.Operation.Action;
import io.ptnetmap.nfv.node.model.Operation.State;
import io.ptnetmap.nfv.node.model.ProblemDetails;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** What was asked for and what has become of it; the last {@value #KEPT}. Thread-safe. */
public final class Operations {
    static final int KEPT = 1000;
    /** What starts a chain that is to run and does not. */
    private static final Set<Action> STARTING = EnumSet.of(Action.APPLY, Action.CONFIGURE, Action.START);

    private final NodeStore store;
    private final Events events;
    private final NavigableMap<String, Operation> known = new ConcurrentSkipListMap<>();
    private final Map<String, CompletableFuture<Operation>> open = new ConcurrentHashMap<>();
    private long lastNumber;

    Operations(NodeStore store, Events events) {
        this.store = store;
        this.events = events;
        store.operations().forEach(operation -> known.put(operation.id(), operation));
        if (!known.isEmpty()) {
            lastNumber = Long.parseLong(known.lastKey());
        }
    }

    /** Those that an earlier node has left undone, in the order in which they were asked for. */
    List<Operation> interrupted() {
        return known.values().stream().filter(operation -> !operation.isOver()).toList();
    }

    /** A new one, not yet known to anybody. */
    synchronized Operation make(Action action, String chain, long revision) {
        return new Operation(
                String.format(Locale.ROOT, "%012d", ++lastNumber),
                action,
                chain,
                State.PENDING,
                Instant.now(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.of(revision),
                Optional.empty(),
                Optional.empty());
    }

    /** Stores a new one, among other changes, and forgets the oldest. */
    void store(Operation operation, NodeStore.Changes changes) {
        changes.put(operation);
        known.values().stream()
                .filter(Operation::isOver)
                .limit(Math.max(0, known.size() + 1 - KEPT))
                .forEach(oldest -> changes.removeOperation(oldest.id()));
    }

    /** Makes a stored one known. */
    void announce(Operation operation) {
        if (!operation.isOver()) {
            open.putIfAbsent(operation.id(), new CompletableFuture<>());
        }
        known.put(operation.id(), operation);
        known.values().stream()
                .filter(Operation::isOver)
                .limit(Math.max(0, known.size() - KEPT))
                .forEach(oldest -> known.remove(oldest.id()));
        publish(operation);
    }

    /** It is at work. */
    Operation begin(Operation operation) {
        Operation begun = operation.begun(Instant.now());
        open.putIfAbsent(operation.id(), new CompletableFuture<>());
        known.put(begun.id(), begun);
        publish(begun);
        return begun;
    }

    /** It has ended, which is stored with other changes. */
    void end(Operation ended, Consumer<NodeStore.Changes> others) {
        store.note(changes -> {
            others.accept(changes);
            changes.put(ended);
        });
        known.put(ended.id(), ended);
        publish(ended);
        CompletableFuture<Operation> waiting = open.remove(ended.id());
        if (waiting != null) {
            waiting.complete(ended);
        }
    }

    private void publish(Operation operation) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("operation", operation.id());
        data.put("action", operation.action());
        data.put("state", operation.state());
        List<Obstacle> obstacles =
                operation.report().map(ChangeSummary::obstacles).orElse(List.of());
        operation.report().ifPresent(report -> data.put("live", report.live()));
        if (!obstacles.isEmpty()) {
            data.put("obstacles", obstacles);
        }
        String why = obstacles.stream().map(Obstacle::reason).collect(Collectors.joining("; "));
        events.publish(
                Event.Type.OPERATION,
                Optional.of(operation.chain()),
                Optional.empty(),
                operation
                        .problem()
                        .flatMap(ProblemDetails::detail)
                        .orElse(why.isEmpty() ? "" : "drained and started anew: " + why),
                data);
    }

    /** An operation as it is now. */
    public Optional<Operation> find(String id) {
        return Optional.ofNullable(known.get(id));
    }

    /** The latest first. */
    public List<Operation> list() {
        return List.copyOf(((ConcurrentSkipListMap<String, Operation>) known)
                .descendingMap()
                .values());
    }

    /** The operation of a chain that goes on, or waits to. */
    public Optional<Operation> underWay(String chain) {
        return open.keySet().stream()
                .sorted()
                .map(known::get)
                .filter(operation -> operation != null && operation.chain().equals(chain))
                .findFirst();
    }

    /** Whether one waits that starts the chain if it does not run. */
    boolean beginsAnew(String chain) {
        return open.keySet().stream()
                .map(known::get)
                .anyMatch(operation -> operation != null
                        && operation.chain().equals(chain)
                        && operation.state() == State.PENDING
                        && STARTING.contains(operation.action()));
    }

    /** Waits for an operation's end, for at most some time; returns it as it is then. */
    public Operation await(Operation operation, Duration atMost) throws InterruptedException {
        CompletableFuture<Operation> end = open.get(operation.id());
        if (end != null && atMost.isPositive()) {
            try {
                return end.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException goesOn) {
                // As it is now, then.
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        return known.getOrDefault(operation.id(), operation);
    }
}
