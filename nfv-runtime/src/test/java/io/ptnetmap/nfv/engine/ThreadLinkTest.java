// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.Netmap;
import io.ptnetmap.Ring;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over a link between two threads, seen from a single one. */
class ThreadLinkTest {
    private static final int ENTRIES = 64;
    private static final int SLOTS = 257;

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private final TxRing slots = ring(ENTRIES);
    private final TxRing reverse = ring(ENTRIES);
    private final ThreadLink link = new ThreadLink(slots, reverse, ENTRIES, 1);
    private final LinkEnd left = link.left();
    private final LinkEnd right = link.right();
    private final ThreadLink.Observer observer = link.observer(0, false);
    private final TxRing origin = ring(SLOTS);
    private final TxRing target = ring(SLOTS);
    private final Batch sent = new Batch(ring(SLOTS), 0);
    private final Batch seen = new Batch(ring(SLOTS), 0);
    private final Batch received = new Batch(ring(SLOTS), 0);
    private final Instance function = Instance.of("test", "test", (packets, out) -> {});

    private record Sent(int buffer, int fragments, int length, long timestamp) {}

    private TxRing ring(int count) {
        return netmap.openScratch(1, 1, count).txRing(0);
    }

    @AfterEach
    void close() {
        link.close();
        netmap.close();
        host.close();
    }

    /** Writes packets, of one fragment each or of up to three, and adds them to the batch to send. */
    private void write(Random random, int count, int mostFragments, Queue<Sent> expected) {
        sent.clear(Side.IN, 0);
        int slot = 0;
        for (int i = 0; i < count; i++) {
            int fragments = 1 + random.nextInt(mostFragments);
            int last = 60 + random.nextInt(1000);
            for (int k = 0; k < fragments; k++) {
                boolean more = k + 1 < fragments;
                origin.descriptor(
                        slot + k,
                        NetmapSlot.descriptor(
                                origin.bufferIndex(slot + k),
                                more ? origin.bufferSize() : last,
                                more ? NetmapSlot.NS_MOREFRAG : 0));
            }
            long timestamp = random.nextInt(3) == 0 ? (random.nextLong() >>> 1) : 0;
            origin.ptr(slot, timestamp);
            int length = (fragments - 1) * origin.bufferSize() + last;
            sent.append(origin, slot, fragments, length);
            expected.add(new Sent(origin.bufferIndex(slot), fragments, length, timestamp));
            slot += fragments;
        }
    }

    private static void assertAre(Queue<Sent> expected, Batch batch) {
        int i = 0;
        for (Sent packet : expected.stream().limit(batch.count()).toList()) {
            Packet view = batch.packet(i);
            assertEquals(
                    packet,
                    new Sent(view.bufferIndex(), batch.fragments(i), view.totalLength(), view.timestampNanos()));
            i++;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void carriesPacketsInOrderWithAllThatBelongsToThem(int mostFragments) {
        Random random = new Random(mostFragments);
        Set<Integer> all = buffers();
        Account account = function.account();
        Queue<Sent> underWay = new ArrayDeque<>();
        int passed = 0;
        for (int round = 0; round < 300; round++) {
            write(random, 1 + random.nextInt(40), mostFragments, underWay);
            int done = left.send(sent, 0, account);
            while (done < sent.count()) {
                passed += receive(random, underWay);
                done = left.send(sent, done, account);
            }
        }
        while (!underWay.isEmpty()) {
            passed += receive(random, underWay);
        }
        assertEquals(0, right.unread());
        assertEquals(all, buffers(), "each buffer is in one slot");
        assertEquals(passed, function.account().received.value());
    }

    /** Has the observer look, drops some of what has come, and sends the rest on; returns how many have come. */
    private int receive(Random random, Queue<Sent> underWay) {
        seen.clear(Side.IN, 0);
        observer.look(seen);
        assertAre(underWay, seen);
        observer.done();
        received.clear(Side.IN, 0);
        int count = right.receive(received);
        assertAre(underWay, received);
        Queue<Sent> kept = new ArrayDeque<>();
        received.enter(function);
        for (int i = 0; i < count; i++) {
            Sent packet = underWay.remove();
            if (random.nextInt(8) == 0) {
                received.drop(i, function.account().linkFull);
            } else {
                kept.add(packet);
            }
        }
        received.leave(received);
        assertEquals(kept.size(), received.count());
        assertAre(kept, received);
        int slot = 0;
        for (int i = 0; i < received.count(); i++) {
            Ring home = received.home(i);
            int from = received.slot(i);
            Sent packet = kept.remove();
            for (int k = 0; k < received.fragments(i); k++) {
                home.move(from, target, slot + k);
                from = home.next(from);
            }
            assertEquals(packet.buffer(), target.bufferIndex(slot));
            assertEquals(packet.timestamp(), target.ptr(slot));
            slot += received.fragments(i);
        }
        right.release();
        return count;
    }

    private Set<Integer> buffers() {
        Set<Integer> buffers = new HashSet<>();
        for (Ring ring : new Ring[] {slots, origin, target}) {
            for (int slot = 0; slot < ring.slots(); slot++) {
                buffers.add(ring.bufferIndex(slot));
            }
        }
        return buffers;
    }

    @Test
    void waitsForRoom() {
        Queue<Sent> underWay = new ArrayDeque<>();
        Account account = function.account();
        write(new Random(1), ENTRIES + 10, 1, underWay);
        assertEquals(ENTRIES, left.send(sent, 0, account));
        assertEquals(ENTRIES, left.send(sent, ENTRIES, account));
        assertEquals(ENTRIES, right.unread());
        receive(new Random(1), underWay);
        assertEquals(ENTRIES + 10, left.send(sent, ENTRIES, account));
    }
}
