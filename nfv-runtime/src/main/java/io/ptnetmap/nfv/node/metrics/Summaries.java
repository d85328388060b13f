// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import io.ptnetmap.nfv.node.metrics.Readings.Series;
import io.ptnetmap.nfv.node.model.Timing;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * The summaries for Prometheus. Micrometer makes summaries of what it is told time by time, and takes none that are made already. Thread-safe.
 */
final class Summaries implements MultiCollector {
    private static final double NANOS = 1e9;

    private final Map<Series, Timing> latest = new HashMap<>();

    /** Takes over what the series say now. */
    synchronized void update(Map<Series, Timing> readings) {
        latest.keySet().retainAll(readings.keySet());
        // What a process had sampled after it was asked last went with it.
        readings.forEach((series, now) -> latest.merge(
                series,
                now,
                (before, after) -> new Timing(
                        Math.max(before.samples(), after.samples()),
                        Math.max(before.sum(), after.sum()),
                        after.recent())));
    }

    @Override
    public synchronized MetricSnapshots collect() {
        Map<Metric, SummarySnapshot.Builder> families = new EnumMap<>(Metric.class);
        latest.forEach((series, timing) ->
                families.computeIfAbsent(series.metric(), Summaries::family).dataPoint(point(series, timing)));
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        families.values().forEach(family -> all.metricSnapshot(family.build()));
        return all.build();
    }

    private static SummarySnapshot.Builder family(Metric metric) {
        return SummarySnapshot.builder()
                .name(metric.prometheusName())
                .help(metric.description())
                .unit(Unit.SECONDS);
    }

    private static SummaryDataPointSnapshot point(Series series, Timing timing) {
        Quantiles.Builder quantiles = Quantiles.builder();
        timing.recent()
                .ifPresent(times -> times.byShare()
                        .forEach((share, nanos) -> quantiles.quantile(new Quantile(share, nanos / NANOS))));
        return SummaryDataPointSnapshot.builder()
                .labels(Labels.of(
                        series.metric().labels().toArray(String[]::new),
                        series.values().toArray(String[]::new)))
                .quantiles(quantiles.build())
                .count(timing.samples())
                .sum(timing.sum() / NANOS)
                .build();
    }
}
