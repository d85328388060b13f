// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.ptnetmap.nfv.node.metrics.Readings.Series;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps a registry's meters in step with readings: one for each series, none for those that are gone. Thread-safe. */
final class Meters {
    private final MeterRegistry registry;
    private final Map<Series, Held> held = new HashMap<>();

    Meters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** A meter and what it says. */
    private static final class Held {
        private volatile double value;
        private Meter meter;
    }

    /** Takes over what the series say now. */
    synchronized void update(Map<Series, Double> readings) {
        held.entrySet().removeIf(entry -> {
            boolean gone = !readings.containsKey(entry.getKey());
            if (gone) {
                registry.remove(entry.getValue().meter);
            }
            return gone;
        });
        readings.forEach((series, value) -> {
            held.computeIfAbsent(series, this::register).value = value;
        });
    }

    private Held register(Series series) {
        Metric metric = series.metric();
        List<Tag> tags = new ArrayList<>();
        for (int i = 0; i < metric.labels().size(); i++) {
            tags.add(Tag.of(metric.labels().get(i), series.values().get(i)));
        }
        series.quantile().ifPresent(quantile -> tags.add(Tag.of(Metric.QUANTILE, quantile)));
        Held one = new Held();
        one.meter = switch (metric.kind()) {
            case COUNTER ->
                FunctionCounter.builder(metric.openTelemetryName(), one, now -> now.value)
                        .tags(Tags.of(tags))
                        .description(metric.description())
                        .register(registry);
            case GAUGE ->
                Gauge.builder(metric.openTelemetryName(), one, now -> now.value)
                        .tags(Tags.of(tags))
                        .description(metric.description())
                        .register(registry);
            case SECONDS, SUMMARY ->
                Gauge.builder(metric.openTelemetryName(), one, now -> now.value)
                        .tags(Tags.of(tags))
                        .baseUnit("seconds")
                        .description(metric.description())
                        .register(registry);
        };
        return one;
    }
}
