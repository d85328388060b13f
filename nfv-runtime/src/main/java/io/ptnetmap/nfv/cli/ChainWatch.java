// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.NodeClient;
import io.ptnetmap.nfv.client.NodeStream;
import io.ptnetmap.nfv.client.NodeUnreachableException;
import io.ptnetmap.nfv.node.model.ChainSummary;
import io.ptnetmap.nfv.node.model.Statistics;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The accounts of a node's chains as they come. When none come, the node is asked why, each second: it may have no chains, or be
 * gone. For one thread.
 */
final class ChainWatch implements AutoCloseable {
    private static final int SILENT_INTERVALS = 3;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final NodeSession session;
    private final Optional<String> chain;
    private final Duration interval;
    private final BlockingQueue<Statistics> arrived = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private NodeStream<Statistics> stream;
    private boolean begun;
    private long lastNews = System.nanoTime();
    private long lastQuestion = lastNews - PAUSE_NANOS;
    private Optional<CompletableFuture<List<ChainSummary>>> question = Optional.empty();
    private Condition condition = Condition.NEWS;
    private String refusal = "";

    /** What is the matter. */
    enum Condition {
        /** Accounts come. */
        NEWS,
        /** None come, though there are chains. */
        SILENCE,
        /** There are no chains, or not the one that is watched. */
        NO_CHAINS,
        /** The node does not answer. */
        NO_ANSWER
    }

    /**
     * Begins to watch.
     *
     * @param chain the only one that matters
     * @param interval between two accounts of a chain
     */
    ChainWatch(NodeSession session, Optional<String> chain, Duration interval) throws InterruptedException {
        this.session = session;
        this.chain = chain;
        this.interval = interval;
        stream = open();
    }

    private NodeStream<Statistics> open() throws InterruptedException {
        NodeStream<Statistics> opened = session.get(client -> client.statistics(chain, interval));
        opened.exceptionHandler(failed::completeExceptionally)
                .pause()
                .handler(arrived::add)
                .fetch(1);
        return opened;
    }

    /**
     * The next account, if one comes within that time.
     *
     * @throws RuntimeException if the node refuses to show more
     */
    Optional<Statistics> next(long millis) throws InterruptedException {
        Optional<Statistics> next = Optional.ofNullable(arrived.poll(millis, TimeUnit.MILLISECONDS));
        if (next.isPresent()) {
            begun = true;
            lastNews = System.nanoTime();
            question = Optional.empty();
            condition = Condition.NEWS;
            stream.fetch(1);
        } else if (failed.isDone()) {
            NodeSession.await(Future.fromCompletionStage(failed));
        } else if (!begun || isSilent()) {
            inquire();
        }
        return next;
    }

    private boolean isSilent() {
        return silence().compareTo(interval.multipliedBy(SILENT_INTERVALS)) > 0;
    }

    private void inquire() throws InterruptedException {
        long now = System.nanoTime();
        if (question.filter(CompletableFuture::isDone).isPresent()) {
            CompletableFuture<List<ChainSummary>> answer = question.get();
            question = Optional.empty();
            try {
                answered(NodeSession.await(Future.fromCompletionStage(answer)));
            } catch (NodeUnreachableException gone) {
                refusal = gone.getMessage();
                condition = Condition.NO_ANSWER;
            }
        } else if (question.isEmpty() && now - lastQuestion >= PAUSE_NANOS) {
            lastQuestion = now;
            question = Optional.of(session.ask(NodeClient::chains));
        }
    }

    private void answered(List<ChainSummary> chains) throws InterruptedException {
        boolean some =
                chains.stream().anyMatch(one -> chain.isEmpty() || one.name().equals(chain.get()));
        if (some && (condition == Condition.NO_CHAINS || condition == Condition.NO_ANSWER)) {
            // By itself a stream that was lost comes back later.
            stream.close();
            stream = open();
            lastNews = System.nanoTime();
        }
        condition = some ? Condition.SILENCE : Condition.NO_CHAINS;
    }

    Condition condition() {
        return condition;
    }

    /** Whether accounts have come at any time. */
    boolean hasBegun() {
        return begun;
    }

    /** For how long none have come. */
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - lastNews);
    }

    /** Why there are none, in words; empty while they come. */
    String reason() {
        return switch (condition) {
            case NEWS -> "";
            case SILENCE -> isSilent() && begun ? "no news for " + silence().toSeconds() + " s" : "";
            case NO_CHAINS ->
                chain.map(name -> "no chain '" + name + "'").orElse("no chains") + (begun ? " any more" : " so far")
                        + "; nfv apply -f FILE creates one";
            case NO_ANSWER -> refusal + "; tried again each second";
        };
    }

    @Override
    public void close() {
        stream.close();
    }
}
