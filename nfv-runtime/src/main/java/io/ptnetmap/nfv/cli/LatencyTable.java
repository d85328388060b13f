// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.node.model.LinkDetails;
import io.ptnetmap.nfv.node.model.Statistics;
import io.ptnetmap.nfv.node.model.Timing;
import io.ptnetmap.nfv.node.model.Timing.Percentiles;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Latency;
import io.ptnetmap.nfv.telemetry.Latency.Kind;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** How long sampled packets took of late, in a chain, on its links, and in its functions. */
final class LatencyTable {
    private static final String CHAIN = "through the chain";
    private static final String CHAIN_BACKWARD = "through the chain, backward";
    private static final String BACKWARD = ", backward";

    private final TextTable table =
            new TextTable("lrrrrrr", "last 5 to 10 s", "p50", "p90", "p99", "p99.9", "max", "samples");
    private boolean empty = true;

    private LatencyTable() {}

    /** Of a chain that runs on a node. */
    static List<String> lines(Statistics statistics) {
        LatencyTable all = new LatencyTable();
        all.add(CHAIN, statistics.latencyNanos());
        all.add(CHAIN_BACKWARD, statistics.backwardLatencyNanos());
        statistics.links().forEach(link -> {
            all.add("link " + link.name(), link.forward().waitNanos());
            all.add("link " + link.name() + BACKWARD, link.backward().waitNanos());
        });
        statistics.functions().forEach(function -> all.add("batch in " + function.name(), function.batchNanos()));
        return all.lines();
    }

    /** Of a link of one. */
    static List<String> ofLink(LinkDetails link) {
        LatencyTable all = new LatencyTable();
        all.add("on the link, to " + link.to(), link.waitNanos());
        all.add("on the link, to " + link.from(), link.backwardWaitNanos());
        return all.lines();
    }

    /** Of a chain that has run here. */
    static List<String> lines(ChainSnapshot accounts, Latency latency) {
        LatencyTable all = new LatencyTable();
        all.add(CHAIN, latency.anywhere(Kind.CHAIN).map(Timing::of));
        all.add(CHAIN_BACKWARD, latency.anywhere(Kind.CHAIN_BACKWARD).map(Timing::of));
        List<String> names =
                accounts.hops().stream().map(ChainSnapshot.Hop::name).toList();
        Stream.of(Kind.LINK, Kind.LINK_BACKWARD)
                .forEach(kind -> names.forEach(name -> all.add(
                        "link to " + name + (kind == Kind.LINK ? "" : BACKWARD),
                        latency.at(name, kind).map(Timing::of))));
        names.forEach(name ->
                all.add("batch in " + name, latency.at(name, Kind.FUNCTION).map(Timing::of)));
        return all.lines();
    }

    private void add(String what, Optional<Timing> timing) {
        timing.flatMap(Timing::recent).ifPresent(recent -> row(what, recent));
    }

    private void row(String what, Percentiles times) {
        empty = false;
        table.row(
                what,
                Figures.time(times.p50()),
                Figures.time(times.p90()),
                Figures.time(times.p99()),
                Figures.time(times.p999()),
                Figures.time(times.max()),
                Figures.count(times.samples()));
    }

    private List<String> lines() {
        return empty ? List.of() : table.lines();
    }
}
