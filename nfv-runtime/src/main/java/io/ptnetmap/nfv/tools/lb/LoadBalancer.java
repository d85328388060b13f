// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.lb;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPoller;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Ring;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.nfv.tools.Idle;
import io.ptnetmap.nfv.tools.StopSignal;
import io.ptnetmap.nfv.tools.ToolException;
import io.ptnetmap.nfv.tools.ToolPorts;
import io.ptnetmap.nfv.tools.lb.LoadBalancerConfig.Group;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * netmap's lb: deals the packets of a port out to the pipes of a group, all of a flow to the same one and in order, without
 * copying. What the consumers of a group have given back goes on to the next group.
 *
 * <p>A packet for a pipe without room waits in that pipe's overflow queue, in one of the extra buffers; where there is none
 * left, the oldest of the longest queue are given up. Without extra buffers it is dropped. One thread.
 */
public final class LoadBalancer implements AutoCloseable {
    /** Most fragments of a queue that are given up at once. */
    private static final int REVOKED = 150;

    private static final long NAP_NANOS = 100_000_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final LoadBalancerConfig config;
    private final NetmapPort input;
    private final List<List<OutputPipe>> groups = new ArrayList<>();
    private final int[] freeBuffers;
    private int freeCount;
    private final FlowHash hash = new FlowHash();
    private final NetmapPoller poller = new NetmapPoller();

    private long received;
    private long nonIp;

    /**
     * Opens all ports.
     *
     * @throws io.ptnetmap.NetmapException if one cannot be opened
     * @throws ToolException if the input cannot be received from
     */
    public LoadBalancer(LoadBalancerConfig config, Netmap netmap) {
        this.config = config;
        input = ToolPorts.open(netmap, config.port(), config.extraBuffers());
        freeBuffers = new int[input.extraBufferCount()];
        try {
            if (input.rxRings().isEmpty()) {
                throw new ToolException(config.port() + " has no receive ring: open it without /T");
            }
            for (Group group : config.groups()) {
                List<OutputPipe> pipes = new ArrayList<>();
                groups.add(pipes);
                for (int i = 0; i < group.pipes(); i++) {
                    pipes.add(new OutputPipe(ToolPorts.open(netmap, group.pipe(i, input.memId()))));
                    requireShared(pipes.getLast().port);
                }
            }
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
        while (freeCount < freeBuffers.length) {
            freeBuffers[freeCount++] = input.takeExtraBuffer();
        }
    }

    private void requireShared(NetmapPort pipe) {
        if (!pipe.sharesMemoryWith(input)) {
            throw new ToolException(pipe.name() + " lies in region " + pipe.memId() + ", " + input.name() + " in "
                    + input.memId() + ": buffers cannot move between them; choose another name for the group");
        }
    }

    /** What the ports are, a line each. */
    public List<String> describe() {
        List<String> lines = new ArrayList<>();
        lines.add("opened " + input.name() + ": " + input.rxRings().size() + " rx rings, region " + input.memId() + ", "
                + freeBuffers.length + " extra buffers");
        for (List<OutputPipe> pipes : groups) {
            for (OutputPipe pipe : pipes) {
                lines.add("opened " + pipe.port.name() + ": " + pipe.ring.slots() + " slots");
            }
        }
        return lines;
    }

    /**
     * Deals packets out until {@code stop}, or until the input has ended.
     *
     * @param statistics are printed from time to time
     */
    public void run(StopSignal stop, Statistics statistics) {
        waitForLink(stop);
        Idle idle = new Idle();
        boolean ended = false;
        statistics.start(this);
        while (!stop.requested() && !ended) {
            int moved = turn();
            statistics.turn(this);
            if (moved != 0 || config.busyWait()) {
                idle.over();
            } else if (!idle.spins()) {
                ended = sleep();
            }
        }
        giveUpQueues();
        statistics.end(this);
    }

    /** What waits in queues is dropped. */
    private void giveUpQueues() {
        for (List<OutputPipe> pipes : groups) {
            for (OutputPipe pipe : pipes) {
                while (pipe.queue.size() > 0) {
                    long descriptor = pipe.queue.remove();
                    pipe.dropped(descriptor);
                    freeBuffers[freeCount++] = NetmapSlot.bufIdx(descriptor);
                }
            }
        }
    }

    private void waitForLink(StopSignal stop) {
        long end = System.nanoTime() + config.waitSeconds() * NANOS_PER_SECOND;
        while (!stop.requested() && System.nanoTime() < end) {
            LockSupport.parkNanos(Math.min(NAP_NANOS, end - System.nanoTime()));
        }
    }

    /** One round: what consumers have returned, what waits in queues, what has come in. Returns slots moved. */
    int turn() {
        int moved = 0;
        for (int i = groups.size() - 1; i >= 0; i--) {
            for (OutputPipe pipe : groups.get(i)) {
                pipe.ring.sync();
                moved += i + 1 < groups.size() ? passOn(pipe, groups.get(i + 1)) : 0;
                pipe.forgetReturned();
                moved += drain(pipe);
            }
        }
        for (int i = 0; i < input.rxRings().size(); i++) {
            moved += receive(input.rxRing(i));
        }
        if (moved != 0) {
            for (List<OutputPipe> pipes : groups) {
                for (OutputPipe pipe : pipes) {
                    pipe.ring.sync();
                }
            }
        }
        return moved;
    }

    private int receive(RxRing rx) {
        rx.sync();
        int slots = Math.min(config.batch(), rx.available());
        int taken = 0;
        while (taken < slots) {
            int slot = rx.fromHead(taken);
            int fragments = fragments(rx, slot, rx.available() - taken);
            if (fragments == 0) {
                break;
            }
            received++;
            List<OutputPipe> group = groups.getFirst();
            deal(rx, slot, fragments, group.get(choose(rx, slot, group.size(), true)));
            taken += fragments;
        }
        rx.advance(taken);
        if (taken != 0) {
            rx.sync();
        }
        return taken;
    }

    /** Slots of the packet that begins here; 0 where not all of it has come, unless it never can. */
    private static int fragments(Ring ring, int slot, int available) {
        int count = 1;
        int at = slot;
        while ((ring.flags(at) & NetmapSlot.NS_MOREFRAG) != 0) {
            if (count == available) {
                return available >= NetmapSlot.NETMAP_MAX_FRAGS || available == ring.slots() - 1 ? available : 0;
            }
            count++;
            at = ring.next(at);
        }
        return count;
    }

    private int choose(Ring ring, int slot, int pipes, boolean first) {
        int flow = hash.of(ring.bufferAddress(slot), ring.length(slot));
        if (flow == FlowHash.NOT_IP) {
            nonIp += first ? 1 : 0;
            return 0;
        }
        return flow % pipes;
    }

    /** Gives a packet's fragments to a pipe, to its queue, or up. Their slots get other buffers in exchange. */
    private void deal(Ring from, int slot, int fragments, OutputPipe pipe) {
        if (pipe.queue.size() == 0 && pipe.ring.available() < fragments) {
            pipe.ring.sync();
        }
        boolean direct = pipe.queue.size() == 0 && pipe.ring.available() >= fragments;
        boolean queued = !direct && (freeCount >= fragments || revoke(fragments));
        int at = slot;
        for (int i = 0; i < fragments; i++, at = from.next(at)) {
            long descriptor = from.descriptor(at);
            if (direct) {
                pipe.put(pipe.ring.fromHead(i));
                from.move(at, pipe.ring, pipe.ring.fromHead(i));
                pipe.forwarded(descriptor);
            } else if (queued) {
                pipe.queue.add(descriptor);
                from.descriptor(at, NetmapSlot.descriptor(freeBuffers[--freeCount], 0, NetmapSlot.NS_BUF_CHANGED));
            } else {
                from.vacate(at);
                pipe.dropped(descriptor);
            }
        }
        if (direct) {
            pipe.ring.advance(fragments);
        }
    }

    /** Gives up the oldest packets of the longest queue, for their buffers. False if that is not enough. */
    private boolean revoke(int needed) {
        OutputPipe longest = groups.getFirst().getFirst();
        for (List<OutputPipe> pipes : groups) {
            for (OutputPipe pipe : pipes) {
                longest = pipe.queue.size() > longest.queue.size() ? pipe : longest;
            }
        }
        int given = 0;
        boolean whole = true;
        while (longest.queue.size() > 0 && (given < REVOKED || !whole)) {
            long descriptor = longest.queue.remove();
            longest.dropped(descriptor);
            freeBuffers[freeCount++] = NetmapSlot.bufIdx(descriptor);
            whole = (NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) == 0;
            given++;
        }
        return freeCount >= needed;
    }

    /** Moves what waits in a pipe's queue into its ring, whole packets only. */
    private int drain(OutputPipe pipe) {
        int moved = 0;
        while (pipe.queue.size() > 0) {
            int fragments = 1;
            while (fragments < pipe.queue.size()
                    && (NetmapSlot.flags(pipe.queue.peek(fragments - 1)) & NetmapSlot.NS_MOREFRAG) != 0) {
                fragments++;
            }
            if (fragments > pipe.ring.available()) {
                break;
            }
            for (int i = 0; i < fragments; i++) {
                enterRing(pipe, pipe.ring.fromHead(i));
            }
            pipe.ring.advance(fragments);
            moved += fragments;
        }
        return moved;
    }

    private void enterRing(OutputPipe pipe, int slot) {
        TxRing ring = pipe.ring;
        pipe.put(slot);
        long descriptor = pipe.queue.remove();
        freeBuffers[freeCount++] = ring.bufferIndex(slot);
        int flags = NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG | NetmapSlot.NS_BUF_CHANGED;
        ring.descriptor(slot, NetmapSlot.withFlags(descriptor, flags));
        ring.ptr(slot, 0);
        pipe.forwarded(descriptor);
    }

    /** Deals out what a pipe's consumer has given back, unless it has taken the packet away. */
    private int passOn(OutputPipe pipe, List<OutputPipe> next) {
        int moved = 0;
        int chosen = -1;
        while (pipe.hasReturned()) {
            int slot = pipe.takeReturned();
            if (slot < 0) {
                continue;
            }
            boolean more = (pipe.ring.flags(slot) & NetmapSlot.NS_MOREFRAG) != 0;
            chosen = chosen < 0 ? choose(pipe.ring, slot, next.size(), false) : chosen;
            deal(pipe.ring, slot, 1, next.get(chosen));
            chosen = more ? chosen : -1;
            moved++;
        }
        return moved;
    }

    /** Sleeps until there is something to do. True if nothing can come any more. */
    private boolean sleep() {
        poller.add(input, Linux.POLLIN);
        for (int i = 0; i < groups.size(); i++) {
            for (OutputPipe pipe : groups.get(i)) {
                boolean waits = pipe.queue.size() > 0 || i + 1 < groups.size() && pipe.ring.pending() > 0;
                if (waits) {
                    pipe.ring.wakeAfter(pipe.ring.available());
                }
                poller.add(pipe.port, waits ? Linux.POLLOUT : 0);
            }
        }
        poller.await(NAP_NANOS);
        return Idle.ended(poller.ready(input)) && pending() == 0;
    }

    /** Slots that are still to be dealt out: in queues, or at consumers whose packets go on to another group. */
    private int pending() {
        int pending = 0;
        for (int i = 0; i < groups.size(); i++) {
            for (OutputPipe pipe : groups.get(i)) {
                pending += pipe.queue.size() + (i + 1 < groups.size() ? pipe.ring.pending() : 0);
            }
        }
        return pending;
    }

    List<List<OutputPipe>> groups() {
        return groups;
    }

    LoadBalancerConfig config() {
        return config;
    }

    long received() {
        return received;
    }

    long nonIp() {
        return nonIp;
    }

    int freeBuffers() {
        return freeCount;
    }

    /** Gives all ports back, and all buffers. */
    @Override
    public void close() {
        giveUpQueues();
        groups.forEach(pipes -> pipes.forEach(pipe -> pipe.port.close()));
        while (freeCount > 0) {
            input.returnExtraBuffer(freeBuffers[--freeCount]);
        }
        input.close();
        poller.close();
        hash.close();
    }
}
