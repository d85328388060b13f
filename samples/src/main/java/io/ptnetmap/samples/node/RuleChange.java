// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples.node;

import io.ptnetmap.nfv.client.ChangeOptions;
import io.ptnetmap.nfv.client.Descriptor;
import io.ptnetmap.nfv.client.EventFilter;
import io.ptnetmap.nfv.client.NodeClient;
import io.ptnetmap.nfv.client.NodeClientOptions;
import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.node.model.FunctionAccount;
import io.ptnetmap.nfv.node.model.Operation;
import io.ptnetmap.nfv.node.model.Statistics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Applies a chain to a node, watches its events and statistics, closes the firewall as soon as a thousand packets have passed it,
 * waits until it drops, and deletes the chain.
 */
public final class RuleChange extends VerticleBase {
    private static final String CHAIN = "rule-change";
    private static final String DESCRIPTOR = """
            chain: rule-change
            functions:
              - {type: generator, config: {rate: 20k}}
              - {type: firewall, config: {default: accept}}
              - {type: sink}
            """;
    private static final long ENOUGH = 1000;

    private final NodeClientOptions options;
    private final Consumer<String> log;
    private final Promise<Operation> done = Promise.promise();
    private NodeClient node;
    private boolean closed;
    private boolean deleted;

    /**
     * @param options which node
     * @param log gets a line for all that happens
     */
    public RuleChange(NodeClientOptions options, Consumer<String> log) {
        this.options = options;
        this.log = log;
    }

    /** Complete when the chain is deleted, with what its rule's change has cost. */
    public Future<Operation> done() {
        return done.future();
    }

    @Override
    public Future<?> start() {
        node = NodeClient.create(vertx, options);
        return node.events(EventFilter.of(CHAIN))
                .onSuccess(events -> events.handler(this::tell))
                .compose(_ -> node.apply(CHAIN, Descriptor.yaml(DESCRIPTOR), ChangeOptions.DEFAULT))
                .compose(node::awaitOperation)
                .compose(_ -> node.statistics(Optional.of(CHAIN), Duration.ofMillis(200)))
                .onSuccess(statistics -> statistics.handler(this::look));
    }

    private void tell(Event event) {
        log.accept(event.type() + " " + event.data().orElse(Map.of()));
    }

    private void look(Statistics statistics) {
        FunctionAccount firewall = statistics.functions().get(1).account();
        log.accept("firewall: " + firewall.sent() + " passed, " + firewall.dropped() + " dropped");
        if (!closed && firewall.sent() >= ENOUGH) {
            closed = true;
            node.configure(CHAIN, "firewall", Map.of("default", "drop"), ChangeOptions.DEFAULT)
                    .compose(node::awaitOperation)
                    .onSuccess(this::end)
                    .onFailure(done::tryFail);
        }
    }

    /** Once the firewall has had time to drop something. */
    private void end(Operation change) {
        change.report().ifPresent(report -> log.accept("changed while packets flowed: " + report.live()));
        vertx.setPeriodic(
                200,
                timer -> node.statistics(CHAIN).onFailure(done::tryFail).onSuccess(now -> {
                    if (!deleted && now.functions().get(1).account().dropped() > 0) {
                        deleted = true;
                        vertx.cancelTimer(timer);
                        node.delete(CHAIN, ChangeOptions.DEFAULT)
                                .compose(node::awaitOperation)
                                .onSuccess(_ -> done.tryComplete(change))
                                .onFailure(done::tryFail);
                    }
                }));
    }

    @Override
    public Future<?> stop() {
        return node.close();
    }

    /** Runs it against the node that the environment names, or this machine's. */
    public static void main(String[] arguments) {
        Vertx vertx = Vertx.vertx();
        RuleChange verticle = new RuleChange(NodeClientOptions.fromEnvironment(), System.out::println);
        vertx.deployVerticle(verticle).compose(_ -> verticle.done()).onComplete(result -> {
            System.out.println(
                    result.succeeded() ? "done" : "failed: " + result.cause().getMessage());
            vertx.close();
        });
    }
}
