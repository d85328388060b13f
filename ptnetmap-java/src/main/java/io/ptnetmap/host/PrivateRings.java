// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import java.util.ArrayList;
import java.util.List;

/**
 * Rings that one process has to itself, with a buffer in every slot. Either they never move, those of a null port (ABI §14):
 * all but one of its transmit slots are its user's for good, a place to keep buffers of the region in, where the engine
 * parks packets between threads. Or the process joins them to a network interface, see {@link InterfaceBinding}. Guarded by
 * the host's lock, see {@link Ports}.
 */
final class PrivateRings implements SlotOwner {
    private static final int LEAST_RESERVE = 64;
    /** What part of the buffers that are left may go into reserves. */
    private static final int PART_FOR_RESERVES = 4;

    private final Region region;
    private final String name;
    private final List<Integer> tx;
    private final List<Integer> rx;
    private final int txSlots;
    private final int rxSlots;
    private final List<Long> txRings = new ArrayList<>();
    private final List<Long> rxRings = new ArrayList<>();
    /** One for each receive ring, of this many slots; none without. */
    private final List<Long> reserves = new ArrayList<>();

    private int reserved;
    private boolean open = true;

    /**
     * @param name of the port
     * @param tx numbers of the transmit rings to make
     * @param rx numbers of the receive rings to make
     */
    PrivateRings(Region region, String name, List<Integer> tx, int txSlots, List<Integer> rx, int rxSlots) {
        this.region = region;
        this.name = name;
        this.tx = tx;
        this.rx = rx;
        this.txSlots = txSlots;
        this.rxSlots = rxSlots;
        region.requireRoom(
                tx.size() + rx.size(), Math.max(txSlots, rxSlots), tx.size() * txSlots + rx.size() * rxSlots);
        for (int ring : rx) {
            rxRings.add(region.allocateFilledRing(ring, false, rxSlots));
        }
        for (int ring : tx) {
            txRings.add(region.allocateFilledRing(ring, true, txSlots));
        }
    }

    /**
     * Adds a ring of spare buffers to each receive ring, for the kernel to receive into, which no program sees. Makes them
     * smaller, or none, where the region has not much left.
     *
     * @return slots of each, 0 = none
     */
    int addReserves() {
        int room = region.buffers().available() / PART_FOR_RESERVES / Math.max(1, rxRings.size());
        int slots = Math.min(Integer.highestOneBit(room), RegionConfig.INTERFACE_RESERVE);
        if (slots >= LEAST_RESERVE && region.hasRings(rxRings.size(), slots)) {
            reserved = slots;
            for (int i = 0; i < rxRings.size(); i++) {
                reserves.add(region.allocateFilledRing(i, false, slots));
            }
        }
        return reserved;
    }

    /** The port's name. */
    String name() {
        return name;
    }

    List<Long> txRings() {
        return txRings;
    }

    List<Long> rxRings() {
        return rxRings;
    }

    /** Offsets of the reserves, of the first receive ring first. */
    List<Long> reserves() {
        return reserves;
    }

    @Override
    public int slots() {
        return txRings.size() * txSlots + rxRings.size() * rxSlots + reserves.size() * reserved;
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
        if (transmit) {
            visit(txRings, txSlots, visitor);
        } else {
            visit(rxRings, rxSlots, visitor);
            visit(reserves, reserved, visitor);
        }
    }

    private void visit(List<Long> rings, int slots, Visitor visitor) {
        for (long ring : rings) {
            for (int k = 0; k < slots; k++) {
                visitor.slot(NetmapRing.slot(region.address() + ring, k));
            }
        }
    }

    @Override
    public PortShape shape(int none) {
        return new PortShape(rings(tx), txSlots, rings(rx), rxSlots);
    }

    private static int rings(List<Integer> numbers) {
        return numbers.isEmpty() ? 0 : numbers.getLast() + 1;
    }

    @Override
    public long openRing(Grant.HeldRing ring) {
        int index = (ring.transmit() ? tx : rx).indexOf(ring.ring());
        return open && index >= 0 ? (ring.transmit() ? txRings : rxRings).get(index) : 0;
    }

    @Override
    public void destroy() {
        txRings.forEach(region::freeRing);
        rxRings.forEach(region::freeRing);
        reserves.forEach(region::freeRing);
    }
}
