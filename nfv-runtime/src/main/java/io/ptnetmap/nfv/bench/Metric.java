// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

/**
 * What a figure is of.
 *
 * @param name as it stands in tables and reports
 * @param unit such as Mpps
 * @param compared whether the contenders' ratio tells anything
 */
record Metric(String name, String unit, boolean compared) {
    /** The figure of a contender that has none for this metric. */
    static final double NONE = Double.NaN;

    /** A metric whose ratios tell something. */
    Metric(String name, String unit) {
        this(name, unit, true);
    }
}
