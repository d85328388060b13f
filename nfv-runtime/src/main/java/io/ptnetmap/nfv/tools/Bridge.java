// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPoller;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.linux.Linux;
import java.io.PrintWriter;
import java.util.concurrent.locks.LockSupport;

/**
 * netmap's bridge: what comes in at one port goes out at the other, both ways, or what comes in at a port goes out there
 * again. Buffers move where both ports lie in one region; otherwise packets are copied. One thread.
 */
public final class Bridge {
    private static final long NAP_NANOS = 100_000_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final Settings settings;
    private final PrintWriter err;
    private long forwarded;
    private long returned;

    /**
     * What to join, and how.
     *
     * @param first port's specification
     * @param second the other's; empty = loopback, what comes in at the first goes out there
     * @param burst most slots at a time
     * @param waitSeconds for links to come up
     * @param copy whether to copy even where buffers could move
     * @param verbose whether to say what is moved
     */
    public record Settings(String first, String second, int burst, int waitSeconds, boolean copy, boolean verbose) {
        /** @throws ToolException if it cannot be done */
        public Settings {
            ToolLimits.requireBurst(burst);
            ToolLimits.requireWait(waitSeconds);
        }
    }

    /** @param err gets what there is to say */
    public Bridge(Settings settings, PrintWriter err) {
        this.settings = settings;
        this.err = err;
    }

    /**
     * Runs until {@code stop}, or until both ports have ended, as capture files do.
     *
     * @return slots moved from the first port to the second, then back
     * @throws io.ptnetmap.NetmapException if a port cannot be opened, or fails
     */
    public long[] run(Netmap netmap, StopSignal stop) {
        try (NetmapPort first = ToolPorts.open(netmap, settings.first())) {
            if (settings.second().isEmpty()) {
                run(first, first, stop);
            } else {
                try (NetmapPort second = ToolPorts.open(netmap, settings.second())) {
                    run(first, second, stop);
                }
            }
        }
        return new long[] {forwarded, returned};
    }

    private void run(NetmapPort first, NetmapPort second, StopSignal stop) {
        boolean shared = first.sharesMemoryWith(second);
        say((settings.copy() || !shared ? "copy" : "zero-copy") + " between " + first.name() + ": "
                + first.rxRings().size() + " rx, " + first.txRings().size() + " tx rings, and " + second.name() + ": "
                + second.rxRings().size() + " rx, " + second.txRings().size() + " tx rings"
                + (shared ? "" : "; they lie in regions " + first.memId() + " and " + second.memId()));
        if (!canPass(first, second) && !canPass(second, first)) {
            throw new ToolException(first.name() + " and " + second.name()
                    + " have no receive ring on one side and transmit ring on the other: nothing can pass");
        }
        waitForLinks(stop);
        PacketMover mover = new PacketMover(settings.copy());
        boolean loopback = first == second;
        Idle idle = new Idle();
        long reported = System.nanoTime();
        try (NetmapPoller poller = new NetmapPoller()) {
            while (!stop.requested()) {
                int there = move(mover, first, second);
                int back = loopback ? 0 : move(mover, second, first);
                forwarded += there;
                returned += back;
                if (settings.verbose() && System.nanoTime() - reported > NANOS_PER_SECOND) {
                    say(first.name() + " -> " + second.name() + " " + forwarded + ", back " + returned + " slots");
                    reported = System.nanoTime();
                }
                if (there + back != 0) {
                    idle.over();
                } else if (!idle.spins()) {
                    poller.add(first, events(first, second));
                    poller.add(second, loopback ? events(first, first) : events(second, first));
                    poller.await(NAP_NANOS);
                    if (hasEnded(poller, first, second) && (loopback || hasEnded(poller, second, first))) {
                        flush(first, second, stop);
                        return;
                    }
                }
            }
        }
    }

    private static boolean canPass(NetmapPort from, NetmapPort to) {
        return !from.rxRings().isEmpty() && !to.txRings().isEmpty();
    }

    private void say(String line) {
        err.println(line);
        err.flush();
    }

    private void waitForLinks(StopSignal stop) {
        if (settings.waitSeconds() > 0) {
            say("Wait " + settings.waitSeconds() + " secs for link to come up...");
            long end = System.nanoTime() + settings.waitSeconds() * NANOS_PER_SECOND;
            while (!stop.requested() && System.nanoTime() < end) {
                LockSupport.parkNanos(Math.min(NAP_NANOS, end - System.nanoTime()));
            }
        }
        say("Ready to go, " + settings.first() + " <-> "
                + (settings.second().isEmpty() ? settings.first() : settings.second()) + ".");
    }

    /** One round over the rings of a direction. Ring k goes to ring k, modulo their number. Returns slots moved. */
    private int move(PacketMover mover, NetmapPort from, NetmapPort to) {
        int outputs = to.txRings().size();
        if (outputs == 0) {
            return 0;
        }
        int moved = 0;
        for (int i = 0; i < from.rxRings().size(); i++) {
            RxRing rx = from.rxRing(i);
            TxRing tx = to.txRing(i % outputs);
            rx.sync();
            if (rx.available() == 0) {
                continue;
            }
            if (tx.available() < rx.available()) {
                tx.sync();
            }
            int some = mover.move(rx, tx, settings.burst());
            if (some != 0) {
                tx.sync();
                moved += some;
            }
        }
        return moved;
    }

    /** An idle source is waited for; where packets wait, the sink is. */
    private static int events(NetmapPort port, NetmapPort other) {
        int events = canPass(port, other) && !hasPackets(port) ? Linux.POLLIN : 0;
        return canPass(other, port) && hasPackets(other) ? events | Linux.POLLOUT : events;
    }

    private static boolean hasPackets(NetmapPort port) {
        for (int i = 0; i < port.rxRings().size(); i++) {
            if (port.rxRing(i).available() > 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasEnded(NetmapPoller poller, NetmapPort from, NetmapPort to) {
        return !canPass(from, to) || Idle.ended(poller.ready(from)) && !hasPackets(from);
    }

    /** What was given to the ports shall leave them, as long as something does. */
    private void flush(NetmapPort first, NetmapPort second, StopSignal stop) {
        long last = Long.MAX_VALUE;
        long since = System.nanoTime();
        while (!stop.requested()) {
            long pending = pending(first) + (first == second ? 0 : pending(second));
            long now = System.nanoTime();
            if (pending < last) {
                last = pending;
                since = now;
            }
            if (pending == 0 || now - since > NANOS_PER_SECOND) {
                return;
            }
            LockSupport.parkNanos(100_000);
        }
    }

    private static long pending(NetmapPort port) {
        long pending = 0;
        for (TxRing ring : port.txRings()) {
            ring.sync();
            pending += ring.pending();
        }
        return pending;
    }
}
