// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples.binding;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.linux.Linux;

/** Counts what arrives at a netmap port and gives it back to the port: {@code Count netmap:left}. */
public final class Count {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private long packets;
    private long bytes;

    /** @param port prints the sums once a second while packets come; Ctrl-C ends it */
    public static void main(String[] port) {
        Count count = new Count();
        try (NetmapPort in = Netmap.open(port[0])) {
            long next = System.nanoTime();
            while (true) {
                in.poll(Linux.POLLIN, -1);
                count.take(in.rxRing(0));
                if (System.nanoTime() - next >= 0) {
                    System.out.println(count);
                    next += SECOND_NANOS;
                }
            }
        }
    }

    /** Counts and frees all received slots; a packet may take several, all but its last marked {@code NS_MOREFRAG}. */
    void take(RxRing ring) {
        int count = ring.available();
        for (int i = 0, slot = ring.head(); i < count; i++, slot = ring.next(slot)) {
            bytes += ring.length(slot);
            packets += (ring.flags(slot) & NetmapSlot.NS_MOREFRAG) == 0 ? 1 : 0;
        }
        ring.advance(count);
    }

    long packets() {
        return packets;
    }

    long bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return packets + " packets, " + bytes + " bytes";
    }
}
