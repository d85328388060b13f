// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.NetmapPort;
import io.ptnetmap.TxRing;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.nfv.tools.Idle;
import io.ptnetmap.nfv.tools.Pacer;
import io.ptnetmap.nfv.tools.StopSignal;

/** Sends through all transmit rings of its port, by turns. */
final class SendTask extends Task {
    /** How long the last packets may stay in the rings without any of them moving. */
    private static final long FLUSH_NANOS = 1_000_000_000;

    private static final long NAP_NANOS = 50_000_000;

    private final Frames frames;
    private final Filler filler;
    private final Pacer pacer;
    private final boolean numbered;
    private final Idle idle = new Idle();

    SendTask(GeneratorConfig config, NetmapPort port, StopSignal stop, long share, Frames frames, double rate) {
        super(config, port, stop, share);
        this.frames = frames;
        this.filler = new Filler(config, frames);
        this.pacer = new Pacer(rate);
        this.numbered = config.role() == Role.TXSEQ;
        port.txRings().forEach(filler::slotsPerPacket);
    }

    @Override
    public void run() {
        long sent = 0;
        long now = System.nanoTime();
        pacer.start(now);
        meter.start(now);
        while (sent < share && !stop.requested()) {
            now = config.load().rate() == 0 ? now : System.nanoTime();
            int due = pacer.due(now, (int) Math.min(config.load().burst(), share - sent));
            if (due <= 0) {
                port.sync();
                pacer.await(now, NAP_NANOS);
                continue;
            }
            int moved = send(due, sent);
            sent += moved;
            pacer.take(moved);
            if (moved == 0) {
                awaitMoreRoom();
                idle.rest(port, Linux.POLLOUT);
            } else {
                idle.over();
            }
        }
        flush();
        meter.end(System.nanoTime());
        frames.close();
    }

    /** Sends up to {@code most} packets, through the first ring with room. */
    private int send(int most, long sent) {
        for (int i = 0; i < port.txRings().size(); i++) {
            TxRing ring = port.txRing(i);
            int perPacket = filler.slotsPerPacket(ring);
            if (ring.available() < perPacket * most) {
                ring.sync();
            }
            int space = ring.available();
            int count = Math.min(most, space / perPacket);
            if (count > 0) {
                fill(ring, count, sent);
                ring.sync();
                meter.batch(count, filler.takeBytes() + framing(count), space);
                return count;
            }
        }
        return 0;
    }

    /** Some room may be there already, but not enough for a packet. */
    private void awaitMoreRoom() {
        for (int i = 0; i < port.txRings().size(); i++) {
            port.txRing(i).wakeAfter(port.txRing(i).available());
        }
    }

    private void fill(TxRing ring, int count, long sent) {
        if (!numbered) {
            filler.fill(ring, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            ((UdpFrames) frames).sequence((int) (sent + i));
            filler.fill(ring, 1);
        }
    }

    private long framing(int count) {
        return config.reports().framing() ? (long) count * GeneratorConfig.FRAMING : 0;
    }

    /** Waits until all has left the rings, as long as something does. */
    private void flush() {
        int before = Integer.MAX_VALUE;
        long since = System.nanoTime();
        while (!stop.requested()) {
            int pending = 0;
            for (int i = 0; i < port.txRings().size(); i++) {
                port.txRing(i).sync();
                pending += port.txRing(i).pending();
            }
            long now = System.nanoTime();
            if (pending < before) {
                before = pending;
                since = now;
            }
            if (pending == 0 || now - since > FLUSH_NANOS) {
                return;
            }
            Linux.poll(-1, 0, 20_000);
        }
    }
}
