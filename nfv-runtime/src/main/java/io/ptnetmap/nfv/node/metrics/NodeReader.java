// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import io.ptnetmap.nfv.node.Events;
import io.ptnetmap.nfv.node.History;
import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.RefusedException;
import io.ptnetmap.nfv.node.model.ChainState;
import io.ptnetmap.nfv.node.model.ChainSummary;
import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.node.model.FunctionAccount;
import io.ptnetmap.nfv.node.model.FunctionState;
import io.ptnetmap.nfv.node.model.Operation;
import io.ptnetmap.nfv.node.model.Statistics;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads a node's metrics: accounts and states from its views, what has happened from its events. Not thread-safe, but {@link
 * #keepUp} may be called whenever nothing else is.
 */
final class NodeReader {
    /** Causes of drops that a function may have series for; the packets of further ones are counted as {@link #OTHER}. */
    static final int MOST_REASONS = 32;

    static final String OTHER = "other";
    private static final int EVENTS_AT_ONCE = 1000;
    private static final String FORWARD = "forward";
    private static final String BACKWARD = "backward";

    /** As labels say them. */
    private static final Map<Enum<?>, String> STATES = Stream.of(ChainState.values(), FunctionState.values())
            .<Enum<?>>flatMap(Stream::of)
            .collect(Collectors.toMap(state -> state, NodeReader::lower));

    private final Node node;
    private final Map<String, Happened> happened = new HashMap<>();
    private long lastEvent;

    /** What events have told of a chain. */
    private static final class Happened {
        private final Map<String, Long> failures = new HashMap<>();
        private final Map<List<String>, Long> changes = new HashMap<>();
        private long restarts;
        private long lost;
        private long reordered;
        private double pauseSeconds = -1;
    }

    NodeReader(Node node) {
        this.node = node;
    }

    /** Takes over the events since the last call. */
    void keepUp() {
        History<Events.Published> history = node.events().history();
        for (List<Events.Published> next = history.after(lastEvent, EVENTS_AT_ONCE);
                !next.isEmpty();
                next = history.after(lastEvent, EVENTS_AT_ONCE)) {
            next.forEach(published -> take(published.event()));
            lastEvent = next.getLast().event().id();
        }
    }

    private void take(Event event) {
        if (event.chain().isEmpty()) {
            return;
        }
        String chain = event.chain().get();
        switch (event.type()) {
            case FUNCTION_FAILED -> of(chain).failures.merge(event.function().orElse(OTHER), 1L, Long::sum);
            case PROCESS_RESTARTED -> of(chain).restarts++;
            case OPERATION -> operation(chain, event);
            case CHAIN_DELETED -> happened.remove(chain);
            default -> {
                // Is in the accounts, or no count.
            }
        }
    }

    private Happened of(String chain) {
        return happened.computeIfAbsent(chain, name -> new Happened());
    }

    private void operation(String chain, Event event) {
        event.data().map(data -> data.get("operation")).map(String::valueOf).flatMap(node.operations()::find).stream()
                .filter(operation -> operation.isOver() && isEnd(event, operation))
                .forEach(operation -> ended(of(chain), operation));
    }

    private static boolean isEnd(Event event, Operation operation) {
        return event.data()
                .filter(data -> data.get("state") == operation.state())
                .isPresent();
    }

    private static void ended(Happened chain, Operation operation) {
        chain.changes.merge(List.of(lower(operation.action()), lower(operation.state())), 1L, Long::sum);
        operation.report().ifPresent(report -> {
            report.pauseNanos().ifPresent(nanos -> chain.pauseSeconds = nanos / 1e9);
            chain.lost += Math.max(0, report.lost().orElse(0));
            chain.reordered += report.reordered().orElse(0);
        });
    }

    /** What all series say now. */
    void read(Readings readings) {
        keepUp();
        for (String chain : node.views().chainNames()) {
            try {
                ChainSummary summary = node.views().chainSummary(chain);
                Statistics statistics = node.views().statistics(chain);
                chain(readings.node().of(chain), summary, statistics);
            } catch (RefusedException deletedMeanwhile) {
                happened.remove(chain);
            }
        }
    }

    private void chain(Readings.Scope chain, ChainSummary summary, Statistics statistics) {
        for (ChainState state : ChainState.values()) {
            chain.of(STATES.get(state)).set(Metric.CHAIN_STATE, summary.state() == state ? 1 : 0);
        }
        chain.set(Metric.CHAIN_REVISION, summary.revision());
        statistics.conservation().ifPresent(balance -> {
            chain.set(Metric.PACKETS_HELD, balance.held());
            chain.set(Metric.PACKETS_UNACCOUNTED, balance.unaccounted());
        });
        statistics.functions().forEach(function -> function(chain, function));
        node.views().keptStates(summary.name()).forEach((instance, kept) -> {
            chain.of(instance).set(Metric.STATE_AGE, kept.age().toNanos() / 1e9);
            chain.of(instance).set(Metric.STATE_BYTES, kept.bytes());
        });
        statistics.links().forEach(link -> link(chain.of(link.name()), link));
        statistics.latencyNanos().ifPresent(latency -> chain.of(FORWARD).set(Metric.CHAIN_LATENCY, latency));
        statistics
                .backwardLatencyNanos()
                .ifPresent(latency -> chain.of(BACKWARD).set(Metric.CHAIN_LATENCY, latency));
        happened(chain, summary.name());
    }

    private static void function(Readings.Scope chain, Statistics.FunctionCount count) {
        Readings.Scope function = chain.of(count.type()).of(count.name());
        FunctionAccount account = count.account();
        function.set(Metric.PACKETS_RECEIVED, account.received());
        function.set(Metric.BYTES_RECEIVED, account.receivedBytes());
        function.set(Metric.PACKETS_MADE, account.created());
        function.set(Metric.PACKETS_SENT, account.sent());
        function.set(Metric.BYTES_SENT, account.sentBytes());
        function.set(Metric.PACKETS_CONSUMED, account.consumed());
        for (FunctionState state : FunctionState.values()) {
            function.of(STATES.get(state)).set(Metric.FUNCTION_STATE, count.state() == state ? 1 : 0);
        }
        count.batchNanos().ifPresent(time -> function.set(Metric.FUNCTION_BATCH, time));
        few(account.drops()).forEach((reason, packets) -> function.of(reason).set(Metric.PACKETS_DROPPED, packets));
    }

    /** Drops of no more causes than there may be series for. */
    private static Map<String, Long> few(Map<String, Long> drops) {
        if (drops.size() <= MOST_REASONS) {
            return drops;
        }
        // In the order of their names, so that it is always the same ones that are counted together.
        Map<String, Long> few = new HashMap<>();
        int reasons = 0;
        for (Map.Entry<String, Long> drop : new TreeMap<>(drops).entrySet()) {
            few.merge(reasons++ < MOST_REASONS ? drop.getKey() : OTHER, drop.getValue(), Long::sum);
        }
        return few;
    }

    private static void link(Readings.Scope link, Statistics.LinkCount count) {
        if (count.slots() > 0) {
            link.set(Metric.LINK_RING_SLOTS, count.slots());
            link.set(Metric.LINK_RING_USED, count.used());
        }
        flow(link.of(FORWARD), count.forward());
        flow(link.of(BACKWARD), count.backward());
    }

    private static void flow(Readings.Scope direction, Statistics.Flow flow) {
        direction.set(Metric.LINK_PACKETS, flow.packets());
        direction.set(Metric.LINK_BYTES, flow.bytes());
        flow.waitNanos().ifPresent(wait -> direction.set(Metric.LINK_WAIT, wait));
        flow.latencyNanos().ifPresent(latency -> direction.set(Metric.LINK_LATENCY, latency));
    }

    private void happened(Readings.Scope chain, String name) {
        Happened told = of(name);
        chain.set(Metric.PROCESS_RESTARTS, told.restarts);
        chain.set(Metric.CHANGE_LOST, told.lost);
        chain.set(Metric.CHANGE_REORDERED, told.reordered);
        if (told.pauseSeconds >= 0) {
            chain.set(Metric.CHANGE_PAUSE, told.pauseSeconds);
        }
        told.failures.forEach((instance, count) -> chain.of(instance).set(Metric.FUNCTION_FAILURES, count));
        told.changes.forEach((change, count) ->
                chain.of(change.getFirst()).of(change.getLast()).set(Metric.CHANGES, count));
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
