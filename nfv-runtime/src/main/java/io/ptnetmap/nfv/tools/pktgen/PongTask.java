// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.tools.Idle;
import io.ptnetmap.nfv.tools.StopSignal;

/** Sends what comes back to where it came from: its Ethernet addresses change places, its buffer moves. */
final class PongTask extends Task {
    private static final int MAC_LENGTH = 6;

    private final Idle idle = new Idle();
    private boolean inPacket;

    PongTask(GeneratorConfig config, NetmapPort port, StopSignal stop, long share) {
        super(config, port, stop, share);
    }

    @Override
    public void run() {
        long returned = 0;
        boolean ended = false;
        TxRing tx = port.txRing(0);
        while (returned < share && !stop.requested() && !ended) {
            int moved = 0;
            for (int i = 0; i < port.rxRings().size(); i++) {
                moved += turn(port.rxRing(i), tx, share - returned - moved);
            }
            returned += moved;
            if (moved != 0) {
                idle.over();
            } else {
                ended = Idle.ended(idle.rest(port, tx.available() == 0 ? Linux.POLLOUT : Linux.POLLIN));
            }
        }
        meter.end(System.nanoTime());
    }

    private int turn(RxRing rx, TxRing tx, long most) {
        rx.sync();
        if (tx.available() < rx.available()) {
            tx.sync();
        }
        int space = rx.available();
        int count = (int)
                Math.min(Math.min(space, tx.available()), Math.min(config.load().burst(), most));
        long bytes = 0;
        for (int i = 0, slot = rx.head(); i < count; i++, slot = rx.next(slot)) {
            bytes += rx.length(slot);
            if (!inPacket && rx.length(slot) >= config.slots().headerLength() + 2 * MAC_LENGTH) {
                swapMacs(rx.bufferAddress(slot) + config.slots().headerLength());
            }
            inPacket = (rx.flags(slot) & NetmapSlot.NS_MOREFRAG) != 0;
        }
        if (count == 0) {
            return 0;
        }
        int moved = rx.forward(tx, count);
        tx.sync();
        if (meter.startUnknown()) {
            meter.start(System.nanoTime());
        }
        meter.batch(moved, bytes, space);
        return moved;
    }

    private static void swapMacs(long frame) {
        int destination = Memory.getInt(frame);
        short destinationEnd = Memory.getShort(frame + 4);
        Memory.putInt(frame, Memory.getInt(frame + MAC_LENGTH));
        Memory.putShort(frame + 4, Memory.getShort(frame + MAC_LENGTH + 4));
        Memory.putInt(frame + MAC_LENGTH, destination);
        Memory.putShort(frame + MAC_LENGTH + 4, destinationEnd);
    }
}
