// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.flow.FlowRows;
import io.ptnetmap.nfv.api.flow.FlowScan;
import io.ptnetmap.nfv.api.flow.FlowTable;
import io.ptnetmap.nfv.api.packet.Headers;
import java.time.Duration;
import java.util.List;

/**
 * Remembers what became of a datagram's first fragment, as later ones have no ports. Where there is no room, later fragments
 * are dropped as unknown. Single-threaded.
 */
final class FragmentVerdicts {
    /** In rows, of a datagram: its verdict. */
    static final int WORDS = 1;

    private static final int EXPIRE_LIMIT = 1024;

    private final FlowTable datagrams;
    private final byte[] verdicts;
    private final FlowKey key = new FlowKey();

    FragmentVerdicts(int capacity, Duration timeout) {
        datagrams = new FlowTable(capacity, List.of(timeout));
        verdicts = new byte[capacity];
    }

    /** Notes the verdict on a first fragment. */
    void note(Headers first, Verdict verdict, long nowNanos) {
        int entry = datagrams.insert(key.fillFragment(first), nowNanos, 0);
        if (entry >= 0) {
            verdicts[entry] = (byte) verdict.ordinal();
            datagrams.touch(entry, nowNanos);
        }
    }

    /** The verdict on a later fragment. */
    Verdict of(Headers later) {
        int entry = datagrams.lookup(key.fillFragment(later));
        return entry < 0 ? Verdict.FRAGMENT_UNKNOWN : Verdict.of(verdicts[entry]);
    }

    /** Whether others are remembered as many and as long. */
    boolean isLike(FragmentVerdicts other) {
        return datagrams.isLike(other.datagrams);
    }

    /** What is remembered. */
    FlowRows rows() {
        return FlowRows.of(datagrams, WORDS, this::fill);
    }

    /** Takes down what is remembered. */
    FlowScan scan(long nowNanos) {
        return new FlowScan(datagrams, WORDS, this::fill, nowNanos);
    }

    private void fill(FlowRows rows, int row, int entry) {
        rows.word(row, 0, verdicts[entry]);
    }

    /** Remembers what others have and is not over; as much of it as there is room for. */
    void restore(FlowRows rows, long nowNanos) {
        for (int row = rows.size() - 1; row >= 0; row--) {
            int entry = rows.isCurrent(datagrams, row, nowNanos) ? rows.insertInto(datagrams, row) : -1;
            if (entry >= 0) {
                verdicts[entry] = (byte) rows.word(row, 0);
            }
        }
    }

    /** Forgets datagrams that are complete or lost by now. */
    void expire(long nowNanos) {
        datagrams.expire(nowNanos, EXPIRE_LIMIT, expired -> {});
    }
}
