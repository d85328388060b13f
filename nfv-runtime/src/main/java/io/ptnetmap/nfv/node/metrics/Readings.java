// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import io.ptnetmap.nfv.node.model.Timing;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What all series say at one moment. They may be 100,000, and whatever is made for each at each reading is garbage whose collection
 * stops the data path: so one reading goes over what the one before it has left, between {@link #begin} and {@link #end}, and finds a
 * series by its labels, one after the other. Not thread-safe.
 */
final class Readings {
    /** Lines that a summary has: count, sum and quantiles. */
    private static final int LINES_OF_SUMMARY = 2 + Timing.Percentiles.SHARES.size();

    /** In a second. */
    static final double NANOS = 1e9;

    private final Map<Metric, List<Reading>> byMetric = new EnumMap<>(Metric.class);
    private final Scope node = new Scope(List.of());
    private final int most;
    private int round;
    private int lines;
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
     * What a series says. Holds figures only: a reference from here to what has just been made would have each collection look here,
     * and copy that.
     */
    static final class Reading {
        private final Series series;
        private final String labels;
        /** Of a summary, by the shares' places; empty of anything else. */
        private final long[] quantileNanos;

        private int round;
        private double value;
        private boolean recent;
        private long samples;
        private long sumNanos;

        private Reading(Metric metric, List<String> labels) {
            this.series = new Series(metric, labels);
            this.labels = SeriesText.labels(series);
            this.quantileNanos = new long[metric.kind() == Metric.Kind.SUMMARY ? Timing.Percentiles.SHARES.size() : 0];
        }

        /** As Prometheus writes them, without braces. */
        String labels() {
            return labels;
        }

        /** Of what is no summary. */
        double value() {
            return value;
        }

        /** Whether a summary has quantiles, for there have been samples of late. */
        boolean isRecent() {
            return recent;
        }

        /** The time that one of the shares is not above, by its place among them. */
        long quantileNanos(int share) {
            return quantileNanos[share];
        }

        /** Of a summary, since the start. */
        long samples() {
            return samples;
        }

        /** Of these. */
        long sumNanos() {
            return sumNanos;
        }

        private void take(double now) {
            // A packet that was booked as sent and did not get away is booked anew, and a reader may come in between.
            value = series.metric().kind() == Metric.Kind.COUNTER ? Math.max(value, now) : now;
        }

        private void take(Timing now) {
            // What a process had sampled after it was asked last went with it.
            samples = Math.max(samples, now.samples());
            sumNanos = Math.max(sumNanos, now.sum());
            recent = now.recent().isPresent();
            now.recent().ifPresent(times -> {
                for (int i = 0; i < quantileNanos.length; i++) {
                    quantileNanos[i] = times.nanos(i);
                }
            });
        }
    }

    /** The series that have some labels in common, and those that have further ones. */
    final class Scope {
        private final List<String> labels;
        private final Map<Metric, Reading> readings = new EnumMap<>(Metric.class);
        private final Map<String, Scope> within = new HashMap<>();
        private int used;

        private Scope(List<String> labels) {
            this.labels = labels;
        }

        /** Those that have one more label of this value. */
        Scope of(String label) {
            Scope narrower = within.get(label);
            if (narrower == null) {
                List<String> all = new ArrayList<>(labels);
                all.add(label);
                narrower = new Scope(List.copyOf(all));
                within.put(label, narrower);
            }
            narrower.used = round;
            return narrower;
        }

        /** What a series says now that has these labels; beyond the most that there may be, it is left out. */
        void set(Metric metric, double value) {
            Reading reading = reading(metric);
            if (has(reading, 1)) {
                reading.take(value);
            }
        }

        /** What a summary says now. */
        void set(Metric metric, Timing timing) {
            Reading reading = reading(metric);
            if (has(reading, LINES_OF_SUMMARY)) {
                reading.take(timing);
            }
        }

        /** What is the node's own, and is there however many series there are. */
        void setOwn(Metric metric, double value) {
            Reading reading = reading(metric);
            place(reading);
            reading.take(value);
        }

        private Reading reading(Metric metric) {
            Reading reading = readings.get(metric);
            if (reading == null) {
                reading = new Reading(metric, labels);
                readings.put(metric, reading);
            }
            return reading;
        }

        private void forgetUnused() {
            within.values().removeIf(scope -> scope.used != round);
            readings.values().removeIf(reading -> reading.round != round);
            within.values().forEach(Scope::forgetUnused);
        }
    }

    /**
     * @param most lines that are taken; further ones are left out
     */
    Readings(int most) {
        this.most = most;
    }

    /** Whether there is room for a series, or it has its room already. */
    private boolean has(Reading reading, int itsLines) {
        if (reading.round == round) {
            return true;
        }
        if (lines + itsLines > most) {
            omitted += itsLines;
            return false;
        }
        lines += itsLines;
        place(reading);
        return true;
    }

    private void place(Reading reading) {
        if (reading.round == 0) {
            byMetric.computeIfAbsent(reading.series.metric(), absent -> new ArrayList<>())
                    .add(reading);
        }
        reading.round = round;
    }

    /** Begins a reading, in which all series are to be set that there are. */
    void begin() {
        round++;
        lines = 0;
        omitted = 0;
    }

    /** Ends it: series that have not been set are no more. */
    void end() {
        byMetric.values().forEach(readings -> readings.removeIf(reading -> reading.round != round));
        node.forgetUnused();
    }

    /** The series without labels, from which all others are found. */
    Scope node() {
        return node;
    }

    /** Lines that were left out. */
    int omitted() {
        return omitted;
    }

    /** The series of a metric, in the order in which they first came. */
    void of(Metric metric, Consumer<Reading> consumer) {
        byMetric.getOrDefault(metric, List.of()).forEach(consumer);
    }

    /** Whether a metric has series. */
    boolean has(Metric metric) {
        return !byMetric.getOrDefault(metric, List.of()).isEmpty();
    }

    /** All values by their series, with a summary's quantiles in seconds, for those who know no summaries. */
    Map<Series, Double> values() {
        Map<Series, Double> all = new HashMap<>();
        byMetric.forEach((metric, readings) -> readings.forEach(reading -> {
            if (metric.kind() == Metric.Kind.SUMMARY) {
                quantiles(reading, all);
            } else {
                all.put(reading.series, reading.value);
            }
        }));
        return all;
    }

    private static void quantiles(Reading reading, Map<Series, Double> all) {
        for (int i = 0; reading.recent && i < reading.quantileNanos.length; i++) {
            Optional<String> share = Optional.of(Timing.Percentiles.SHARES.get(i));
            all.put(
                    new Series(reading.series.metric(), reading.series.values(), share),
                    reading.quantileNanos[i] / NANOS);
        }
    }
}
