// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;

/**
 * A process at one end of a pipe that sends packets one at a time, or sends back what it gets; {@code pipe.c} is the same
 * in C. A packet holds its number and, at byte 8, when it was sent.
 */
final class EchoWorker {
    static final String PING = "ping";
    static final String PONG = "pong";

    private static final int LENGTH = 64;
    private static final int SENT = 8;

    private final NetmapPort port;
    private final TxRing tx;
    private final RxRing rx;
    private final boolean pings;
    private final Patience patience = new Patience();
    private final RoundTrips trips = new RoundTrips();

    private EchoWorker(NetmapPort port, boolean pings) {
        this.port = port;
        this.tx = port.txRing(0);
        this.rx = port.rxRing(0);
        this.pings = pings;
    }

    /** Arguments: socket, port, slots, {@code ping} or {@code pong}, processor. Commands as in {@code pipe.c}. */
    public static void main(String[] arguments) {
        PipeWorker.serve(arguments, ports -> {
            EchoWorker worker = new EchoWorker(ports.getFirst(), arguments[3].equals(PING));
            return worker::run;
        });
    }

    private String run(long packets, long gap, boolean blocking) {
        trips.begin();
        if (pings) {
            ping(packets, gap);
        } else {
            pong(packets, blocking);
        }
        return trips.answer();
    }

    private void ping(long packets, long gap) {
        long due = System.nanoTime();
        for (long number = 0; number < packets; number++, due += gap) {
            while (System.nanoTime() - due < 0) {
                Thread.onSpinWait();
            }
            sendOne(number);
            await(false);
            take(number, true);
            rx.advance(1);
        }
        rx.sync();
    }

    private void sendOne(long number) {
        int slot = tx.head();
        long packet = tx.bufferAddress(slot);
        Memory.putLong(packet, number);
        Memory.putLong(packet + SENT, System.nanoTime());
        tx.length(slot, LENGTH);
        tx.advance(1);
        tx.sync();
    }

    private void pong(long packets, boolean blocking) {
        tx.sync();
        for (long number = 0; number < packets; number++) {
            await(blocking);
            take(number, blocking);
            rx.forward(tx, 1);
            tx.sync();
            rx.sync();
        }
    }

    private void await(boolean blocking) {
        for (rx.sync(); rx.available() == 0; rx.sync()) {
            if (blocking) {
                port.poll(Linux.POLLIN, Patience.STALL_NANOS);
            } else {
                patience.rest();
            }
        }
        patience.over();
    }

    private void take(long number, boolean timed) {
        long packet = rx.bufferAddress(rx.head());
        if (timed) {
            trips.take(number, Memory.getLong(packet), Memory.getLong(packet + SENT));
        } else {
            trips.take(number, Memory.getLong(packet));
        }
    }
}
