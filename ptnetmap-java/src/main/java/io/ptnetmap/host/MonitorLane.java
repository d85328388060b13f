// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.memory.Memory;
import java.lang.invoke.VarHandle;

/**
 * The lane by which a monitored ring's packets come to a monitor: a {@link PipeLane} whose sender is the process that runs the
 * monitored ring, with words of its own in the room that is left there.
 *
 * <pre>
 *   272  BUSY      sender   the lane's number while it is at the lane, else 0
 *   280  SHOWN     sender   packets that it has put into the lane (8)
 *   288  MISSED    sender   packets that it has not, for want of room (8)
 *   448  NUMBER    host     what this use of the lane is called; 0 = it has ended
 *   452  NEXT      host     1 + index of the next lane that watches the same ring; 0 = none
 *   456  TX_RING   host     index of the sender's ring among the rings of the region
 *   460  RX_RING   host     likewise of the receiver's
 *   464  SLOTS     host     of each
 *   468  KIND      host     {@link #TRANSMIT}, {@link #ZERO_COPY}
 *   472  ENDED     host     whether the monitored port has gone
 * </pre>
 *
 * <p>Who runs a ring finds its first lane by a word of the region's control area ({@link RegionView#watchWord}), 0 as long as
 * nobody watches. When a monitor goes, its memory must not be written any more, by a process that the host cannot stop. So the
 * sender takes {@code BUSY}, passes a fence and looks whether the lane still bears the number that it knows; the host takes the
 * number away, passes a fence and waits until {@code BUSY} is 0. A sender that comes late, when the lane is another's, finds
 * another number and takes nobody's {@code BUSY} away.
 */
final class MonitorLane {
    static final int BUSY = 272;
    static final int SHOWN = 280;
    static final int MISSED = 288;
    static final int NUMBER = 448;
    static final int NEXT = 452;
    static final int TX_RING = 456;
    static final int RX_RING = 460;
    static final int SLOTS = 464;
    static final int KIND = 468;
    static final int ENDED = 472;

    /** The ring is one that its user sends by. */
    static final int TRANSMIT = 1;
    /** Buffers are passed on instead of copied. */
    static final int ZERO_COPY = 2;

    private MonitorLane() {}

    /** Lets the sender in: what else it needs has been written. */
    static void open(long lane, int number) {
        Memory.putInt(lane + BUSY, 0);
        Memory.putIntRelease(lane + NUMBER, number);
    }

    /** Keeps the sender out from now on, but where it is at the lane just now. */
    static void close(long lane) {
        Memory.putIntRelease(lane + NUMBER, 0);
        VarHandle.fullFence();
    }

    /** Whether the sender is at the lane, after {@link #close}. */
    static boolean busy(long lane) {
        return Memory.getIntAcquire(lane + BUSY) != 0;
    }

    /** For the sender: whether it may go on. Then it is to {@link #leave}. */
    static boolean enter(long lane, int number) {
        if (!current(lane, number) || !Memory.compareAndSetInt(lane + BUSY, 0, number)) {
            return false;
        }
        if (current(lane, number)) {
            return true;
        }
        leave(lane, number);
        return false;
    }

    /** Whether the lane is still used as under this number. */
    static boolean current(long lane, int number) {
        return Memory.getIntAcquire(lane + NUMBER) == number;
    }

    static void leave(long lane, int number) {
        Memory.compareAndSetInt(lane + BUSY, number, 0);
    }
}
