// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.driver.DropCause;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.host.EmbeddedHost;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A switch of an embedded host of this process with one sender and some receivers: what {@code vale.c} does in C. The sender
 * forwards; receivers look at each slot and give it back. With one core all take turns on one thread; with two the receivers
 * have a thread of their own, and what they are too slow for is dropped, and counted.
 */
final class ValeTraffic implements AutoCloseable {
    static final int SLOTS = 1024;

    private static final String CONF = "@conf:slots=" + SLOTS;
    private static final int STATION = 0x02;
    private static final int SENDER = 100;

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private final NetmapPort sender = netmap.openPort("vale0:sender" + CONF);
    private final List<RxRing> receivers = new ArrayList<>();
    private final PinnedThread sending = new PinnedThread(Machine.pair().getFirst());
    private final PinnedThread receiving = new PinnedThread(Machine.pair().getLast());
    private final int bytes;
    private final int fragments;
    private volatile boolean done;
    private long received;
    /** Read by nobody, so that looking at slots is not for nothing. */
    private volatile long looked;

    /** What has come of a run. */
    record Outcome(long nanos, long sent, long delivered, long dropped, long received) {}

    /**
     * @param receivers how many, each of a station of its own
     * @param bytes of each frame
     * @param flood whether frames are for all
     */
    ValeTraffic(int receivers, int bytes, boolean flood) {
        this.bytes = bytes;
        this.fragments =
                (bytes + sender.txRing(0).bufferSize() - 1) / sender.txRing(0).bufferSize();
        sender.txRing(0).inject(MemorySegment.ofArray(addresses(-1, SENDER)));
        sender.sync();
        for (int i = 1; i <= receivers; i++) {
            NetmapPort port = netmap.openPort("vale0:r" + i + CONF);
            // To the sender alone: no receiver is to have heard of another, whose share would be kept free in its ring.
            port.txRing(0).inject(MemorySegment.ofArray(addresses(SENDER, i)));
            port.sync();
            this.receivers.add(port.rxRing(0));
        }
        TxRing tx = sender.txRing(0);
        for (int k = 0; k < SLOTS; k++) {
            byte[] header = addresses(flood ? -1 : k / fragments % receivers + 1, SENDER);
            MemorySegment.copy(MemorySegment.ofArray(header), 0, tx.buffer(k), 0, 12);
        }
    }

    /** A short frame between stations that differ in their last byte; -1 = to all. */
    private static byte[] addresses(int to, int from) {
        byte[] frame = new byte[60];
        frame[0] = STATION;
        frame[5] = (byte) to;
        for (int i = 0; to < 0 && i < 6; i++) {
            frame[i] = -1;
        }
        frame[6] = STATION;
        frame[11] = (byte) from;
        return frame;
    }

    /**
     * Sends frames, whole batches of them.
     *
     * @param batch frames between two syncs
     * @param cores 1 or 2
     */
    Outcome run(long frames, int batch, int cores) {
        List<SwitchPort> before = host.valeList();
        long nanos = cores == 1
                ? sending.call(() -> {
                    long start = System.nanoTime();
                    received = send(frames, batch, true);
                    return System.nanoTime() - start;
                })
                : runOnTwo(frames, batch);
        return outcome(nanos, before, host.valeList());
    }

    private long runOnTwo(long frames, int batch) {
        done = false;
        CompletableFuture<Long> end = receiving.start(() -> {
            long count = 0;
            boolean last;
            do {
                last = done;
                count += receiveAll();
            } while (!last);
            received = count;
            return System.nanoTime();
        });
        CompletableFuture<Long> start = sending.start(() -> {
            long now = System.nanoTime();
            send(frames, batch, false);
            done = true;
            return now;
        });
        long begun = PinnedThread.result(start);
        return PinnedThread.result(end) - begun;
    }

    /** Returns the frames that were received in between. */
    private long send(long frames, int batch, boolean receiveToo) {
        TxRing tx = sender.txRing(0);
        long count = 0;
        for (long sent = 0; sent < frames; sent += batch) {
            int slot = tx.head();
            for (int i = 0; i < batch; i++) {
                slot = describe(tx, slot);
            }
            tx.advance(batch * fragments);
            tx.sync();
            if (receiveToo) {
                count += receiveAll();
            }
        }
        return count;
    }

    private int describe(TxRing tx, int from) {
        int slot = from;
        int left = bytes;
        for (int i = 0; i < fragments; i++) {
            tx.length(slot, Math.min(left, tx.bufferSize()));
            tx.flags(slot, i + 1 < fragments ? NetmapSlot.NS_MOREFRAG : 0);
            left -= tx.bufferSize();
            slot = tx.next(slot);
        }
        return slot;
    }

    private long receiveAll() {
        long count = 0;
        for (int i = 0; i < receivers.size(); i++) {
            count += receive(receivers.get(i));
        }
        return count;
    }

    /** Returns frames, not slots. */
    private long receive(RxRing rx) {
        rx.sync();
        int slots = rx.available();
        if (slots == 0) {
            return 0;
        }
        long sum = 0;
        long frames = 0;
        int slot = rx.head();
        for (int i = 0; i < slots; i++) {
            long descriptor = rx.descriptor(slot);
            sum += descriptor;
            frames += (NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) == 0 ? 1 : 0;
            slot = rx.next(slot);
        }
        looked = sum;
        rx.advance(slots);
        rx.sync();
        return frames;
    }

    private Outcome outcome(long nanos, List<SwitchPort> before, List<SwitchPort> after) {
        long[] totals = new long[4];
        for (int i = 0; i < after.size(); i++) {
            SwitchPort.Traffic then = before.get(i).traffic().orElseThrow();
            SwitchPort.Traffic now = after.get(i).traffic().orElseThrow();
            totals[0] += now.taken() - then.taken();
            totals[1] += now.copies() - then.copies();
            totals[2] += now.delivered() - then.delivered();
            totals[3] += now.dropped(DropCause.FULL) - then.dropped(DropCause.FULL);
        }
        if (totals[1] != totals[2] + totals[3]) {
            throw new BenchException(totals[1] + " copies were called for, but " + totals[2] + " delivered and "
                    + totals[3] + " dropped for lack of room");
        }
        return new Outcome(nanos, totals[0], totals[2], totals[3], received);
    }

    @Override
    public void close() {
        sending.close();
        receiving.close();
        netmap.close();
    }
}
