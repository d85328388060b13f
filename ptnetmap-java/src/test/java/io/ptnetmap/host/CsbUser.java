// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NmCsbAtok;
import io.ptnetmap.abi.NmCsbKtoa;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.linux.Linux;
import java.lang.invoke.VarHandle;

/**
 * The user's side of one ring behind a CSB, as a guest's driver does it (docs/passthrough.md, "The CSB"). For one thread.
 */
final class CsbUser {
    final long ring;
    final int slots;
    private final long atok;
    private final long ktoa;
    private final int kick;
    private final int irq;

    int head;
    int cur;
    int tail;
    int hwcur;
    long kicks;
    long sleeps;

    /**
     * @param port with all its rings
     * @param index of the ring: transmit rings first, then receive rings
     */
    CsbUser(CsbClient.Port port, int index) {
        int txRings = port.granted.reply().txRings();
        boolean transmit = index < txRings;
        RingTable rings = RingTable.read(port.region, port.granted.reply());
        this.ring = transmit ? rings.txRing(index) : rings.rxRing(index - txRings);
        this.slots =
                transmit ? port.granted.reply().txSlots() : port.granted.reply().rxSlots();
        this.atok = port.csb.address() + (long) index * NmCsbAtok.SIZE;
        this.ktoa = port.csb.address() + CsbPort.HOST_BLOCKS + (long) index * NmCsbKtoa.SIZE;
        this.kick = port.kicks[index];
        this.irq = port.irqs[index];
    }

    static CsbUser tx(CsbClient.Port port) {
        return new CsbUser(port, 0);
    }

    static CsbUser rx(CsbClient.Port port) {
        return new CsbUser(port, port.granted.reply().txRings());
    }

    /** After START: goes on from where the host is. */
    void begin() {
        refresh();
        head = NmCsbAtok.head(atok);
        cur = head;
    }

    /** Reads what the host has published. Returns whether {@code tail} has moved. */
    boolean refresh() {
        int before = tail;
        tail = NmCsbKtoa.hwtail(ktoa);
        hwcur = NmCsbKtoa.hwcur(ktoa);
        return tail != before;
    }

    int available() {
        return RingWindow.distance(head, tail, slots);
    }

    int next(int slot) {
        return slot + 1 == slots ? 0 : slot + 1;
    }

    long slot(int number) {
        return NetmapRing.slot(ring, number);
    }

    /** Gives slots back, and wakes the host where it sleeps. */
    void advance(int count) {
        head = (head + count) % slots;
        publish(head, head);
    }

    void publish(int newHead, int newCur) {
        head = newHead;
        cur = newCur;
        NmCsbAtok.publish(atok, head, cur);
        VarHandle.fullFence();
        if (NmCsbKtoa.kernNeedKick(ktoa)) {
            kicks++;
            Linux.eventfdSignal(kick);
        }
    }

    /** Sleeps until {@code tail} moves. Returns false on timeout. */
    boolean await(long timeoutNanos) {
        NmCsbAtok.applNeedKick(atok, true);
        VarHandle.fullFence();
        boolean moved = refresh();
        long start = System.nanoTime();
        while (!moved && System.nanoTime() - start < timeoutNanos) {
            sleeps++;
            Linux.poll(irq, Linux.POLLIN, timeoutNanos);
            Linux.eventfdDrain(irq);
            moved = refresh();
        }
        NmCsbAtok.applNeedKick(atok, false);
        return moved;
    }
}
