// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stamps of a link, each end a user of its own of the same memory, as in two processes. */
class StampQueueTest {
    private static final int SLOTS = 1024;

    @TempDir
    Path directory;

    private final MemorySegment memory = Arena.ofAuto().allocate(StampQueue.BYTES, Long.BYTES);
    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private final Batch batch = new Batch(netmap.openScratch(1, 1, 257).txRing(0), 0);

    @AfterEach
    void close() {
        netmap.close();
        host.close();
    }

    private StampQueue end(long places) {
        return new StampQueue(memory, places);
    }

    /** Stamps a packet that came into the chain at that time. */
    private void put(StampQueue sender, long place, long born) {
        batch.clear(Side.IN, 0);
        batch.follow(born, 0);
        sender.put(place, batch);
    }

    /** Whether a packet of these places had a stamp. */
    private boolean take(StampQueue receiver, long first, int count) {
        batch.clear(Side.IN, 0);
        receiver.take(first, count, batch);
        return batch.followed() != 0;
    }

    @Test
    void aStampIsFoundWithItsPacketOnly() {
        StampQueue sender = end(SLOTS);
        StampQueue receiver = end(SLOTS);
        assertFalse(receiver.isWaiting());
        long before = System.nanoTime();
        put(sender, 100, 42);
        assertTrue(receiver.isWaiting());
        assertFalse(take(receiver, 0, 100), "it has not come yet");
        assertTrue(take(receiver, 100, 1));
        assertEquals(42, batch.bornNanos(0));
        assertTrue(batch.sentNanos(0) >= before && batch.sentNanos(0) <= System.nanoTime());
        assertFalse(receiver.isWaiting());
        assertFalse(take(receiver, 100, 1), "it has been taken");
    }

    @Test
    void slotsComeAgain() {
        StampQueue sender = end(SLOTS);
        StampQueue receiver = end(SLOTS);
        for (int lap = 0; lap < 100; lap++) {
            put(sender, 3, lap);
            assertFalse(take(receiver, SLOTS - 250, 250));
            assertTrue(take(receiver, SLOTS - 2, 6), "over the ring's end");
            assertEquals(lap, batch.bornNanos(0));
        }
    }

    @Test
    void allOfABatchAreFollowedOn() {
        StampQueue sender = end(StampQueue.ENDLESS);
        StampQueue receiver = end(StampQueue.ENDLESS);
        put(sender, 5, 50);
        put(sender, 7, 70);
        put(sender, 9, 90);
        assertTrue(take(receiver, 5, 4));
        assertEquals(2, batch.followed());
        assertEquals(70, batch.bornNanos(1));
        StampQueue next = StampQueue.here(SLOTS);
        next.put(1, batch);
        assertTrue(take(next, 0, 2));
        assertEquals(2, batch.followed());
        assertEquals(50, batch.bornNanos(0));
        assertEquals(70, batch.bornNanos(1));
        assertTrue(take(receiver, 9, 1));
        assertEquals(90, batch.bornNanos(0));
        assertFalse(receiver.isWaiting());
    }

    @Test
    void packetsForWhichThereIsNoRoomHaveNone() {
        StampQueue sender = end(StampQueue.ENDLESS);
        StampQueue receiver = end(StampQueue.ENDLESS);
        for (int i = 0; i < 3 * StampQueue.STAMPS; i++) {
            put(sender, i, 1 + i);
        }
        int found = 0;
        for (int i = 0; i < 3 * StampQueue.STAMPS; i++) {
            found += take(receiver, i, 1) ? 1 : 0;
        }
        assertEquals(StampQueue.STAMPS, found);
        put(sender, 1000, 1);
        assertTrue(take(receiver, 1000, 1), "there is room again");
    }

    @Test
    void whatADeadSenderHasStampedIsNotBelieved() {
        StampQueue receiver = end(SLOTS);
        put(end(SLOTS), 10, 1);
        StampQueue successor = end(SLOTS);
        successor.takeOverSending();
        assertFalse(take(receiver, 10, 1), "another packet is in that slot");
        put(successor, 20, 2);
        assertTrue(take(receiver, 20, 1));
        assertEquals(2, batch.bornNanos(0));
    }

    @Test
    void theSuccessorOfADeadReceiverTakesNoOldStamps() {
        StampQueue sender = end(SLOTS);
        StampQueue dead = end(SLOTS);
        put(sender, 10, 1);
        assertTrue(dead.isWaiting());
        StampQueue successor = end(SLOTS);
        successor.takeOverReceiving();
        assertFalse(take(successor, 10, 1));
        for (int i = 0; i < 2 * StampQueue.STAMPS; i++) {
            put(sender, i, 5 + i);
            assertTrue(take(successor, i, 1), "stamp " + i);
        }
    }

    @Test
    void processesShareABoard() {
        Path file = directory.resolve("stamps");
        StampBoard one = StampBoard.open(file).orElseThrow();
        StampBoard other = StampBoard.open(file).orElseThrow();
        Stamps left = one.of(7, SLOTS).orElseThrow();
        Stamps right = other.of(7, SLOTS).orElseThrow().opposite();
        put(left.out(), 1, 11);
        put(right.out(), 2, 22);
        assertTrue(take(right.in(), 1, 1));
        assertEquals(11, batch.bornNanos(0));
        assertTrue(take(left.in(), 2, 1));
        assertEquals(22, batch.bornNanos(0));
        assertFalse(other.of(8, SLOTS).orElseThrow().in().isWaiting(), "another link's");
        assertTrue(one.of(1 << 20, SLOTS).isEmpty());
    }

    @Test
    void whereThereCanBeNoBoardNothingFails() throws Exception {
        Path noDirectory = Files.createFile(directory.resolve("file")).resolve("stamps");
        assertTrue(StampBoard.open(noDirectory).isEmpty());
    }
}
