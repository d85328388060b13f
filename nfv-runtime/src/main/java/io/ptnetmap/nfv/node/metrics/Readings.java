// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What all series say at one moment. Not thread-safe. */
final class Readings {
    private final Map<Series, Double> values = new HashMap<>();
    private final int most;
    private int omitted;

    /**
     * One line of a metric.
     *
     * @param values of the metric's labels, in their order
     */
    record Series(Metric metric, List<String> values) {
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
        if (values.size() < most || values.containsKey(series)) {
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

    Map<Series, Double> values() {
        return values;
    }

    int omitted() {
        return omitted;
    }
}
