// SPDX-License-Identifier: BSD-2-Clause
/**
 * Runs chains: {@link io.ptnetmap.nfv.engine.EngineBuilder} turns a part of a chain into workers, segments of functions and
 * links; {@link io.ptnetmap.nfv.engine.Engine} starts, watches and stops them.
 */
package io.ptnetmap.nfv.engine;
