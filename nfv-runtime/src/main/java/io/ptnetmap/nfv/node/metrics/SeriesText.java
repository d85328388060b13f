// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import io.ptnetmap.nfv.node.metrics.Readings.Series;
import io.ptnetmap.nfv.node.model.Timing;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The series of chains in Prometheus's text format 0.0.4, or as OpenMetrics 1.0. A node may have 100,000 of them, and whatever is
 * made for each at each scrape is garbage whose collection stops the data path: so a series' labels are written once, and kept.
 * Not thread-safe.
 */
final class SeriesText {
    private static final double NANOS = 1e9;
    /** Up to here, doubles tell all integers apart. */
    private static final double MOST_EXACT = 1L << 53;

    private final Map<Metric, Family<Double>> values = new EnumMap<>(Metric.class);
    private final Map<Metric, Family<Timing>> summaries = new EnumMap<>(Metric.class);
    private int round;

    /** The lines of a metric, in the order in which they first came. */
    private static final class Family<T> {
        private final Map<Series, Line<T>> lines = new LinkedHashMap<>();
    }

    private static final class Line<T> {
        private final String labels;
        private T value;
        private int round;

        Line(String labels, T value) {
            this.labels = labels;
            this.value = value;
        }
    }

    /** Takes over what the series say now; series that say nothing are no more. */
    void update(Readings readings) {
        round++;
        // A packet that was booked as sent and did not get away is booked anew, and a reader may come in between.
        readings.values()
                .forEach((series, now) -> set(
                        values,
                        series,
                        now,
                        (before, after) ->
                                series.metric().kind() == Metric.Kind.COUNTER ? Math.max(before, after) : after));
        // What a process had sampled after it was asked last went with it.
        readings.summaries()
                .forEach((series, now) -> set(
                        summaries,
                        series,
                        now,
                        (before, after) -> new Timing(
                                Math.max(before.samples(), after.samples()),
                                Math.max(before.sum(), after.sum()),
                                after.recent())));
        values.values().forEach(family -> family.lines.values().removeIf(line -> line.round != round));
        summaries.values().forEach(family -> family.lines.values().removeIf(line -> line.round != round));
    }

    private <T> void set(Map<Metric, Family<T>> families, Series series, T now, BiFunction<T, T, T> sinceBefore) {
        Family<T> family = families.computeIfAbsent(series.metric(), absent -> new Family<>());
        Line<T> line = family.lines.get(series);
        if (line == null) {
            line = new Line<>(labels(series), now);
            family.lines.put(series, line);
        } else {
            line.value = sinceBefore.apply(line.value, now);
        }
        line.round = round;
    }

    /** Such as <code>chain="edge",link="a..b"</code>. */
    private static String labels(Series series) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < series.values().size(); i++) {
            String value = series.values().get(i);
            text.append(i == 0 ? "" : ",")
                    .append(series.metric().labels().get(i))
                    .append("=\"")
                    .append(value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"))
                    .append('"');
        }
        return text.toString();
    }

    /** Writes all metrics that have series. */
    void appendTo(StringBuilder text, boolean openMetrics) {
        values.forEach((metric, family) -> {
            if (!family.lines.isEmpty()) {
                head(text, metric, openMetrics);
                family.lines.values().forEach(line -> {
                    name(text, metric, "", line.labels);
                    number(text, line.value);
                });
            }
        });
        summaries.forEach((metric, family) -> {
            if (!family.lines.isEmpty()) {
                head(text, metric, openMetrics);
                family.lines.values().forEach(line -> summary(text, metric, line));
            }
        });
    }

    private static void head(StringBuilder text, Metric metric, boolean openMetrics) {
        String name = metric.prometheusName();
        if (openMetrics && metric.kind() == Metric.Kind.COUNTER) {
            name = name.substring(0, name.length() - Metric.COUNTER_SUFFIX.length());
        }
        text.append("# HELP ")
                .append(name)
                .append(' ')
                .append(metric.description())
                .append('\n');
        text.append("# TYPE ").append(name).append(' ').append(metric.type()).append('\n');
        if (openMetrics && metric.isSeconds()) {
            text.append("# UNIT ").append(name).append(" seconds\n");
        }
    }

    private static void summary(StringBuilder text, Metric metric, Line<Timing> line) {
        line.value
                .recent()
                .ifPresent(times -> times.byShare().forEach((share, nanos) -> {
                    text.append(metric.prometheusName()).append('{').append(line.labels);
                    text.append(',')
                            .append(Metric.QUANTILE)
                            .append("=\"")
                            .append((double) share)
                            .append("\"} ");
                    number(text, nanos / NANOS);
                }));
        name(text, metric, "_count", line.labels);
        number(text, line.value.samples());
        name(text, metric, "_sum", line.labels);
        number(text, line.value.sum() / NANOS);
    }

    private static void name(StringBuilder text, Metric metric, String suffix, String labels) {
        text.append(metric.prometheusName()).append(suffix);
        if (!labels.isEmpty()) {
            text.append('{').append(labels).append('}');
        }
        text.append(' ');
    }

    private static void number(StringBuilder text, double value) {
        if (value == Math.rint(value) && Math.abs(value) <= MOST_EXACT) {
            text.append((long) value);
        } else {
            text.append(value);
        }
        text.append('\n');
    }
}
