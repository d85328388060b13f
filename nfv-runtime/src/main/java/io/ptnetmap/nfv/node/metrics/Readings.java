// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import io.ptnetmap.nfv.node.model.Timing;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What all series say at one moment. Not thread-safe. */
final class Readings {
    /** Lines that a summary has: five quantiles, count and sum. */
    private static final int LINES_OF_SUMMARY = 7;

    private final Map<Series, Double> values = new LinkedHashMap<>();
    private final Map<Series, Timing> summaries = new LinkedHashMap<>();
    private final int most;
    private int omitted;

    /**
     * One line of a metric.
     *
     * @param values of the metric's labels, in their order
     * @param quantile of a summary, where this is a line of one
     */
    record Series(Metric metric, List<String> values, Optional<String> quantile) {
        Series(Metric metric, List<String> values) {
            this(metric, values, Optional.empty());
        }

        Series {
            if (values.size() != metric.labels().size()) {
                throw new IllegalArgumentException(metric + " has labels " + metric.labels() + ", not " + values);
            }
        }
    }

    /**
     * @param most series that are taken; further ones are left out
     */
    Readings(int most) {
        this.most = most;
    }

    void set(Metric metric, double value, String... labels) {
        Series series = new Series(metric, List.of(labels));
        if (values.size() + LINES_OF_SUMMARY * summaries.size() < most || values.containsKey(series)) {
            values.put(series, value);
        } else {
            omitted++;
        }
    }

    /** Adds to what is there, where several things are of one series. */
    void add(Metric metric, double value, String... labels) {
        Series series = new Series(metric, List.of(labels));
        set(metric, values.getOrDefault(series, 0.0) + value, labels);
    }

    /** What is the node's own, and is there however many series there are. */
    void setOwn(Metric metric, double value) {
        values.put(new Series(metric, List.of()), value);
    }

    Map<Series, Double> values() {
        return values;
    }

    /** What a summary says, by its labels. */
    void set(Metric metric, Timing timing, String... labels) {
        if (values.size() + LINES_OF_SUMMARY * (summaries.size() + 1) <= most) {
            summaries.put(new Series(metric, List.of(labels)), timing);
        } else {
            omitted += LINES_OF_SUMMARY;
        }
    }

    Map<Series, Timing> summaries() {
        return summaries;
    }

    /** The summaries' quantiles, in seconds, for those who know no summaries. */
    Map<Series, Double> quantiles() {
        Map<Series, Double> all = new HashMap<>();
        summaries.forEach((series, timing) -> timing.recent()
                .ifPresent(times -> times.byShare()
                        .forEach((share, nanos) -> all.put(
                                new Series(series.metric(), series.values(), Optional.of(name(share))), nanos / 1e9))));
        return all;
    }

    /** As Prometheus writes it: {@code 0.99}, {@code 1}. */
    static String name(double share) {
        return share == 1 ? "1" : Double.toString(share);
    }

    int omitted() {
        return omitted;
    }
}
