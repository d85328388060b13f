// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import java.util.ArrayList;
import java.util.List;

/**
 * Rings that one process has to itself, with a buffer in every slot. Either they never move, those of a null port (ABI §14):
 * all but one of its transmit slots are its user's for good, a place to keep buffers of the region in, where the engine
 * parks packets between threads. Or the process joins them to a network interface, see {@link InterfaceBinding}. Guarded by
 * the host's lock.
 */
final class PrivateRings implements SlotOwner {
    private final Region region;
    private final int txSlots;
    private final int rxSlots;
    private final List<Long> txRings = new ArrayList<>();
    private final List<Long> rxRings = new ArrayList<>();
    private boolean open = true;

    PrivateRings(Region region, int txRingCount, int txSlots, int rxRingCount, int rxSlots) {
        this.region = region;
        this.txSlots = txSlots;
        this.rxSlots = rxSlots;
        region.requireRoom(
                txRingCount + rxRingCount, Math.max(txSlots, rxSlots), txRingCount * txSlots + rxRingCount * rxSlots);
        for (int i = 0; i < rxRingCount; i++) {
            rxRings.add(filled(i, false, rxSlots));
        }
        for (int i = 0; i < txRingCount; i++) {
            txRings.add(filled(i, true, txSlots));
        }
    }

    private long filled(int ringId, boolean transmit, int slots) {
        long ring = region.allocateRing(ringId, transmit, slots);
        region.fillRing(ring, slots);
        return ring;
    }

    List<Long> txRings() {
        return txRings;
    }

    List<Long> rxRings() {
        return rxRings;
    }

    @Override
    public int slots() {
        return txRings.size() * txSlots + rxRings.size() * rxSlots;
    }

    @Override
    public void close(List<Grant.HeldRing> none) {
        open = false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void forEachAbandonedSlot(boolean transmit, Visitor visitor) {
        if (!open) {
            visit(transmit, visitor);
        }
    }

    @Override
    public void forEachSlot(Visitor visitor) {
        visit(true, visitor);
        visit(false, visitor);
    }

    private void visit(boolean transmit, Visitor visitor) {
        int slots = transmit ? txSlots : rxSlots;
        for (long ring : transmit ? txRings : rxRings) {
            for (int k = 0; k < slots; k++) {
                visitor.slot(NetmapRing.slot(region.address() + ring, k));
            }
        }
    }

    @Override
    public void destroy() {
        txRings.forEach(region::freeRing);
        rxRings.forEach(region::freeRing);
    }
}
