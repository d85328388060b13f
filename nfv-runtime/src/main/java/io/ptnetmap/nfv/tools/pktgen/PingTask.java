// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.tools.Idle;
import io.ptnetmap.nfv.tools.Pacer;
import io.ptnetmap.nfv.tools.StopSignal;

/**
 * Sends numbered packets, {@code burst} under way at most, and measures when each comes back. What does not come back within
 * a second is lost.
 */
final class PingTask extends Task {
    private static final long PATIENCE_NANOS = 1_000_000_000;
    private static final long NAP_NANOS = 1_000_000;

    private final UdpFrames frames;
    private final Filler filler;
    private final Pacer pacer;
    private final int numberAt;
    private final Idle idle = new Idle();
    /** By number, modulo its length: when that packet was sent. */
    private final long[] sentAt;

    private final RoundTripHistogram period = new RoundTripHistogram();
    private final RoundTripHistogram total = new RoundTripHistogram();

    private long sent;
    private long settled;
    private long lost;

    PingTask(GeneratorConfig config, NetmapPort port, StopSignal stop, long share, UdpFrames frames, double rate) {
        super(config, port, stop, share);
        this.frames = frames;
        this.filler = new Filler(config, frames);
        this.pacer = new Pacer(rate);
        this.numberAt = config.slots().headerLength() + frames.payloadOffset();
        this.sentAt = new long[Integer.highestOneBit(2 * config.load().burst() - 1)];
        filler.slotsPerPacket(port.txRing(0));
    }

    @Override
    public void run() {
        long now = System.nanoTime();
        pacer.start(now);
        meter.start(now);
        while (settled < share && !stop.requested()) {
            now = System.nanoTime();
            int window = (int) Math.min(config.load().burst() - (sent - settled), share - sent);
            int moved = window > 0 ? send(Math.min(window, pacer.due(now, window)), now) : 0;
            moved += receive();
            if (moved != 0) {
                idle.over();
            } else if (sent > settled) {
                idle.rest(port, Linux.POLLIN, NAP_NANOS);
                giveUp(System.nanoTime());
            } else {
                pacer.await(now, NAP_NANOS);
            }
        }
        meter.end(System.nanoTime());
        frames.close();
    }

    private int send(int most, long now) {
        TxRing ring = port.txRing(0);
        if (most <= 0) {
            return 0;
        }
        ring.sync();
        int count = Math.min(most, ring.available() / filler.slotsPerPacket(ring));
        for (int i = 0; i < count; i++) {
            frames.sequence((int) (sent + i));
            filler.fill(ring, 1);
            sentAt[(int) (sent + i) & sentAt.length - 1] = now;
        }
        if (count > 0) {
            ring.sync();
            sent += count;
            pacer.take(count);
            meter.batch(count, filler.takeBytes(), ring.available());
        }
        return count;
    }

    private int receive() {
        int seen = 0;
        for (int i = 0; i < port.rxRings().size(); i++) {
            RxRing ring = port.rxRing(i);
            ring.sync();
            int count = ring.available();
            for (int k = 0, slot = ring.head(); k < count; k++, slot = ring.next(slot)) {
                if (ring.length(slot) >= numberAt + UdpFrames.SEQUENCE_LENGTH) {
                    arrived(Memory.getIntBigEndian(ring.bufferAddress(slot) + numberAt));
                }
            }
            ring.advance(count);
            seen += count;
        }
        return seen;
    }

    private void arrived(int number) {
        int age = (int) sent - number;
        // Others' packets, and those given up already.
        if (age <= 0 || age > sent - settled) {
            return;
        }
        long nanos = System.nanoTime() - sentAt[number & sentAt.length - 1];
        // Packets keep their order, so those before it are lost.
        long upTo = sent - age + 1;
        lost += upTo - settled - 1;
        settled = upTo;
        period.add(nanos);
        total.add(nanos);
    }

    private void giveUp(long now) {
        if (now - sentAt[(int) settled & sentAt.length - 1] > PATIENCE_NANOS) {
            settled++;
            lost++;
        }
    }

    @Override
    String progress() {
        return period.takeLine("");
    }

    @Override
    String findings() {
        return total.takeLine("total ") + System.lineSeparator() + "Lost " + lost + " of " + sent + " packets.";
    }
}
