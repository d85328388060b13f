// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.monitor;

/** Format of the file that a {@link Monitor} writes. */
public enum FlowFileFormat {
    /** Comma-separated values (RFC 4180): a line with names, then one per flow. */
    CSV,
    /** One JSON object (RFC 8259) with totals and a list of flows. */
    JSON
}
