// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

/**
 * What a figure is of.
 *
 * @param name as it stands in tables and reports
 * @param unit such as Mpps
 */
record Metric(String name, String unit) {
    /** The figure of a contender that has none for this metric. */
    static final double NONE = Double.NaN;
}
