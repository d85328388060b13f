// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.RingSync;

/** A receive ring: {@link #available()} slots hold received packets. See {@link Ring}. */
public final class RxRing extends Ring {
    RxRing(NetmapPort port, PortBinding binding, RingSync sync, long ring) {
        super(port, binding, sync, ring);
    }

    /**
     * Forwards up to {@code max} slots to a transmit ring of the same region without copying: {@link #move} for each,
     * then {@link #advance} on both rings. Neither ring is synced.
     *
     * @return slots forwarded, bounded by the packets here and the room there
     */
    public int forward(TxRing to, int max) {
        int count = Math.min(max, Math.min(available(), to.available()));
        int from = head();
        int dest = to.head();
        for (int i = 0; i < count; i++) {
            move(from, to, dest);
            from = next(from);
            dest = to.next(dest);
        }
        advance(count);
        to.advance(count);
        return count;
    }
}
