// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortReply;
import io.ptnetmap.memory.Memory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;

/**
 * The monitors of a host: which lanes of theirs watch which rings. Rings come and go under a monitor as their users open and close
 * them. Guarded by the host's lock, see {@link Ports}.
 *
 * <p>A lane whose ring is open has two users, as one of a pipe: the monitor, and whoever runs the ring. The latter is entered as a
 * {@link Grant} among the region's, so that the slots of both are accounted for whoever dies when.
 */
final class Monitors {
    /** How long to wait for a sender to leave a lane: longer than any copying takes, if it runs. */
    private static final long PATIENCE = 20_000_000;

    /** A ring that is watched by a lane of a monitor. */
    static final class Tap {
        private final SlotOwner watched;
        private final Grant.HeldRing ring;
        private final boolean zeroCopy;

        /** While the ring is open: its offset, the lane, and the user at the lane's sending end. */
        private long ringOffset;

        private LaneEnd lane;
        private Grant side;

        /** @param watched whose ring it is */
        Tap(SlotOwner watched, Grant.HeldRing ring, boolean zeroCopy) {
            this.watched = watched;
            this.ring = ring;
            this.zeroCopy = zeroCopy;
        }

        private boolean active() {
            return side != null;
        }

        private long openRing() {
            return watched.openRing(ring);
        }
    }

    private static final class Monitor {
        final Grant grant;
        final Pipe lanes;
        final List<Tap> taps;
        /** The monitor itself has been closed. */
        boolean closed;
        /** What it watches has. */
        boolean ended;

        Monitor(Grant grant, Pipe lanes, List<Tap> taps) {
            this.grant = grant;
            this.lanes = lanes;
            this.taps = taps;
        }
    }

    private final Regions regions;
    private final List<Monitor> monitors = new ArrayList<>();
    /** By region and offset of the ring: in the order in which senders find them. */
    private final Map<WatchedRing, LinkedList<Tap>> chains = new HashMap<>();

    private int lastNumber;

    private record WatchedRing(Region region, long ring) {}

    /** @param regions with the open ports of each, to which the lanes' senders are added */
    Monitors(Regions regions) {
        this.regions = regions;
    }

    /** Whether the ring that is to be watched is so already, by one that takes its buffers. */
    boolean passesOn(Tap wanted) {
        return monitors.stream()
                .filter(monitor -> !monitor.closed && !monitor.ended)
                .flatMap(monitor -> monitor.taps.stream())
                .anyMatch(tap -> tap.zeroCopy && tap.watched == wanted.watched && tap.ring.equals(wanted.ring));
    }

    /**
     * Adds a monitor.
     *
     * @param grant that of the monitor's port, which owns the lanes
     * @param taps by lane
     */
    void add(Grant grant, List<Tap> taps) {
        Monitor monitor = new Monitor(grant, (Pipe) grant.owner(), taps);
        monitors.add(monitor);
        follow(monitor);
    }

    /** Rings may have been opened that are watched. */
    void follow() {
        monitors.forEach(this::follow);
    }

    private void follow(Monitor monitor) {
        for (int lane = 0; lane < monitor.taps.size() && !monitor.closed && !monitor.ended; lane++) {
            Tap tap = monitor.taps.get(lane);
            long ring = tap.active() ? 0 : tap.openRing();
            if (ring != 0) {
                activate(monitor, tap, lane, ring);
            }
        }
    }

    /** Ends the monitors among these ports. A sender that does not leave a lane in time keeps it until it does, or dies. */
    void close(List<Grant> ports) {
        for (Monitor monitor : monitors) {
            if (!monitor.closed && ports.contains(monitor.grant)) {
                monitor.closed = true;
                monitor.taps.stream().filter(Tap::active).forEach(tap -> unlink(monitor, tap));
                long deadline = System.nanoTime() + PATIENCE;
                while (monitor.taps.stream().anyMatch(tap -> tap.active() && busy(monitor, tap))
                        && System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    /**
     * Ports of a region have been closed: those that ran rings are gone from lanes that watch these.
     *
     * @return the users at lanes' sending ends that are no more
     */
    List<Grant> settle(Region region) {
        List<Grant> ended = new ArrayList<>();
        for (Monitor monitor : monitors) {
            if (monitor.grant.region() == region) {
                monitor.taps.stream()
                        .filter(tap -> tap.active() && (tap.openRing() == 0 || monitor.closed && !busy(monitor, tap)))
                        .forEach(tap -> ended.add(deactivate(monitor, tap)));
                if (!monitor.closed && !monitor.ended && !anyOpen(monitor.taps.getFirst())) {
                    end(monitor);
                }
            }
        }
        monitors.removeIf(monitor -> monitor.closed && monitor.taps.stream().noneMatch(Tap::active));
        return ended;
    }

    /** Whether any ring is open of the port that a ring belongs to. */
    private static boolean anyOpen(Tap tap) {
        int end = tap.ring.end();
        return tap.watched.shape(end).rings(end).stream().anyMatch(ring -> tap.watched.openRing(ring) != 0);
    }

    private static long address(Monitor monitor, Tap tap) {
        return monitor.grant.region().address() + tap.lane.lane();
    }

    private static boolean busy(Monitor monitor, Tap tap) {
        return MonitorLane.busy(address(monitor, tap));
    }

    private void activate(Monitor monitor, Tap tap, int number, long ring) {
        Region region = monitor.grant.region();
        tap.ringOffset = ring;
        tap.lane = monitor.lanes.bind(Pipe.MASTER, number, true);
        monitor.lanes.open();
        tap.side = new Grant(
                region,
                monitor.grant.interfaceOffset(),
                new Registration(withoutExtras(monitor.grant.registration().reply()), List.of()),
                List.of(new Grant.HeldRing(Pipe.MASTER, number, true)),
                -1,
                -1,
                monitor.lanes);
        regions.open(region).add(tap.side);
        LinkedList<Tap> chain = chains.computeIfAbsent(new WatchedRing(region, ring), none -> new LinkedList<>());
        long lane = address(monitor, tap);
        Memory.putInt(lane + MonitorLane.NEXT, chain.isEmpty() ? 0 : name(region, chain.getFirst()));
        Memory.putInt(lane + MonitorLane.TX_RING, region.ringIndex(tap.lane.txRing()));
        Memory.putInt(lane + MonitorLane.RX_RING, region.ringIndex(tap.lane.rxRing()));
        Memory.putInt(lane + MonitorLane.SLOTS, monitor.lanes.txSlots(Pipe.MASTER));
        Memory.putInt(
                lane + MonitorLane.KIND,
                (tap.ring.transmit() ? MonitorLane.TRANSMIT : 0) | (tap.zeroCopy ? MonitorLane.ZERO_COPY : 0));
        lastNumber = lastNumber == Integer.MAX_VALUE ? 1 : lastNumber + 1;
        MonitorLane.open(lane, lastNumber);
        // In front: so the word that senders look at changes with each one that comes.
        chain.addFirst(tap);
        region.watch(ring, name(region, tap));
    }

    private static PortReply withoutExtras(PortReply reply) {
        return new PortReply(
                reply.offset(),
                reply.memsize(),
                reply.txSlots(),
                reply.rxSlots(),
                reply.txRings(),
                reply.rxRings(),
                0,
                0,
                reply.memId(),
                0);
    }

    /** By which senders find the lane. */
    private static int name(Region region, Tap tap) {
        return region.laneIndex(tap.lane.lane()) + 1;
    }

    /** Has senders find the lane no more. */
    private void unlink(Monitor monitor, Tap tap) {
        Region region = monitor.grant.region();
        MonitorLane.close(address(monitor, tap));
        WatchedRing watched = new WatchedRing(region, tap.ringOffset);
        LinkedList<Tap> chain = chains.get(watched);
        if (chain == null || !chain.contains(tap)) {
            return;
        }
        int at = chain.indexOf(tap);
        chain.remove(at);
        int next = at < chain.size() ? name(region, chain.get(at)) : 0;
        if (at == 0) {
            region.watch(tap.ringOffset, next);
        } else {
            Memory.putIntRelease(region.address() + chain.get(at - 1).lane.lane() + MonitorLane.NEXT, next);
        }
        if (chain.isEmpty()) {
            chains.remove(watched);
        }
    }

    private Grant deactivate(Monitor monitor, Tap tap) {
        unlink(monitor, tap);
        Grant side = tap.side;
        tap.side = null;
        regions.open(side.region()).remove(side);
        side.owner().close(side.rings());
        return side;
    }

    private static void end(Monitor monitor) {
        monitor.ended = true;
        Region region = monitor.grant.region();
        for (LaneEnd lane : monitor.grant.registration().lanes()) {
            Memory.putIntRelease(region.address() + lane.lane() + MonitorLane.ENDED, 1);
        }
        region.view().bell().ring();
    }
}
