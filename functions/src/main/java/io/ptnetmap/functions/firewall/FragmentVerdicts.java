// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import io.ptnetmap.nfv.api.flow.FlowKey;
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

    /** Forgets datagrams that are complete or lost by now. */
    void expire(long nowNanos) {
        datagrams.expire(nowNanos, EXPIRE_LIMIT, expired -> {});
    }
}
