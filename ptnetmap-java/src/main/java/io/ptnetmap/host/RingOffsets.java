// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapIf;
import java.util.List;

/** Where the rings of a port lie: offsets from the region's start, by direction and number. Filled by one thread. */
final class RingOffsets {
    /** 0 where the port does not have the ring. */
    private final long[] tx;

    private final long[] rx;

    /** With no rings yet, of a port that has room for as many as this. */
    RingOffsets(PortShape shape) {
        this.tx = new long[shape.txRings()];
        this.rx = new long[shape.rxRings()];
    }

    void put(boolean transmit, int ring, long offset) {
        (transmit ? tx : rx)[ring] = offset;
    }

    /**
     * Adds rings.
     *
     * @param numbers of rings of one direction
     * @param offsets theirs
     */
    void put(boolean transmit, List<Integer> numbers, List<Long> offsets) {
        for (int i = 0; i < numbers.size(); i++) {
            put(transmit, numbers.get(i), offsets.get(i));
        }
    }

    /** Entries of the table, one for host rings included in each direction, although there are none (ABI §2.2). */
    int tableEntries() {
        return tx.length + 1 + rx.length + 1;
    }

    /**
     * Writes the counts of rings and the table (ABI §2.2).
     *
     * @param offset of the {@code netmap_if}, to which the table's entries are relative
     */
    void write(Region region, long offset) {
        long netmapIf = region.address() + offset;
        NetmapIf.txRings(netmapIf, tx.length);
        NetmapIf.rxRings(netmapIf, rx.length);
        NetmapIf.hostTxRings(netmapIf, 1);
        NetmapIf.hostRxRings(netmapIf, 1);
        for (int i = 0; i < tx.length; i++) {
            writeEntry(netmapIf, NetmapIf.txTableIndex(i), tx[i], offset);
        }
        for (int i = 0; i < rx.length; i++) {
            writeEntry(netmapIf, NetmapIf.rxTableIndex(i, tx.length, 1), rx[i], offset);
        }
    }

    private static void writeEntry(long netmapIf, int index, long ring, long offset) {
        if (ring != 0) {
            NetmapIf.ringOfs(netmapIf, index, ring - offset);
        }
    }
}
