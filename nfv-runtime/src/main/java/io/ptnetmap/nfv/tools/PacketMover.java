// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools;

import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.memory.Memory;

/** Moves packets from a receive ring to a transmit ring: buffers where the rings share a region, bytes else. For one thread. */
public final class PacketMover {
    private final boolean copy;

    /** @param copy whether to copy even where the region is shared */
    public PacketMover(boolean copy) {
        this.copy = copy;
    }

    /**
     * Moves up to {@code most} slots, without syncing either ring.
     *
     * @return slots taken from {@code rx}
     */
    public int move(RxRing rx, TxRing tx, int most) {
        return !copy && rx.sharesMemoryWith(tx) ? swap(rx, tx, most) : copy(rx, tx, most);
    }

    private static int swap(RxRing rx, TxRing tx, int most) {
        int before = rx.available();
        rx.forward(tx, most);
        return before - rx.available();
    }

    private static int copy(RxRing rx, TxRing tx, int most) {
        int count = Math.min(most, Math.min(rx.available(), tx.available()));
        int written = 0;
        for (int i = 0, from = rx.head(); i < count; i++, from = rx.next(from)) {
            if (rx.vacated(from)) {
                continue;
            }
            int to = tx.fromHead(written++);
            int length = Math.min(rx.length(from), tx.bufferSize());
            Memory.copy(rx.bufferAddress(from), tx.bufferAddress(to), length);
            tx.length(to, length, rx.flags(from) & NetmapSlot.NS_MOREFRAG);
        }
        rx.advance(count);
        tx.advance(written);
        return count;
    }
}
