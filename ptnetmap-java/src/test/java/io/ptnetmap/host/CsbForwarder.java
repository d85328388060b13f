// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapSlot;
import java.nio.file.Path;

/**
 * Plays a virtual machine with two ports that moves packets from one to the other without copying, over sessions of their
 * own as QEMU does for each NIC. Arguments: the host's socket, the port to receive from, the port to send to.
 */
public final class CsbForwarder {
    private static final long NAP_NANOS = 2_000_000;

    private static final int SLOTS = 256;

    private final CsbUser rx;
    private final CsbUser tx;

    CsbForwarder(CsbUser rx, CsbUser tx) {
        this.rx = rx;
        this.tx = tx;
        rx.begin();
        tx.begin();
    }

    public static void main(String[] arguments) {
        CsbForwarder forwarder = open(Path.of(arguments[0]), arguments[1], arguments[2]);
        while (true) {
            if (forwarder.move() == 0) {
                forwarder.nap();
            }
        }
    }

    static CsbForwarder open(Path socket, String from, String to) {
        CsbClient.Port in = CsbClient.connect(socket).open(from, SLOTS);
        CsbClient.Port out = CsbClient.connect(socket).open(to, SLOTS);
        in.start();
        out.start();
        return new CsbForwarder(CsbUser.rx(in), CsbUser.tx(out));
    }

    /** Moves what there is, up to a batch. Returns the slots moved. */
    int move() {
        rx.refresh();
        tx.refresh();
        int count = Math.min(KillRole.BATCH, Math.min(rx.available(), tx.available()));
        for (int i = 0, from = rx.head, to = tx.head; i < count; i++, from = rx.next(from), to = tx.next(to)) {
            swap(rx.slot(from), tx.slot(to));
        }
        if (count > 0) {
            tx.advance(count);
            rx.advance(count);
        }
        return count;
    }

    /** Sleeps until there is something to move, or not much longer than that. */
    void nap() {
        (rx.available() == 0 ? rx : tx).await(NAP_NANOS);
    }

    private static void swap(long from, long to) {
        long packet = NetmapSlot.read(from);
        long empty = NetmapSlot.read(to);
        int flags = NetmapSlot.flags(packet) & NetmapSlot.NS_MOREFRAG | NetmapSlot.NS_BUF_CHANGED;
        NetmapSlot.write(to, NetmapSlot.withFlags(packet, flags));
        NetmapSlot.write(from, NetmapSlot.descriptor(NetmapSlot.bufIdx(empty), 0, NetmapSlot.NS_BUF_CHANGED));
    }
}
