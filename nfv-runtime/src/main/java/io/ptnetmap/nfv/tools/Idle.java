// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools;

import io.ptnetmap.NetmapPort;
import io.ptnetmap.linux.Linux;

/**
 * How a thread without work waits: it spins for a microsecond or two, gives way to others some times, since the work may have
 * to come from one that waits for this processor, then sleeps in poll, for a while at a time so that it sees a {@link
 * StopSignal}. For one thread.
 */
public final class Idle {
    private static final int SPINS = 50;
    private static final int YIELDS = 50;
    private static final long NAP_NANOS = 100_000_000;

    private int tries;

    /** There was work. */
    public void over() {
        tries = 0;
    }

    /** There was none: looks away for a moment, or says that it is time to sleep. */
    public boolean spins() {
        if (tries >= SPINS + YIELDS) {
            return false;
        }
        if (tries++ < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
        return true;
    }

    /**
     * There was none.
     *
     * @param events that there would be work after, of a port
     * @param mostNanos how long to sleep at most
     * @return what poll said, 0 where it was not asked
     */
    public int rest(NetmapPort port, int events, long mostNanos) {
        if (spins()) {
            return 0;
        }
        return port.poll(events, Math.min(NAP_NANOS, mostNanos));
    }

    /** Likewise, without a limit of one's own. */
    public int rest(NetmapPort port, int events) {
        return rest(port, events, NAP_NANOS);
    }

    /** Whether the port has ended and nothing is left in it: a capture file's end. */
    public static boolean ended(int revents) {
        return (revents & (Linux.POLLHUP | Linux.POLLIN)) == Linux.POLLHUP;
    }
}
