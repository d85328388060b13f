// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.driver.DropCause;

/**
 * A network interface that is a port of a switch: what it receives is forwarded, what others have for it is sent, both by the
 * {@link Kloop}. The rings are the host's own.
 */
final class ValeNic implements LoopPort {
    /** Slots of each direction that may move before others have their turn. */
    private static final int BUDGET = 256;

    private final ValePort port;
    private final Grant grant;
    private final CsbInterfaceEnds ends;
    private final RingEnd tx;
    private final RingEnd rx;
    private final ValeQueue queue;
    private final Forwarder forwarder;
    private final Doorbell doorbell;
    /** The first received slot that has not been forwarded. */
    private int taken;
    /** Packets that the device has lost, as counted already. */
    private long lost;

    /**
     * @param port that this becomes
     * @param grant its rings, both of them; remains the caller's to release
     */
    ValeNic(ValePort port, String interfaceName, Grant grant) {
        this.port = port;
        this.grant = grant;
        this.ends = new CsbInterfaceEnds(interfaceName, grant);
        this.tx = ends.begin().get(0);
        this.rx = ends.begin().get(1);
        this.doorbell = Doorbell.ringingItself();
        RegionView region = grant.region().view();
        this.queue = new ValeQueue(region, tx.ring, tx.slots, tx.hwcur);
        this.forwarder = new Forwarder(port, 0, region, rx.ring, rx.slots);
        this.taken = rx.hwcur;
        queue.wakeUp(doorbell::ringPeer);
    }

    ValePort port() {
        return port;
    }

    Grant grant() {
        return grant;
    }

    /** Begins to take part, once the port is on its switch. */
    void plug() {
        port.plug(0, queue);
        port.plug(forwarder);
    }

    @Override
    public boolean serve() {
        boolean moved = send();
        rx.turn(taken);
        int end = limited(taken, rx.hwtail, rx.slots);
        if (end != taken) {
            taken = forwarder.forward(taken, end);
            moved = true;
        }
        return moved;
    }

    private boolean send() {
        int before = tx.hwcur;
        tx.turn(tx.limited(queue.published(), BUDGET));
        if (tx.hwcur == before) {
            return false;
        }
        queue.release(tx.hwcur);
        if (tx.dropped() != lost) {
            synchronized (queue) {
                queue.counters.delivered -= tx.dropped() - lost;
                queue.counters.drop(DropCause.DEVICE, tx.dropped() - lost);
            }
            lost = tx.dropped();
        }
        return true;
    }

    private static int limited(int from, int to, int slots) {
        return RingWindow.distance(from, to, slots) <= BUDGET ? to : (from + BUDGET) % slots;
    }

    @Override
    public boolean arm() {
        queue.arm();
        return ends.arm();
    }

    @Override
    public void disarm() {
        queue.disarm();
        ends.disarm();
    }

    @Override
    public void watch(int epoll) {
        doorbell.watch(epoll);
        ends.watch(epoll);
    }

    @Override
    public void unwatch(int epoll) {
        doorbell.unwatch(epoll);
        ends.unwatch(epoll);
    }

    /** Ends it, when the loop serves it no more. */
    void close() {
        port.unplug(0);
        port.unplug(forwarder);
        doorbell.close();
        ends.close();
    }
}
