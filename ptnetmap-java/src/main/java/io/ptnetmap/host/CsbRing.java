// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NmCsbAtok;
import io.ptnetmap.abi.NmCsbKtoa;
import io.ptnetmap.linux.Linux;
import java.lang.invoke.VarHandle;

/**
 * One ring that the {@link Kloop} serves: carries {@code head} and {@code cur} from the user's block of the control block to
 * the ring's end, {@code hwcur} and {@code hwtail} back (ABI §15).
 *
 * <p>The user may write anything at any time, into the host's block too. So each word of the user's is read once, and
 * nothing is ever read back from the host's block. For the loop's thread.
 */
final class CsbRing {
    private final RingEnd end;
    private final long atok;
    private final long ktoa;
    private final int irq;

    // What the host's block says, unless the user has overwritten it.
    private int hwcur;
    private int hwtail;
    private boolean needKick;
    /** The head in the ring's header when the user began. */
    private int headBefore;

    /** @param irq the eventfd that interrupts the user */
    CsbRing(RingEnd end, long atok, long ktoa, int irq) {
        this.end = end;
        this.atok = atok;
        this.ktoa = ktoa;
        this.irq = irq;
    }

    /** Fills both blocks: the user goes on from what the ring's end knows. */
    void begin() {
        NmCsbAtok.publish(atok, end.hwcur, end.hwcur);
        NmCsbAtok.applNeedKick(atok, true);
        NmCsbAtok.syncFlags(atok, 0);
        publish();
        needKick = false;
        needKick(true);
        headBefore = NetmapRing.head(end.ring);
    }

    /**
     * Of a receive ring whose user has ended: takes what a program had given back in the ring's header, whose head is a word
     * between it and its driver that the driver has not passed on. The buffers in these slots may have been swapped for others
     * already, which the next user must not take for packets. A header that nobody has touched says nothing.
     */
    void putAway() {
        int head = NetmapRing.head(end.ring);
        if (head != headBefore && end.accepts(head, head)) {
            end.turn(head);
        }
    }

    private void publish() {
        hwcur = end.hwcur;
        hwtail = end.hwtail;
        NmCsbKtoa.publish(ktoa, hwcur, hwtail);
    }

    /** Whether the user is to kick when it publishes. */
    void needKick(boolean needed) {
        if (needKick != needed) {
            needKick = needed;
            NmCsbKtoa.kernNeedKick(ktoa, needed);
        }
    }

    /**
     * Syncs the ring once. One whose user breaks the rules is left as it is, until the user mends it and kicks.
     *
     * @param most slots to take from the user
     * @return whether anything has moved
     */
    boolean serve(int most) {
        int head = NmCsbAtok.head(atok);
        int cur = NmCsbAtok.cur(atok);
        if (!end.accepts(head, cur)) {
            needKick(true);
            return false;
        }
        end.turn(end.limited(head, most));
        boolean moved = end.hwtail != hwtail;
        if (!moved && end.hwcur == hwcur) {
            return false;
        }
        publish();
        if (moved) {
            VarHandle.fullFence();
            if (NmCsbAtok.applNeedKick(atok)) {
                Linux.eventfdSignal(irq);
            }
        }
        return true;
    }
}
