// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.Netmap;
import io.ptnetmap.Ring;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.nfv.api.PacketBatch.Side;
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

    private void assertLies(int index, Ring home, int slot) {
        assertEquals(home, batch.home(index));
        assertEquals(slot, batch.slot(index));
        assertEquals(1, batch.fragments(index));
        assertEquals(home.bufferIndex(slot), batch.packet(index).bufferIndex());
    }

    @Test
    void aRowGoesOnAtTheRingsBeginning() {
        write(0, 128, 60, 0);
        batch.appendRun(ring, 120, 8);
        batch.appendRun(ring, 0, 4);
        assertLies(7, ring, 127);
        assertLies(8, ring, 0);
        assertEquals(3, batch.run(5, 7), "what is moved at once ends with the ring");
        assertEquals(4, batch.run(8, 4));
    }

    @Test
    void packetsMayComeFromElsewhere() {
        Ring other = netmap.openScratch(1, 1, 128).txRing(0);
        write(5, 5, 60, 0);
        batch.appendRun(ring, 5, 3);
        batch.append(other, 8, 1, 70);
        batch.append(ring, 8, 1, 60);
        assertLies(2, ring, 7);
        assertLies(3, other, 8);
        assertLies(4, ring, 8);
        assertEquals(3, batch.run(0, 5));
        assertEquals(1, batch.run(3, 2));
        assertEquals(3 * 60 + 70 + 60, batch.bytes());
    }

    @Test
    void whatIsForwardedClosesUpAndVerdictsAreForgotten() {
        Instance instance = Instance.of("test", "test", (packets, out) -> {});
        write(3, 5, 60, 0);
        batch.appendRun(ring, 3, 5);
        batch.enter(instance);
        batch.drop(1, instance.account().linkFull);
        batch.consume(4);
        batch.leave(batch);
        for (int round = 0; round < 2; round++) {
            assertEquals(3, batch.count());
            assertLies(0, ring, 3);
            assertLies(1, ring, 5);
            assertLies(2, ring, 6);
            batch.enter(instance);
            batch.leave(batch);
        }
        batch.clear(Side.IN, 0);
        batch.appendRun(ring, 3, 5);
        assertLies(4, ring, 7);
        assertEquals(5, batch.run(0, 5));
    }
}
