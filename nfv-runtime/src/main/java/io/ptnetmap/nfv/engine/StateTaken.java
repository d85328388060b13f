// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import java.time.Instant;

/**
 * What has been taken down of a function.
 *
 * @param at when that began: what had been there by then is in it
 * @param entries of its tables
 * @param bytes written
 */
public record StateTaken(Instant at, long entries, long bytes) {}
