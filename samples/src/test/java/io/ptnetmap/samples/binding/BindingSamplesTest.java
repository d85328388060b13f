// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.linux.Linux;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A packet's way through the programs: sent into one pipe, forwarded to another, counted there. */
class BindingSamplesTest {
    private static final int PACKETS = 20_000;
    private static final int LENGTH = 60;
    private static final int LONG = 3000;

    @Test
    void forwardMovesPacketsBothWaysAndCountCountsThem() throws Exception {
        try (NetmapPort left = Netmap.open("netmap:wire{1");
                NetmapPort right = Netmap.open("netmap:wire{2")) {
            Thread wire = Thread.ofPlatform()
                    .daemon()
                    .start(() -> Forward.main(new String[] {"netmap:wire}1", "netmap:wire}2"}));
            assertEquals(PACKETS * LENGTH, exchange(left, right, LENGTH, PACKETS));
            assertEquals(PACKETS * LENGTH, exchange(right, left, LENGTH, PACKETS));
            assertEquals(100 * LONG, exchange(left, right, LONG, 100));
            assertTrue(wire.isAlive());
        }
    }

    /** Sends packets at one port and counts them at the other; returns the bytes counted. */
    private static long exchange(NetmapPort from, NetmapPort to, int length, int packets) {
        MemorySegment packet = MemorySegment.ofArray(new byte[length]);
        Count count = new Count();
        int sent = 0;
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (count.packets() < packets) {
            while (sent < packets && from.txRing(0).inject(packet)) {
                sent++;
            }
            from.txRing(0).sync();
            to.poll(Linux.POLLIN, 1_000_000);
            count.take(to.rxRing(0));
            int sofar = sent;
            assertTrue(System.nanoTime() - deadline < 0, () -> "sent " + sofar + ", counted " + count);
        }
        assertEquals(packets, count.packets());
        return count.bytes();
    }
}
