// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.engine.StateTaken;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the states of those functions of a running chain that are to outlive a crash. Each has a thread that takes its state down
 * every half of the time that it may be old, and has a quarter of that time for it: so what is kept is no older, whenever the
 * process dies, as long as disk and worker are not slower than that. When the chain is drained, all are taken down once more.
 * Thread-safe.
 */
final class StateKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateKeeper.class);
    /** States are begun this many times within the time that they may be old. */
    private static final int OFTEN = 2;
    /** The part of that time that one may take without hurry. */
    private static final int PATIENCE = 4;

    private final ChainStates states;
    private final Function<Node, Optional<ChainPart>> parts;
    private final Map<String, Keeping> keepings = new HashMap<>();
    private boolean closed;

    /**
     * @param states where they are kept
     * @param parts gives the part that a function runs in
     */
    StateKeeper(ChainStates states, Function<Node, Optional<ChainPart>> parts) {
        this.states = states;
        this.parts = parts;
    }

    /** Keeps, from now on, the states of the functions of a chain that are to be kept, and forgets all others. */
    synchronized void keep(Chain chain) {
        if (closed) {
            return;
        }
        Map<String, Node> wanted = chain.nodes().stream()
                .filter(node -> node.persist().isPresent())
                .collect(Collectors.toMap(Node::name, node -> node));
        keepings.values().removeIf(keeping -> {
            boolean other = !keeping.node.equals(wanted.get(keeping.node.name()));
            if (other) {
                keeping.end(false);
                keeping.awaitEnd();
            }
            return other;
        });
        try {
            states.retain(wanted.keySet());
        } catch (IOException failure) {
            LOG.warn("states of functions that are no more remain in the store: {}", FileErrors.why(failure));
        }
        wanted.forEach((name, node) ->
                keepings.computeIfAbsent(name, absent -> new Keeping(node)).begin());
    }

    /** Takes all states down once more, and no more after that: before the functions stop. */
    void finish() {
        end(true);
    }

    /** Takes nothing down any more. */
    @Override
    public void close() {
        end(false);
    }

    private synchronized void end(boolean onceMore) {
        closed = true;
        keepings.values().forEach(keeping -> keeping.end(onceMore));
        keepings.values().forEach(Keeping::awaitEnd);
        keepings.clear();
    }

    /** The keeping of one function's state. */
    private final class Keeping {
        private final Node node;
        private final Duration bound;
        private final Thread thread;
        private final CountDownLatch ending = new CountDownLatch(1);
        private volatile boolean onceMore;
        /** Whether the last one failed or came too late, so that one message is enough. */
        private boolean troubled;

        Keeping(Node node) {
            this.node = node;
            this.bound = node.persist().orElseThrow();
            thread = Thread.ofPlatform().daemon().name("state-" + node.name()).unstarted(this::run);
        }

        void begin() {
            if (thread.getState() == Thread.State.NEW) {
                thread.start();
            }
        }

        /** @param last whether it is taken down once more, in a hurry, for packets do not flow any more */
        void end(boolean last) {
            onceMore = last;
            ending.countDown();
        }

        void awaitEnd() {
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        private void run() {
            try {
                long next = System.nanoTime();
                do {
                    take(bound.dividedBy(PATIENCE));
                    next = Math.max(next + bound.toNanos() / OFTEN, System.nanoTime());
                } while (!ending.await(next - System.nanoTime(), TimeUnit.NANOSECONDS));
                if (onceMore) {
                    take(Duration.ZERO);
                }
            } catch (InterruptedException nobodyDoesThat) {
                Thread.currentThread().interrupt();
            }
        }

        private void take(Duration patience) throws InterruptedException {
            Optional<ChainPart> part = parts.apply(node);
            if (part.isEmpty()) {
                return;
            }
            try (ChainStates.Draft draft = states.begin(node.name())) {
                Optional<StateTaken> taken = part.get().takeState(node.name(), draft.out(), patience);
                if (taken.isPresent()) {
                    draft.commit(taken.get());
                    noteAge(Duration.between(taken.get().at(), Instant.now()));
                }
            } catch (IOException | RuntimeException failure) {
                noteTrouble("the state of function '" + node.name() + "' cannot be kept: " + failure.getMessage());
                LOG.debug("while a state was taken down", failure);
            }
        }

        /** The one before was the only one that there was until now. */
        private void noteAge(Duration taking) {
            Duration oldest = taking.plus(bound.dividedBy(OFTEN));
            if (oldest.compareTo(bound) > 0) {
                noteTrouble("what is kept of function '" + node.name() + "' gets " + oldest.toMillis() + " ms old, not "
                        + bound.toMillis()
                        + " ms: its worker or the disk is too slow for that; give 'persist' more time");
            } else {
                troubled = false;
            }
        }

        private void noteTrouble(String message) {
            if (!troubled) {
                LOG.warn(message);
            }
            troubled = true;
        }
    }
}
