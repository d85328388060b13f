// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.function.Supplier;

/**
 * Who takes part in a {@linkplain Variant measurement}.
 *
 * @param name in tables and reports
 * @param round does one round; returns a figure for each metric, in their order. Throws {@link BenchException} where packets
 *     were lost or changed
 */
record Contender(String name, Supplier<double[]> round) {}
