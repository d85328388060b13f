// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.Netmap;
import io.ptnetmap.Ring;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.host.EmbeddedHost;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How packets are found in a ring, whatever its other end has written there. */
class BatchTest {
    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private final Ring ring = netmap.openScratch(1, 1, 128).txRing(0);
    private final Batch batch = new Batch(netmap.openScratch(1, 1, Batch.BURST).txRing(0), 0);

    @AfterEach
    void close() {
        netmap.close();
        host.close();
    }

    private void write(int first, int count, int length, int flags) {
        for (int slot = first; slot < first + count; slot++) {
            ring.descriptor(slot, NetmapSlot.descriptor(ring.bufferIndex(slot), length, flags));
        }
    }

    @Test
    void aPacketThatHasNotArrivedAsAWholeWaits() {
        write(0, 1, 60, 0);
        write(1, 2, 2048, NetmapSlot.NS_MOREFRAG);
        assertEquals(1, batch.fill(ring, 3));
        assertEquals(1, batch.count());
    }

    @Test
    void aPacketWithoutEndIsCut() {
        write(0, NetmapSlot.NETMAP_MAX_FRAGS, 10, NetmapSlot.NS_MOREFRAG);
        assertEquals(NetmapSlot.NETMAP_MAX_FRAGS, batch.fill(ring, NetmapSlot.NETMAP_MAX_FRAGS));
        assertEquals(1, batch.count());
        assertEquals(10 * NetmapSlot.NETMAP_MAX_FRAGS, batch.length(0));
        assertEquals(
                0, ring.flags(NetmapSlot.NETMAP_MAX_FRAGS - 1), "or the next link would join it with what follows");
    }

    @Test
    void aLengthThatNoBufferHasIsCutToTheBuffer() {
        write(0, 1, 0xffff, 0);
        assertEquals(1, batch.fill(ring, 1));
        assertEquals(ring.bufferSize(), batch.length(0));
    }
}
