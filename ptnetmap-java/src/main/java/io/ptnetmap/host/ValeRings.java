// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import java.util.ArrayList;
import java.util.List;

/**
 * The rings of a switch port while anybody has it open. Each ring may be open once; what nobody has open, senders find closed.
 * Guarded by the host's lock, see {@link Ports}.
 */
final class ValeRings implements SlotOwner {
    private final Region region;
    private final ValePort port;
    private final List<Long> txRings = new ArrayList<>();
    private final List<Long> rxRings = new ArrayList<>();
    /** By ring; null where it is not open. */
    private final ValeTx[] txEnds;

    private final ValeRx[] rxEnds;
    private int users;

    ValeRings(Region region, ValePort port) {
        this.region = region;
        this.port = port;
        PortShape shape = port.shape();
        this.txEnds = new ValeTx[shape.txRings()];
        this.rxEnds = new ValeRx[shape.rxRings()];
        region.requireRoom(shape.txRings() + shape.rxRings(), Math.max(shape.txSlots(), shape.rxSlots()), slots());
        for (int i = 0; i < shape.rxRings(); i++) {
            rxRings.add(region.allocateFilledRing(i, false, shape.rxSlots()));
        }
        for (int i = 0; i < shape.txRings(); i++) {
            txRings.add(region.allocateFilledRing(i, true, shape.txSlots()));
        }
    }

    Region region() {
        return region;
    }

    ValePort port() {
        return port;
    }

    boolean isBound(Grant.HeldRing ring) {
        return (ring.transmit() ? txEnds[ring.ring()] : rxEnds[ring.ring()]) != null;
    }

    /** Adds a user, for whom these rings begin to work, empty. */
    void open(List<Grant.HeldRing> held) {
        users++;
        for (Grant.HeldRing ring : held) {
            if (ring.transmit()) {
                openTx(ring.ring());
            } else {
                openRx(ring.ring());
            }
        }
    }

    private void openTx(int ring) {
        long address = region.address() + txRings.get(ring);
        int slots = port.shape().txSlots();
        Forwarder forwarder = new Forwarder(port, ring, region.view(), address, slots);
        txEnds[ring] = new ValeTx(region.view(), address, slots, forwarder);
        txEnds[ring].writeHeader();
        port.plug(forwarder);
    }

    private void openRx(int ring) {
        long address = region.address() + rxRings.get(ring);
        int slots = port.shape().rxSlots();
        ValeQueue queue = new ValeQueue(region.view(), address, slots, 0);
        rxEnds[ring] = new ValeRx(region.view(), address, slots, queue);
        rxEnds[ring].writeHeader();
        port.plug(ring, queue);
    }

    ValeTx tx(int ring) {
        return txEnds[ring];
    }

    ValeRx rx(int ring) {
        return rxEnds[ring];
    }

    /** Where a ring lies. */
    long offset(Grant.HeldRing ring) {
        return (ring.transmit() ? txRings : rxRings).get(ring.ring());
    }

    @Override
    public int slots() {
        PortShape shape = port.shape();
        return shape.txRings() * shape.txSlots() + shape.rxRings() * shape.rxSlots();
    }

    @Override
    public void forEachSlot(Visitor visitor) {
        visit(true, true, visitor);
        visit(false, true, visitor);
    }

    @Override
    public void forEachAbandonedSlot(boolean transmit, Visitor visitor) {
        visit(transmit, false, visitor);
    }

    private void visit(boolean transmit, boolean openOnes, Visitor visitor) {
        List<Long> rings = transmit ? txRings : rxRings;
        RingEnd[] ends = transmit ? txEnds : rxEnds;
        int slots = transmit ? port.shape().txSlots() : port.shape().rxSlots();
        for (int i = 0; i < rings.size(); i++) {
            for (int k = 0; (openOnes || ends[i] == null) && k < slots; k++) {
                visitor.slot(NetmapRing.slot(region.address() + rings.get(i), k));
            }
        }
    }

    /** Takes a user away. When this returns, nobody forwards from its rings, or fills them. */
    @Override
    public void close(List<Grant.HeldRing> held) {
        for (Grant.HeldRing ring : held) {
            if (ring.transmit()) {
                port.unplug(txEnds[ring.ring()].forwarder());
                txEnds[ring.ring()] = null;
            } else {
                port.unplug(ring.ring());
                rxEnds[ring.ring()] = null;
            }
        }
        users--;
    }

    @Override
    public boolean isOpen() {
        return users > 0;
    }

    @Override
    public PortShape shape(int none) {
        return port.shape();
    }

    @Override
    public long openRing(Grant.HeldRing ring) {
        return isBound(ring) ? offset(ring) : 0;
    }

    @Override
    public void destroy() {
        txRings.forEach(region::freeRing);
        rxRings.forEach(region::freeRing);
    }
}
