// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;

/**
 * A {@link NetworkFunction} that knows something of its flows which its successor has to know: when a running chain is changed,
 * an instance with the new configuration, or in another process, takes over from the old one.
 *
 * <p>Where a chain asks for it ({@code persist}), what a function knows also outlives the process: it is {@linkplain #scan taken
 * down} while packets flow, again and again, and read by the instance that is started after a crash.
 *
 * <p>Between two instances in one process the state is handed over as it is, without being copied: {@link #handOver} gives
 * the old one's tables, {@link #takeOver} makes them the new one's. Between two processes it is {@linkplain #write written}
 * and {@linkplain #read read}. The old instance processes nothing any more meanwhile, and nothing at all after the change; if
 * the change fails, however, it goes on with what it has handed over.
 *
 * @param <S> what it knows; a class of the function's own
 */
public interface Stateful<S> {
    /**
     * What became of a predecessor's state.
     *
     * @param taken entries that are known now, by what they are: {@code sessions}
     * @param dropped entries that were left, by what they are and why: {@code sessions of addresses that are no longer
     *     external}
     */
    record Takeover(Map<String, Long> taken, Map<String, Long> dropped) {}

    /** What this instance knows; takes no time that grows with it. */
    S handOver();

    /**
     * Goes on with what the predecessor knew, as far as it means something to this instance's configuration. Called once, after
     * {@link NetworkFunction#start} and before the first packet. Where it throws, it has left {@code state} as it was.
     */
    Takeover takeOver(S state);

    /** Which form {@link #write} writes; another number for each one there ever was. */
    int stateVersion();

    /** Writes a state. Times are written as distances to now, for the reader's clock may be another. */
    void write(S state, DataOutput out) throws IOException;

    /**
     * Reads what {@link #write} or {@link #scan} has written.
     *
     * @param version which form it is in
     * @param writtenNanos when that was, by this instance's clock: what times are distances to
     * @throws IOException if it is in a form that this instance does not know, or no state at all
     */
    S read(DataInput in, int version, long writtenNanos) throws IOException;

    /**
     * Begins to take down what this instance knows while it goes on; times are distances to now, the call of this method. What the
     * scan writes is of the form that {@link #write} writes.
     *
     * <p>Unless it is overridden, the scan takes everything at once, by {@link #handOver} and {@link #write}. That is right
     * for functions that know little, and for which handing over does not mean that they are about to end.
     */
    default StateScan scan() {
        return StateScan.atOnce(out -> write(handOver(), out));
    }
}
