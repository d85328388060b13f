// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/**
 * A transmit ring of a switch port. A sync forwards what is there, at once and on the thread that syncs; all slots come back
 * with it (ABI §3.5). Unlike in netmap, a packet whose last slot is still to come waits for it.
 */
final class ValeTx extends RingEnd {
    private final Forwarder forwarder;

    ValeTx(RegionView region, long ring, int slots, Forwarder forwarder) {
        super(region, ring, slots);
        this.forwarder = forwarder;
        this.hwtail = slots - 1;
    }

    @Override
    boolean transmits() {
        return true;
    }

    @Override
    void exchange(int head) {
        if (head != hwcur) {
            hwcur = forwarder.forward(hwcur, head);
        }
        hwtail = previous(hwcur);
    }

    Forwarder forwarder() {
        return forwarder;
    }
}
