// SPDX-License-Identifier: BSD-2-Clause
/**
 * Measurements of this machine: {@code nfv bench}. A {@link io.ptnetmap.nfv.bench.ScenarioCommand} has
 * contenders take turns in {@link io.ptnetmap.nfv.bench.Rounds}; {@link io.ptnetmap.nfv.bench.PipePairs} sets two Java
 * processes against two of a {@linkplain io.ptnetmap.nfv.bench.CTwin C program} that does the same on the same kind of rings.
 */
package io.ptnetmap.nfv.bench;
