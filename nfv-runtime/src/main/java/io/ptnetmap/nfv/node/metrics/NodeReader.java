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
                chain(readings, node.views().chainSummary(chain), node.views().statistics(chain));
            } catch (RefusedException deletedMeanwhile) {
                happened.remove(chain);
            }
        }
    }

    private void chain(Readings readings, ChainSummary summary, Statistics statistics) {
        String chain = summary.name();
        for (ChainState state : ChainState.values()) {
            readings.set(Metric.CHAIN_STATE, summary.state() == state ? 1 : 0, chain, lower(state));
        }
        readings.set(Metric.CHAIN_REVISION, summary.revision(), chain);
        statistics.conservation().ifPresent(balance -> {
            readings.set(Metric.PACKETS_HELD, balance.held(), chain);
            readings.set(Metric.PACKETS_UNACCOUNTED, balance.unaccounted(), chain);
        });
        statistics.functions().forEach(function -> function(readings, chain, function));
        node.views().keptStates(chain).forEach((instance, kept) -> {
            readings.set(Metric.STATE_AGE, kept.age().toNanos() / 1e9, chain, instance);
            readings.set(Metric.STATE_BYTES, kept.bytes(), chain, instance);
        });
        statistics.links().forEach(link -> link(readings, chain, link));
        statistics.latencyNanos().ifPresent(latency -> readings.set(Metric.CHAIN_LATENCY, latency, chain, FORWARD));
        statistics
                .backwardLatencyNanos()
                .ifPresent(latency -> readings.set(Metric.CHAIN_LATENCY, latency, chain, BACKWARD));
        happened(readings, chain);
    }

    private static void function(Readings readings, String chain, Statistics.FunctionCount function) {
        String[] labels = {chain, function.type(), function.name()};
        FunctionAccount account = function.account();
        readings.set(Metric.PACKETS_RECEIVED, account.received(), labels);
        readings.set(Metric.BYTES_RECEIVED, account.receivedBytes(), labels);
        readings.set(Metric.PACKETS_MADE, account.created(), labels);
        readings.set(Metric.PACKETS_SENT, account.sent(), labels);
        readings.set(Metric.BYTES_SENT, account.sentBytes(), labels);
        readings.set(Metric.PACKETS_CONSUMED, account.consumed(), labels);
        for (FunctionState state : FunctionState.values()) {
            readings.set(
                    Metric.FUNCTION_STATE,
                    function.state() == state ? 1 : 0,
                    chain,
                    function.type(),
                    function.name(),
                    lower(state));
        }
        function.batchNanos().ifPresent(time -> readings.set(Metric.FUNCTION_BATCH, time, labels));
        // In the order of their names, so that it is always the same ones that are counted together.
        int reasons = 0;
        for (Map.Entry<String, Long> drop : new TreeMap<>(account.drops()).entrySet()) {
            String reason = reasons++ < MOST_REASONS ? drop.getKey() : OTHER;
            readings.add(Metric.PACKETS_DROPPED, drop.getValue(), chain, function.type(), function.name(), reason);
        }
    }

    private static void link(Readings readings, String chain, Statistics.LinkCount link) {
        if (link.slots() > 0) {
            readings.set(Metric.LINK_RING_SLOTS, link.slots(), chain, link.name());
            readings.set(Metric.LINK_RING_USED, link.used(), chain, link.name());
        }
        flow(readings, chain, link.name(), FORWARD, link.forward());
        flow(readings, chain, link.name(), BACKWARD, link.backward());
    }

    private static void flow(Readings readings, String chain, String link, String direction, Statistics.Flow flow) {
        readings.set(Metric.LINK_PACKETS, flow.packets(), chain, link, direction);
        readings.set(Metric.LINK_BYTES, flow.bytes(), chain, link, direction);
        flow.waitNanos().ifPresent(wait -> readings.set(Metric.LINK_WAIT, wait, chain, link, direction));
        flow.latencyNanos().ifPresent(latency -> readings.set(Metric.LINK_LATENCY, latency, chain, link, direction));
    }

    private void happened(Readings readings, String chain) {
        Happened told = of(chain);
        readings.set(Metric.PROCESS_RESTARTS, told.restarts, chain);
        readings.set(Metric.CHANGE_LOST, told.lost, chain);
        readings.set(Metric.CHANGE_REORDERED, told.reordered, chain);
        if (told.pauseSeconds >= 0) {
            readings.set(Metric.CHANGE_PAUSE, told.pauseSeconds, chain);
        }
        told.failures.forEach((instance, count) -> readings.set(Metric.FUNCTION_FAILURES, count, chain, instance));
        told.changes.forEach(
                (change, count) -> readings.set(Metric.CHANGES, count, chain, change.getFirst(), change.getLast()));
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
