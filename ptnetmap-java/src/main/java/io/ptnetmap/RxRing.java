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
     * then {@link #advance} on both rings. Neither ring is synced. {@linkplain #vacated Vacated} slots are passed over.
     *
     * @return slots forwarded, bounded by the packets here and the room there
     */
    public int forward(TxRing to, int max) {
        int most = Math.min(max, to.available());
        int taken = 0;
        int moved = 0;
        while (moved < most && taken < available()) {
            int from = fromHead(taken);
            int dest = to.fromHead(moved);
            int run = to.run(dest, run(from, Math.min(most - moved, available() - taken)));
            int some = moveUntilVacated(from, to, dest, run);
            moved += some;
            // What stopped it holds no packet.
            taken += some < run ? some + 1 : some;
        }
        advance(taken);
        to.advance(moved);
        return moved;
    }
}
