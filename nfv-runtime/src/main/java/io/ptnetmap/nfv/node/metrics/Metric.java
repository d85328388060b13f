// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import java.util.List;

/**
 * What a node measures of its chains. Names follow Prometheus's and OpenTelemetry's rules: base units, few labels, and what a
 * counter counts is in its name.
 */
public enum Metric {
    PACKETS_RECEIVED(
            "nfv.packets.received",
            Kind.COUNTER,
            "Packets that a function or port took in, at either side",
            Labels.OF_FUNCTION),
    BYTES_RECEIVED(
            "nfv.bytes.received", Kind.COUNTER, "Bytes of these, without the Ethernet checksum", Labels.OF_FUNCTION),
    // Not "created": OpenMetrics keeps that word for itself.
    PACKETS_MADE("nfv.packets.made", Kind.COUNTER, "Packets that a function made", Labels.OF_FUNCTION),
    PACKETS_SENT(
            "nfv.packets.sent",
            Kind.COUNTER,
            "Packets that a function or port passed on, at either side",
            Labels.OF_FUNCTION),
    BYTES_SENT("nfv.bytes.sent", Kind.COUNTER, "Bytes of these, without the Ethernet checksum", Labels.OF_FUNCTION),
    PACKETS_CONSUMED(
            "nfv.packets.consumed", Kind.COUNTER, "Packets that ended in a function as intended", Labels.OF_FUNCTION),
    PACKETS_DROPPED(
            "nfv.packets.dropped",
            Kind.COUNTER,
            "Packets that a function or port dropped, by cause",
            List.of("chain", "function", "instance", "reason")),
    FUNCTION_STATE(
            "nfv.function.state",
            Kind.GAUGE,
            "1 for the state that a function is in: stopped, running, quarantined, restarting, failed",
            List.of("chain", "function", "instance", "state")),
    FUNCTION_FAILURES(
            "nfv.function.failures",
            Kind.COUNTER,
            "Exceptions that a function has thrown",
            List.of("chain", "instance")),
    STATE_AGE(
            "nfv.function.state.age",
            Kind.SECONDS,
            "How old what is kept of a function's state is, which `persist` bounds",
            List.of("chain", "instance")),
    STATE_BYTES(
            "nfv.function.state.bytes",
            Kind.GAUGE,
            "Bytes of what is kept of a function's state",
            List.of("chain", "instance")),
    PROCESS_RESTARTS(
            "nfv.process.restarts",
            Kind.COUNTER,
            "Processes of a chain that died and were started again",
            Labels.OF_CHAIN),
    LINK_PACKETS(
            "nfv.link.packets",
            Kind.COUNTER,
            "Packets that have come over a link, by direction: forward, to the chain's end, or backward",
            Labels.OF_DIRECTION),
    LINK_BYTES("nfv.link.bytes", Kind.COUNTER, "Bytes of these, without the Ethernet checksum", Labels.OF_DIRECTION),
    LINK_RING_SLOTS("nfv.link.ring.slots", Kind.GAUGE, "Slots of a link's ring", Labels.OF_LINK),
    LINK_RING_USED(
            "nfv.link.ring.used", Kind.GAUGE, "Slots of these that hold packets to the chain's end", Labels.OF_LINK),
    LINK_WAIT(
            "nfv.link.wait",
            Kind.SUMMARY,
            "Time of sampled packets from being put onto a link to being taken from it",
            Labels.OF_DIRECTION),
    LINK_LATENCY(
            "nfv.link.latency",
            Kind.SUMMARY,
            "Time of sampled packets from where they came into the chain to a link's far end",
            Labels.OF_DIRECTION),
    FUNCTION_BATCH("nfv.function.batch", Kind.SUMMARY, "A function's own time for sampled batches", Labels.OF_FUNCTION),
    CHAIN_LATENCY(
            "nfv.chain.latency",
            Kind.SUMMARY,
            "Time of sampled packets through a chain, its last function included",
            List.of("chain", "direction")),
    CHAIN_STATE(
            "nfv.chain.state",
            Kind.GAUGE,
            "1 for the state that a chain is in: stopped, starting, running, changing, stopping, ended, failed",
            List.of("chain", "state")),
    CHAIN_REVISION("nfv.chain.revision", Kind.GAUGE, "How often a chain's descriptor was accepted", Labels.OF_CHAIN),
    PACKETS_HELD("nfv.packets.held", Kind.GAUGE, "Packets in a chain that have no verdict yet", Labels.OF_CHAIN),
    PACKETS_UNACCOUNTED(
            "nfv.packets.unaccounted",
            Kind.GAUGE,
            "Packets that a chain cannot account for; meaningful when none are under way",
            Labels.OF_CHAIN),
    CHANGES("nfv.changes", Kind.COUNTER, "Operations on a chain that have ended", List.of("chain", "action", "result")),
    CHANGE_PAUSE(
            "nfv.change.pause",
            Kind.SECONDS,
            "Longest time that a function took nothing in, at the last change of a chain that packets flowed through",
            Labels.OF_CHAIN),
    CHANGE_LOST("nfv.change.packets.lost", Kind.COUNTER, "Packets lost by changes of a chain", Labels.OF_CHAIN),
    CHANGE_REORDERED(
            "nfv.change.packets.reordered",
            Kind.COUNTER,
            "Packets that others may have overtaken in changes of a chain",
            Labels.OF_CHAIN),
    SERIES_OMITTED(
            "nfv.metrics.series.omitted",
            Kind.GAUGE,
            "Series that are not shown since there are too many; 0 unless something is wrong",
            List.of()),
    HANDSHAKE_FAILURES(
            "nfv.tls.handshake.failures",
            Kind.COUNTER,
            "Connections to the node that ended before TLS was agreed on",
            List.of());

    /** What a metric's values are. */
    public enum Kind {
        /** Only grows. */
        COUNTER,
        GAUGE,
        /** A gauge in seconds. */
        SECONDS,
        /** Seconds of the last 5 to 10 s by quantile, and how many there have been since the start, and their sum. */
        SUMMARY
    }

    private static final class Labels {
        static final List<String> OF_CHAIN = List.of("chain");
        static final List<String> OF_FUNCTION = List.of("chain", "function", "instance");
        static final List<String> OF_LINK = List.of("chain", "link");
        static final List<String> OF_DIRECTION = List.of("chain", "link", "direction");

        private Labels() {}
    }

    /** What names of counters end with, for Prometheus. */
    static final String COUNTER_SUFFIX = "_total";

    /** The label of a summary's lines. */
    public static final String QUANTILE = "quantile";

    private final String openTelemetryName;
    private final Kind kind;
    private final String description;
    private final List<String> labels;

    Metric(String openTelemetryName, Kind kind, String description, List<String> labels) {
        this.openTelemetryName = openTelemetryName;
        this.kind = kind;
        this.description = description;
        this.labels = labels;
    }

    /** Its name in OTLP. */
    public String openTelemetryName() {
        return openTelemetryName;
    }

    /** Its name for Prometheus. */
    public String prometheusName() {
        String name = openTelemetryName.replace('.', '_');
        return switch (kind) {
            case COUNTER -> name + COUNTER_SUFFIX;
            case GAUGE -> name;
            case SECONDS, SUMMARY -> name + "_seconds";
        };
    }

    /** Its type for Prometheus. */
    String type() {
        return switch (kind) {
            case COUNTER -> "counter";
            case GAUGE, SECONDS -> "gauge";
            case SUMMARY -> "summary";
        };
    }

    /** Whether its values are seconds. */
    boolean isSeconds() {
        return kind == Kind.SECONDS || kind == Kind.SUMMARY;
    }

    public Kind kind() {
        return kind;
    }

    public String description() {
        return description;
    }

    /** Names of its labels; a summary's lines have {@value #QUANTILE} besides. */
    public List<String> labels() {
        return labels;
    }
}
