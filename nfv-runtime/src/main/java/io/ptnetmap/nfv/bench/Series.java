// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;

/**
 * What was measured in each round, and where its middle half lies.
 *
 * @param median of the rounds
 * @param lowerQuartile a quarter of the rounds is below
 * @param upperQuartile a quarter of the rounds is above
 * @param rounds in order of time
 */
record Series(double median, double lowerQuartile, double upperQuartile, List<Double> rounds) {
    static Series of(List<Double> rounds) {
        double[] sorted =
                rounds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Series(quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75), List.copyOf(rounds));
    }

    /** Linear between the two nearest rounds. */
    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    /** Distance of the quartiles as a share of the median. */
    double spread() {
        return (upperQuartile - lowerQuartile) / median;
    }

    /** Whether the rounds agree well enough to be compared with others. */
    boolean steady() {
        return spread() <= Report.MAX_SPREAD;
    }
}
