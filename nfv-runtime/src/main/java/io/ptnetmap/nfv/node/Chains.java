// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.ChainDescriptor.Form;
import io.ptnetmap.nfv.deploy.ChainLauncher;
import io.ptnetmap.nfv.deploy.ChangePlan;
import io.ptnetmap.nfv.node.NodeStore.Answer;
import io.ptnetmap.nfv.node.RefusedException.Reason;
import io.ptnetmap.nfv.node.model.ChainState;
import io.ptnetmap.nfv.node.model.ChangeSummary;
import io.ptnetmap.nfv.node.model.DesiredState;
import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.node.model.Operation;
import io.ptnetmap.nfv.node.model.Operation.Action;
import io.ptnetmap.nfv.node.model.Plan;
import io.ptnetmap.nfv.node.model.ProblemDetails;
import io.ptnetmap.nfv.node.model.ProblemDetails.FieldError;
import io.ptnetmap.nfv.state.FunctionStates;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The chains of a node, and what may be done to them. Each change is stored before it is answered, and done afterwards: one
 * after the other for each chain, at the same time for different chains. Thread-safe.
 */
public final class Chains {
    private static final Logger LOG = LoggerFactory.getLogger(Chains.class);
    static final int MOST_CHAINS = 1000;
    /** Operations on one chain that wait for their turn. */
    static final int MOST_WAITING = 100;

    private static final Duration ANSWERS_KEPT = Duration.ofHours(24);
    private static final Duration ANSWERS_SWEEP = Duration.ofMinutes(1);
    private static final int MOST_ANSWERS = 100_000;

    private final NodeSettings settings;
    private final ChainLauncher launcher;
    private final Preparation preparation;
    private final NodeStore store;
    private final FunctionStates states;
    private final Operations operations;
    private final Events events;
    private final NavigableMap<String, HostedChain> chains = new ConcurrentSkipListMap<>();
    private Instant answersForgotten = Instant.EPOCH;
    private boolean closing;

    Chains(
            NodeSettings settings,
            ChainLauncher launcher,
            Preparation preparation,
            NodeStore store,
            FunctionStates states,
            Operations operations,
            Events events) {
        this.settings = settings;
        this.launcher = launcher;
        this.preparation = preparation;
        this.store = store;
        this.states = states;
        this.operations = operations;
        this.events = events;
    }

    // --- What there is -------------------------------------------------------------------------------------

    /** In the order of their names. */
    Collection<HostedChain> all() {
        return chains.values();
    }

    Optional<HostedChain> find(String name) {
        return Optional.ofNullable(chains.get(name));
    }

    /** @throws RefusedException if there is none of that name */
    HostedChain get(String name) {
        return find(name).orElseThrow(() -> RefusedException.noChain(name, chains.keySet()));
    }

    /** The version of a chain, for {@link Precondition}s. */
    public Optional<String> version(String name) {
        return Optional.ofNullable(chains.get(name)).map(chain -> Precondition.versionOf(chain.stored()));
    }

    /** The descriptor of a chain as it was accepted. */
    public String descriptor(String name) {
        return get(name).stored().text();
    }

    // --- What may be done ----------------------------------------------------------------------------------

    /**
     * Creates a chain, or changes it to a descriptor.
     *
     * @param name that the descriptor must have; empty = whatever it has, and there must be no chain of that name
     * @param start whether a new chain is started
     * @throws RefusedException if the descriptor is wrong, or the wish cannot be followed
     */
    public Operation apply(Optional<String> name, String text, Form form, boolean start, Wish wish) {
        Optional<Operation> before = repeated(wish);
        if (before.isPresent()) {
            return before.get();
        }
        String actual = nameOf(preparation.read(text, form));
        name.ifPresent(wanted -> requireName(wanted, actual));
        Prepared prepared = preparation.prepare(actual, text, form);
        try {
            return accept(wish, Action.APPLY, actual, existing -> {
                if (name.isEmpty() && existing.isPresent()) {
                    throw new RefusedException(
                            Reason.CONFLICT, "there is a chain '" + actual + "' already; change it by PUT");
                }
                Optional<Accepted> nothing =
                        existing.filter(chain -> chain.says(form, text)).flatMap(chain -> nothingToDo(chain, prepared));
                if (nothing.isPresent()) {
                    return nothing.get();
                }
                StoredChain next = existing.map(chain -> chain.changed(form, text))
                        .orElseGet(() -> StoredChain.first(
                                actual, start ? DesiredState.RUNNING : DesiredState.STOPPED, form, text));
                return new Accepted(next, operation -> change(chains.get(actual), next, prepared, operation));
            });
        } catch (RefusedException refused) {
            prepared.close();
            throw refused;
        }
    }

    private static String nameOf(ChainDescriptor descriptor) {
        return descriptor.json().path("chain").stringValue("");
    }

    private static RefusedException wrongField(String pointer, String message) {
        return new RefusedException(
                Reason.INVALID,
                pointer + " " + message,
                List.of(new FieldError(pointer, message, OptionalInt.empty(), OptionalInt.empty())));
    }

    /**
     * Changes the configuration of a function by a JSON Merge Patch.
     *
     * @throws RefusedException if the result is wrong, or the wish cannot be followed
     */
    public Operation configure(String name, String function, ObjectNode patch, Wish wish) {
        Optional<Operation> before = repeated(wish);
        if (before.isPresent()) {
            return before.get();
        }
        HostedChain chain = get(name);
        StoredChain seen = chain.stored();
        String element = elementOf(chain, function);
        ObjectNode descriptor = descriptorJson(chain);
        boolean changes = FunctionPatch.changes(descriptor, element, patch);
        String text = FunctionPatch.apply(descriptor, element, patch).toPrettyString();
        Prepared prepared = prepareConfigured(name, text, element + "/config");
        try {
            return accept(wish, Action.CONFIGURE, name, existing -> {
                if (existing.filter(now -> now.revision() == seen.revision()).isEmpty()) {
                    throw new RefusedException(Reason.CONFLICT, "the chain was changed meanwhile; try again");
                }
                Optional<Accepted> nothing = existing.filter(_ -> !changes).flatMap(now -> nothingToDo(now, prepared));
                if (nothing.isPresent()) {
                    return nothing.get();
                }
                StoredChain next = existing.get().changed(Form.JSON, text);
                return new Accepted(next, operation -> change(chains.get(name), next, prepared, operation));
            });
        } catch (RefusedException refused) {
            prepared.close();
            throw refused;
        }
    }

    /**
     * Leaves a chain that is already what a descriptor would make of it as it is, and of its version: who has that may go on to
     * change it. Empty if it is something else, or something is under way that may make it so.
     */
    private Optional<Accepted> nothingToDo(StoredChain stored, Prepared prepared) {
        if (operations.underWay(stored.name()).isPresent()) {
            return Optional.empty();
        }
        HostedChain chain = chains.get(stored.name());
        boolean running = chain.isRunning();
        Optional<ChangePlan> plan = running ? chain.plan(prepared) : Optional.empty();
        boolean same = running
                ? plan.filter(change -> change.possible() && change.steps().isEmpty())
                        .isPresent()
                : !stored.isToRun()
                        && chain.prepared()
                                .filter(present -> present.functions() == prepared.functions())
                                .isPresent();
        return same
                ? Optional.of(new Accepted(stored, answered -> prepared.close(), Optional.of(Changes.nothing(plan))))
                : Optional.empty();
    }

    private Prepared prepareConfigured(String name, String text, String config) {
        try {
            return preparation.prepare(name, text, Form.JSON);
        } catch (RefusedException refused) {
            throw refused.seenFrom(config);
        }
    }

    /** The accepted descriptor of a chain as JSON, to be read only. */
    ObjectNode descriptorJson(HostedChain chain) {
        StoredChain stored = chain.stored();
        return preparedAs(chain, stored)
                .map(Prepared::descriptor)
                .orElseGet(() -> preparation.read(stored.text(), stored.form()))
                .json();
    }

    /** What is prepared, if that is what was accepted last: to read it again takes as long as all else of an answer. */
    private static Optional<Prepared> preparedAs(HostedChain chain, StoredChain stored) {
        return chain.prepared()
                .filter(prepared ->
                        prepared.form() == stored.form() && prepared.text().equals(stored.text()));
    }

    /** JSON pointer to a function in the accepted descriptor of its chain. */
    String elementOf(HostedChain chain, String function) {
        StoredChain stored = chain.stored();
        return preparedAs(chain, stored)
                .map(prepared -> prepared.descriptor().pathOf(function))
                .orElseGet(() -> {
                    try (Prepared accepted = preparation.prepare(stored.name(), stored.text(), stored.form())) {
                        return accepted.descriptor().pathOf(function);
                    }
                })
                .map(Preparation::pointer)
                .orElseThrow(() -> new RefusedException(
                        Reason.NOT_FOUND, "no function of chain '" + chain.name() + "' is named '" + function + "'"));
    }

    /**
     * What {@link #apply} of a descriptor would do.
     *
     * @throws RefusedException if the descriptor is wrong
     */
    public Plan plan(String name, String text, Form form) {
        String actual = nameOf(preparation.read(text, form));
        requireName(name, actual);
        try (Prepared prepared = preparation.prepare(name, text, form)) {
            Optional<HostedChain> chain = find(name);
            return Changes.plan(
                    prepared.chain(),
                    chain.isEmpty(),
                    chain.filter(HostedChain::isRunning).isPresent(),
                    chain.flatMap(HostedChain::prepared).map(Prepared::chain),
                    chain.flatMap(present -> present.plan(prepared)));
        }
    }

    private static void requireName(String wanted, String actual) {
        if (!wanted.equals(actual)) {
            throw wrongField("/chain", "is '" + actual + "', but the address is of chain '" + wanted + "'");
        }
    }

    /** Starts a chain. */
    public Operation start(String name, Wish wish) {
        return repeated(wish)
                .orElseGet(() -> accept(wish, Action.START, name, existing -> {
                    StoredChain next = required(existing, name).desired(DesiredState.RUNNING);
                    return new Accepted(next, operation -> start(chains.get(name), operation));
                }));
    }

    /** Drains a chain and stops it. */
    public Operation stop(String name, Wish wish) {
        return repeated(wish)
                .orElseGet(() -> accept(wish, Action.STOP, name, existing -> {
                    StoredChain next = required(existing, name).desired(DesiredState.STOPPED);
                    return new Accepted(next, operation -> {
                        chains.get(name).stop();
                        succeed(operation, Optional.empty());
                    });
                }));
    }

    /** Puts a function in quarantine to work again. */
    public Operation restore(String name, String function, Wish wish) {
        HostedChain chain = get(name);
        elementOf(chain, function);
        return repeated(wish)
                .orElseGet(() -> accept(wish, Action.RESTORE, name, existing -> {
                    if (!chain.isRunning()) {
                        throw RefusedException.notRunning(name, chain.state());
                    }
                    return new Accepted(required(existing, name), operation -> {
                        chain.restore(function);
                        succeed(operation, Optional.empty());
                    });
                }));
    }

    /** Drains a chain, stops it and forgets it. */
    public Operation delete(String name, Wish wish) {
        return repeated(wish)
                .orElseGet(() -> accept(wish, Action.DELETE, name, existing -> {
                    StoredChain next = required(existing, name).toBeDeleted();
                    return new Accepted(next, operation -> delete(chains.get(name), operation));
                }));
    }

    private StoredChain required(Optional<StoredChain> existing, String name) {
        return existing.orElseThrow(() -> RefusedException.noChain(name, chains.keySet()));
    }

    // --- Acceptance ----------------------------------------------------------------------------------------

    private interface Work {
        void accept(Operation operation);
    }

    /**
     * A wish that is to be followed.
     *
     * @param next the chain as it is to be stored
     * @param nothing empty unless there is nothing to do: what is told of that
     */
    private record Accepted(StoredChain next, Work work, Optional<ChangeSummary> nothing) {
        Accepted(StoredChain next, Work work) {
            this(next, work, Optional.empty());
        }
    }

    private interface Decision {
        Accepted on(Optional<StoredChain> existing);
    }

    /** The operation that the same request has led to before, if that is known. */
    private Optional<Operation> repeated(Wish wish) {
        return answered(wish).flatMap(answer -> operations.find(answer.operation()));
    }

    private Optional<Answer> answered(Wish wish) {
        Optional<Answer> before = wish.key().flatMap(store::answer);
        before.filter(answer -> !answer.request().equals(wish.digest())).ifPresent(other -> {
            throw new RefusedException(
                    Reason.CONFLICT, "this Idempotency-Key came with another request before; take a new one");
        });
        return before;
    }

    private static RefusedException forgotten(Answer answer) {
        return new RefusedException(
                Reason.CONFLICT,
                "this request was followed before, by operation " + answer.operation()
                        + ", which is not among the last " + Operations.KEPT
                        + " any more: see what the chain is, and take a new Idempotency-Key if it is not what you want");
    }

    private synchronized Operation accept(Wish wish, Action action, String name, Decision decision) {
        Optional<Answer> before = answered(wish);
        if (before.isPresent()) {
            return operations.find(before.get().operation()).orElseThrow(() -> forgotten(before.get()));
        }
        if (closing) {
            throw new RefusedException(Reason.UNAVAILABLE, "the node is about to end");
        }
        Optional<HostedChain> present = find(name);
        Optional<StoredChain> existing = present.map(HostedChain::stored);
        checkRoom(present);
        if (existing.filter(StoredChain::deleting).isPresent()) {
            throw new RefusedException(Reason.CONFLICT, "the chain is being deleted; wait for that operation's end");
        }
        if (existing.isPresent() || action != Action.APPLY) {
            wish.condition().check(existing);
        } else if (!wish.condition().match().isEmpty()) {
            wish.condition().check(Optional.empty());
        }
        Accepted accepted = decision.on(existing);
        Operation made = operations.make(action, name, accepted.next().revision());
        Instant now = Instant.now();
        Operation operation =
                accepted.nothing().isPresent() ? made.begun(now).succeeded(now, accepted.nothing()) : made;
        store.write(changes -> {
            changes.put(accepted.next());
            operations.store(operation, changes);
            wish.key().ifPresent(key -> changes.put(key, new Answer(wish.digest(), operation.id(), now)));
            forgetAnswers(now, changes);
        });
        if (operation.isOver()) {
            operations.announce(operation);
            accepted.work().accept(operation);
            return operation;
        }
        HostedChain chain = present.orElseGet(() -> host(accepted.next()));
        chain.stored(accepted.next());
        if (action == Action.APPLY || action == Action.CONFIGURE) {
            events.publish(
                    Event.Type.CHAIN_ACCEPTED,
                    Optional.of(name),
                    Optional.empty(),
                    "",
                    Map.of("revision", accepted.next().revision()));
        }
        operations.announce(operation);
        submit(chain, operation, accepted.work());
        return operation;
    }

    /** @throws RefusedException if there is more to do already than is good */
    private void checkRoom(Optional<HostedChain> chain) {
        if (chain.isEmpty() && chains.size() >= MOST_CHAINS) {
            throw new RefusedException(
                    Reason.CONFLICT, "the node has " + MOST_CHAINS + " chains, which is the most; delete one");
        }
        if (chain.filter(busy -> busy.serial().waiting() >= MOST_WAITING).isPresent()) {
            throw new RefusedException(
                    Reason.UNAVAILABLE,
                    MOST_WAITING + " operations on this chain wait already; try again when some have ended");
        }
    }

    private void forgetAnswers(Instant now, NodeStore.Changes changes) {
        if (now.isAfter(answersForgotten.plus(ANSWERS_SWEEP))) {
            store.answersBefore(now.minus(ANSWERS_KEPT), MOST_ANSWERS).forEach(changes::removeAnswer);
            answersForgotten = now;
        }
    }

    private HostedChain host(StoredChain stored) {
        HostedChain chain = new HostedChain(
                stored,
                launcher,
                settings,
                preparation,
                states.of(stored.name()),
                events,
                () -> atItsEnd(stored.name()));
        chains.put(stored.name(), chain);
        return chain;
    }

    private void submit(HostedChain chain, Operation operation, Work work) {
        chain.serial().execute(() -> {
            Operation begun = operations.begin(operation);
            try {
                work.accept(begun);
            } catch (ChainStartException failure) {
                fail(begun, failure);
            } catch (RuntimeException | Error bug) {
                LOG.error("operation {} on chain '{}'", operation.id(), chain.name(), bug);
                fail(begun, new ChainStartException("internal error: " + bug));
            }
        });
    }

    private void succeed(Operation operation, Optional<ChangeSummary> report) {
        operations.end(operation.succeeded(Instant.now(), report), changes -> {});
    }

    private void fail(Operation operation, ChainStartException failure) {
        operations.end(operation.failed(Instant.now(), problemOf(failure)), changes -> {});
    }

    private static ProblemDetails problemOf(ChainStartException failure) {
        return failure.problem();
    }

    // --- Work, on the chain's own thread -------------------------------------------------------------------

    private void change(HostedChain chain, StoredChain next, Prepared prepared, Operation operation) {
        if (!next.isToRun()) {
            chain.prepare(prepared);
            succeed(operation, Optional.empty());
            return;
        }
        // What was stored before may be a change that has failed since.
        Optional<Prepared> before = chain.prepared();
        Optional<Chain> old = before.map(Prepared::chain);
        if (!chain.isRunning()) {
            chain.prepare(prepared);
            chain.start();
            succeed(operation, Optional.of(Changes.anew(old, prepared.chain(), List.of())));
            return;
        }
        Optional<ChangePlan> plan = chain.plan(prepared);
        if (plan.filter(ChangePlan::possible).isPresent()) {
            changeLive(chain, next, before.orElseThrow(), prepared, plan.get(), operation);
            return;
        }
        ChangeSummary report = Changes.anew(old, prepared.chain(), Changes.obstacles(plan));
        chain.makeRoom();
        chain.prepare(prepared);
        try {
            chain.start();
            succeed(operation, Optional.of(report));
        } catch (ChainStartException failure) {
            if (storeAgain(chain, next, before.orElseThrow())) {
                startAgainAs(chain, chain.stored());
            }
            fail(operation, failure);
        }
    }

    private void changeLive(
            HostedChain chain,
            StoredChain next,
            Prepared before,
            Prepared prepared,
            ChangePlan plan,
            Operation operation) {
        try {
            succeed(operation, Optional.of(Changes.live(plan, chain.change(prepared))));
        } catch (ChainStartException refused) {
            prepared.close();
            storeAgain(chain, next, before);
            fail(operation, refused);
        }
    }

    /** Stores the chain as it was, as a version of its own; unless another change is waiting already. */
    private synchronized boolean storeAgain(HostedChain chain, StoredChain failed, Prepared before) {
        if (chain.stored().revision() != failed.revision()) {
            return false;
        }
        StoredChain again = chain.stored().takenBack(before.form(), before.text());
        store.note(changes -> changes.put(again));
        chain.stored(again);
        return true;
    }

    private void startAgainAs(HostedChain chain, StoredChain stored) {
        try {
            chain.prepare(preparation.prepare(chain.name(), stored.text(), stored.form()));
            chain.start();
        } catch (RefusedException | ChainStartException noMore) {
            LOG.warn("chain '{}' could not be rolled back: {}", chain.name(), noMore.getMessage());
        }
    }

    private void start(HostedChain chain, Operation operation) {
        if (!chain.isRunning()) {
            chain.start();
        }
        succeed(operation, Optional.empty());
    }

    private void delete(HostedChain chain, Operation operation) {
        chain.stop();
        synchronized (this) {
            chains.remove(chain.name());
            operations.end(
                    operation.succeeded(Instant.now(), Optional.empty()), changes -> changes.removeChain(chain.name()));
        }
        chain.discard();
        events.publish(Event.Type.CHAIN_DELETED, Optional.of(chain.name()), Optional.empty(), "", Map.of());
    }

    private synchronized void atItsEnd(String name) {
        HostedChain chain = chains.get(name);
        // What was accepted since may have it begin anew, and is done next.
        if (chain != null && !closing && !operations.beginsAnew(name)) {
            StoredChain ended = chain.stored().atItsEnd();
            store.note(changes -> changes.put(ended));
            chain.stored(ended);
        }
    }

    // --- Beginning and end of the node ---------------------------------------------------------------------

    /** Brings back what an earlier node had, and completes what it has left undone. */
    void resume() {
        List<Operation> interrupted = operations.interrupted();
        states.retainChains(store.chains().stream().map(StoredChain::name).collect(Collectors.toSet()));
        for (StoredChain stored : store.chains()) {
            HostedChain chain = host(stored);
            chain.serial().execute(() -> prepareAgain(chain));
            boolean hasWork =
                    interrupted.stream().anyMatch(operation -> operation.chain().equals(stored.name()));
            if (stored.isToRun() && !stored.ended() && !hasWork) {
                chain.serial().execute(() -> startAgain(chain));
            }
        }
        interrupted.forEach(this::resume);
    }

    private void resume(Operation operation) {
        HostedChain chain = chains.get(operation.chain());
        if (chain == null) {
            // Its last act, to remove the chain, was stored with its end; so this cannot be, unless the store was
            // changed.
            operations.end(
                    operation.failed(
                            Instant.now(),
                            new ChainStartException("interrupted by the end of the node, and the chain is no more")
                                    .problem()),
                    changes -> {});
            return;
        }
        submit(chain, operation, begun -> {
            StoredChain stored = chain.stored();
            switch (begun.action()) {
                case DELETE -> delete(chain, begun);
                case RESTORE ->
                    throw new ChainStartException(
                            "interrupted by the end of the node; the function has been started anew since");
                default -> {
                    if (stored.isToRun() && !stored.ended()) {
                        start(chain, begun);
                    } else {
                        succeed(begun, Optional.empty());
                    }
                }
            }
        });
    }

    private void prepareAgain(HostedChain chain) {
        StoredChain stored = chain.stored();
        try {
            Prepared prepared = preparation.prepare(chain.name(), stored.text(), stored.form());
            chain.prepare(prepared);
            states.mayHaveLost(
                    chain.name(),
                    prepared.chain().nodes().stream()
                            .filter(node -> node.persist().isPresent())
                            .map(Chain.Node::name)
                            .collect(Collectors.toSet()));
        } catch (RefusedException noMore) {
            LOG.warn("the stored descriptor of chain '{}' cannot be used: {}", chain.name(), noMore.getMessage());
            chain.fail(noMore.getMessage(), Optional.empty());
        }
    }

    private static void startAgain(HostedChain chain) {
        try {
            if (chain.state() != ChainState.FAILED) {
                chain.start();
            }
        } catch (ChainStartException failure) {
            LOG.warn("chain '{}' could not be started again: {}", chain.name(), failure.getMessage());
        }
    }

    /** Drains all chains at the same time; what is to run stays so for the next node. */
    void close(Duration atMost) {
        synchronized (this) {
            closing = true;
        }
        CountDownLatch left = new CountDownLatch(chains.size());
        chains.values()
                .forEach(chain -> chain.serial().execute(() -> {
                    try {
                        chain.makeRoom();
                    } finally {
                        left.countDown();
                    }
                }));
        try {
            if (!left.await(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.warn("{} chains were not drained in time", left.getCount());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
