// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.flow.FlowRows;
import io.ptnetmap.nfv.api.flow.FlowTable;
import io.ptnetmap.nfv.api.packet.Headers;
import java.time.Duration;
import java.util.List;

/**
 * Remembers what became of a datagram's first fragment, as later ones have no ports. Where there is no room, later fragments
 * are dropped as unknown. Single-threaded.
 */
final class FragmentVerdicts {
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
        FlowRows rows = new FlowRows(1);
        for (int entry = datagrams.next(-1); entry >= 0; entry = datagrams.next(entry)) {
            rows.add(datagrams, entry, verdicts[entry]);
        }
        return rows;
    }

    /** Remembers what others have; as much of it as there is room for. */
    void restore(FlowRows rows) {
        for (int row = 0; row < rows.size(); row++) {
            int entry = rows.insertInto(datagrams, row);
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
