// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.sink;

import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What a {@link Sink} has seen, for its successor.
 *
 * @param counts packets, bytes, others, damaged, in place and copied
 * @param generators what has come of each generator, by its id
 */
record SinkState(long[] counts, Map<Integer, SequenceCheck> generators, Histogram latencies) {
    static final int COUNTS = 6;
}
