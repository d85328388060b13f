// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import io.ptnetmap.nfv.node.metrics.Readings.Reading;
import io.ptnetmap.nfv.node.metrics.Readings.Series;
import io.ptnetmap.nfv.node.model.Timing;

/** Series in Prometheus's text format 0.0.4, or as OpenMetrics 1.0. */
final class SeriesText {
    /** Up to here, doubles tell all integers apart. */
    private static final double MOST_EXACT = 1L << 53;

    private SeriesText() {}

    /** Such as <code>chain="edge",link="a..b"</code>. */
    static String labels(Series series) {
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

    /** Writes all metrics that have series; summaries after the others. */
    static void append(StringBuilder text, Readings readings, boolean openMetrics) {
        for (Metric metric : Metric.values()) {
            if (metric.kind() != Metric.Kind.SUMMARY && readings.has(metric)) {
                head(text, metric, openMetrics);
                String name = metric.prometheusName();
                readings.of(metric, reading -> {
                    name(text, name, "", reading.labels());
                    number(text, reading.value());
                });
            }
        }
        for (Metric metric : Metric.values()) {
            if (metric.kind() == Metric.Kind.SUMMARY && readings.has(metric)) {
                head(text, metric, openMetrics);
                String name = metric.prometheusName();
                readings.of(metric, reading -> summary(text, name, reading));
            }
        }
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

    private static void summary(StringBuilder text, String name, Reading reading) {
        for (int i = 0; reading.isRecent() && i < Timing.Percentiles.SHARES.size(); i++) {
            text.append(name).append('{').append(reading.labels());
            text.append(',')
                    .append(Metric.QUANTILE)
                    .append("=\"")
                    .append(Timing.Percentiles.SHARES.get(i))
                    .append("\"} ");
            number(text, reading.quantileNanos(i) / Readings.NANOS);
        }
        name(text, name, "_count", reading.labels());
        number(text, reading.samples());
        name(text, name, "_sum", reading.labels());
        number(text, reading.sumNanos() / Readings.NANOS);
    }

    private static void name(StringBuilder text, String name, String suffix, String labels) {
        text.append(name).append(suffix);
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
