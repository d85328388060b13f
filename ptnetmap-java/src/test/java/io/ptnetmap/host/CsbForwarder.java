// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortRequest;
import java.nio.file.Path;

/**
 * Plays a virtual machine with two ports that moves packets from one to the other without copying, over sessions of their
 * own as QEMU does for each NIC. Arguments: the host's socket, the port to receive from, the port to send to.
 */
public final class CsbForwarder {
    private static final long NAP_NANOS = 100_000_000;

    private final CsbUser rx;
    private final CsbUser tx;

    private CsbForwarder(CsbUser rx, CsbUser tx) {
        this.rx = rx;
        this.tx = tx;
    }

    public static void main(String[] arguments) {
        Path socket = Path.of(arguments[0]);
        CsbClient.Port in = CsbClient.connect(socket).open(PortRequest.of(arguments[1], NmreqRegister.NR_REG_ALL_NIC));
        CsbClient.Port out = CsbClient.connect(socket).open(PortRequest.of(arguments[2], NmreqRegister.NR_REG_ALL_NIC));
        in.start();
        out.start();
        CsbForwarder forwarder =
                new CsbForwarder(new CsbUser(in, in.granted.reply().txRings()), new CsbUser(out, 0));
        forwarder.rx.begin();
        forwarder.tx.begin();
        while (true) {
            forwarder.round();
        }
    }

    private void round() {
        rx.refresh();
        tx.refresh();
        int count = Math.min(rx.available(), tx.available());
        for (int i = 0, from = rx.head, to = tx.head; i < count; i++, from = rx.next(from), to = tx.next(to)) {
            swap(rx.slot(from), tx.slot(to));
        }
        if (count > 0) {
            tx.advance(count);
            rx.advance(count);
        } else if (rx.available() == 0) {
            rx.await(NAP_NANOS);
        } else {
            tx.await(NAP_NANOS);
        }
    }

    private static void swap(long from, long to) {
        long packet = NetmapSlot.read(from);
        long empty = NetmapSlot.read(to);
        int flags = NetmapSlot.flags(packet) & NetmapSlot.NS_MOREFRAG | NetmapSlot.NS_BUF_CHANGED;
        NetmapSlot.write(to, NetmapSlot.withFlags(packet, flags));
        NetmapSlot.write(from, NetmapSlot.descriptor(NetmapSlot.bufIdx(empty), 0, NetmapSlot.NS_BUF_CHANGED));
    }
}
