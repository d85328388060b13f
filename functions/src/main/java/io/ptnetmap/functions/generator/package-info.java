// SPDX-License-Identifier: BSD-2-Clause
/**
 * The function {@code generator}: traffic of a chosen rate, size and number of flows, whose packets carry a {@link
 * io.ptnetmap.functions.generator.Probe} for the far end to check.
 */
package io.ptnetmap.functions.generator;
