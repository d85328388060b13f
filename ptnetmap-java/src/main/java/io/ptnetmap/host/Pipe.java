// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import java.util.ArrayList;
import java.util.List;

/**
 * Both ends of a pipe as the host keeps them: created when the first end is opened, destroyed when both are closed (ABI
 * §9). In between, rings and lane state stay in the region exactly as the ends' processes leave them. Guarded by the
 * host's lock, see {@link Ports}.
 */
final class Pipe implements SlotOwner {
    static final int MASTER = 0;
    static final int SLAVE = 1;

    /**
     * One direction of one ring pair.
     *
     * @param sender the end that transmits
     * @param ring ring number at both ends
     * @param state offset of the {@link PipeLane}
     * @param txRing offset of the sender's ring
     * @param rxRing offset of the receiver's ring
     */
    private record Lane(int sender, int ring, long state, long txRing, long rxRing) {}

    private final Region region;
    private final String name;
    private final List<Lane> lanes = new ArrayList<>();
    private final int[] ringCount;
    private final int[] slotCount;
    private final int[] eventfds;
    /** Per end: bound rings, as {@code 2 * ring + (transmit ? 1 : 0)}. */
    private final List<List<Integer>> bound = List.of(new ArrayList<>(), new ArrayList<>());
    /** Open ports on both ends; one may have no rings (ABI §5.3). */
    private int users;

    /**
     * @param firstEnd the end that is opened first; its rings come first in the pool
     * @param ringCount transmit rings of master and slave
     * @param slotCount slots of the transmit rings of master and slave
     */
    Pipe(Region region, String name, int firstEnd, int[] ringCount, int[] slotCount) {
        this(region, name, firstEnd, ringCount, slotCount, true);
    }

    private Pipe(Region region, String name, int firstEnd, int[] ringCount, int[] slotCount, boolean sleepers) {
        this.region = region;
        this.name = name;
        this.ringCount = ringCount;
        this.slotCount = slotCount;
        region.requireRoom(
                2 * (ringCount[MASTER] + ringCount[SLAVE]),
                Math.max(slotCount[MASTER], slotCount[SLAVE]),
                ringCount[MASTER] * slotCount[MASTER] + ringCount[SLAVE] * slotCount[SLAVE]);
        this.eventfds = sleepers ? new int[] {Linux.eventfd(), Linux.eventfd()} : new int[0];
        createLanes(firstEnd);
    }

    /**
     * The lanes of a monitor: it has the slave's end, and whoever runs the ring that lane <i>k</i> watches has transmit ring
     * <i>k</i> of the master's. Nobody there sleeps on an eventfd of the pipe's.
     */
    static Pipe forMonitor(Region region, String name, int lanes, int slots) {
        return new Pipe(region, name, SLAVE, new int[] {lanes, 0}, new int[] {slots, slots}, false);
    }

    private void createLanes(int firstEnd) {
        int other = 1 - firstEnd;
        // netmap's order: the first end's receive rings, its transmit rings, then the other end's likewise. Buffers
        // go to the rings that are created first; the far ends mirror them.
        List<Long> receive = rings(other, false);
        List<Long> transmit = rings(firstEnd, true);
        receive.forEach(ring -> region.fillRing(ring, slotCount[other]));
        transmit.forEach(ring -> region.fillRing(ring, slotCount[firstEnd]));
        List<Long> farReceive = rings(firstEnd, false);
        List<Long> farTransmit = rings(other, true);
        for (int i = 0; i < receive.size(); i++) {
            region.mirrorRing(receive.get(i), farTransmit.get(i), slotCount[other]);
            lanes.add(new Lane(other, i, region.allocateLane(), farTransmit.get(i), receive.get(i)));
        }
        for (int i = 0; i < transmit.size(); i++) {
            region.mirrorRing(transmit.get(i), farReceive.get(i), slotCount[firstEnd]);
            lanes.add(new Lane(firstEnd, i, region.allocateLane(), transmit.get(i), farReceive.get(i)));
        }
    }

    /** The transmit rings of {@code sender}, or the receive rings that face them. */
    private List<Long> rings(int sender, boolean transmit) {
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < ringCount[sender]; i++) {
            offsets.add(region.allocateRing(i, transmit, slotCount[sender]));
        }
        return offsets;
    }

    Region region() {
        return region;
    }

    int txRings(int end) {
        return ringCount[end];
    }

    int rxRings(int end) {
        return ringCount[1 - end];
    }

    int txSlots(int end) {
        return slotCount[end];
    }

    int rxSlots(int end) {
        return slotCount[1 - end];
    }

    /** The eventfd that wakes whoever has opened {@code end}. */
    int eventfd(int end) {
        return eventfds[end];
    }

    /** Whether somebody has a ring of this end open. */
    boolean isOpen(int end) {
        return !bound.get(end).isEmpty();
    }

    boolean isBound(int end, int ring, boolean transmit) {
        return bound.get(end).contains(key(ring, transmit));
    }

    /** Marks a ring as opened and returns what its process needs to run it. */
    LaneEnd bind(int end, int ring, boolean transmit) {
        bound.get(end).add(key(ring, transmit));
        Lane lane = lane(transmit ? end : 1 - end, ring);
        return new LaneEnd(transmit, ring, lane.state(), lane.txRing(), lane.rxRing());
    }

    /** A port more on one of the ends. */
    void open() {
        users++;
    }

    @Override
    public void close(List<Grant.HeldRing> rings) {
        users--;
        rings.forEach(ring -> unbind(ring.end(), ring.ring(), ring.transmit()));
        // Who has died may have given slots or packets over, and not have come to ring.
        if (eventfds.length != 0) {
            rings.stream().map(Grant.HeldRing::end).distinct().forEach(end -> Linux.eventfdSignal(eventfds[1 - end]));
        }
    }

    @Override
    public boolean isOpen() {
        return users > 0;
    }

    /** The ring's user is gone: nobody wants to be woken, nor fences. */
    private void unbind(int end, int ring, boolean transmit) {
        bound.get(end).remove((Integer) key(ring, transmit));
        Lane lane = lane(transmit ? end : 1 - end, ring);
        Memory.putLongRelease(region.address() + lane.state() + (transmit ? PipeLane.TX_ARMED : PipeLane.RX_ARMED), 0);
    }

    private static int key(int ring, boolean transmit) {
        return 2 * ring + (transmit ? 1 : 0);
    }

    private Lane lane(int sender, int ring) {
        return lanes.stream()
                .filter(lane -> lane.sender() == sender && lane.ring() == ring)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public int slots() {
        return lanes.stream().mapToInt(lane -> slotCount[lane.sender()]).sum();
    }

    @Override
    public void forEachSlot(Visitor visitor) {
        for (Lane lane : lanes) {
            visit(lane, true, visitor);
            visit(lane, false, visitor);
        }
    }

    @Override
    public void forEachAbandonedSlot(boolean transmit, Visitor visitor) {
        for (Lane lane : lanes) {
            int end = transmit ? lane.sender() : 1 - lane.sender();
            if (!isBound(end, lane.ring(), transmit)) {
                visit(lane, transmit, visitor);
            }
        }
    }

    private void visit(Lane lane, boolean transmit, Visitor visitor) {
        long state = region.address() + lane.state();
        int slots = slotCount[lane.sender()];
        int released = PipeLane.slotAt(state + PipeLane.RELEASED, slots);
        int published = PipeLane.published(state, region.address() + lane.rxRing(), slots);
        long ring = region.address() + (transmit ? lane.txRing() : lane.rxRing());
        for (int k = 0; k < slots; k++) {
            if (PipeLane.receiverOwns(k, released, published) != transmit) {
                visitor.slot(NetmapRing.slot(ring, k));
            }
        }
    }

    @Override
    public PortShape shape(int end) {
        return new PortShape(txRings(end), txSlots(end), rxRings(end), rxSlots(end));
    }

    @Override
    public long openRing(Grant.HeldRing ring) {
        if (!isBound(ring.end(), ring.ring(), ring.transmit())) {
            return 0;
        }
        Lane lane = lane(ring.transmit() ? ring.end() : 1 - ring.end(), ring.ring());
        return ring.transmit() ? lane.txRing() : lane.rxRing();
    }

    @Override
    public void destroy() {
        for (Lane lane : lanes) {
            region.freeRing(lane.txRing());
            region.freeRing(lane.rxRing());
            region.freeLane(lane.state());
        }
        lanes.clear();
        for (int eventfd : eventfds) {
            Linux.close(eventfd);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
