// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmCsbAtok;
import io.ptnetmap.abi.NmCsbKtoa;
import java.lang.invoke.VarHandle;

/**
 * A ring that the host serves, as this process, its user, sees it: a sync carries {@code head} to the control block and the
 * host's progress to {@code tail}, and wakes the host where it sleeps (ABI §15.6).
 */
final class CsbUserEnd extends RingEnd {
    private final boolean transmit;
    private final long atok;
    private final long ktoa;
    private final Runnable kick;

    /**
     * @param ring its address, in a region of which {@code region} knows the rest
     * @param atok this side's block
     * @param ktoa the host's block, after START
     * @param kick wakes the host
     */
    CsbUserEnd(RegionView region, boolean transmit, long ring, int slots, long atok, long ktoa, Runnable kick) {
        super(region, ring, slots);
        this.transmit = transmit;
        this.atok = atok;
        this.ktoa = ktoa;
        this.kick = kick;
        hwcur = NmCsbAtok.head(atok);
        hwtail = NmCsbKtoa.hwtail(ktoa);
        NmCsbAtok.applNeedKick(atok, false);
        writeHeader();
    }

    @Override
    boolean transmits() {
        return transmit;
    }

    @Override
    void exchange(int head) {
        if (head != hwcur) {
            hwcur = head;
            NmCsbAtok.publish(atok, head, head);
            VarHandle.fullFence();
            if (NmCsbKtoa.kernNeedKick(ktoa)) {
                kick.run();
            }
        }
        int tail = NmCsbKtoa.hwtail(ktoa);
        // The host's word is good; but a port that has been closed reads zeros.
        if (tail != hwtail && Integer.compareUnsigned(tail, slots) < 0) {
            hwtail = tail;
            if (!transmit) {
                stamp();
            }
        }
    }

    /** The host does the work, and so shows it to monitors. */
    @Override
    void exchangeWatched(int head) {
        exchange(head);
    }

    /** Has the host interrupt when it makes progress. The caller then passes a full fence, and syncs again. */
    void arm() {
        NmCsbAtok.applNeedKick(atok, true);
    }

    void disarm() {
        NmCsbAtok.applNeedKick(atok, false);
    }
}
