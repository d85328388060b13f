// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/** A receive ring of a switch port: shows its user what senders have put into its queue, and gives slots back to them. */
final class ValeRx extends RingEnd {
    private final ValeQueue queue;

    ValeRx(RegionView region, long ring, int slots, ValeQueue queue) {
        super(region, ring, slots);
        this.queue = queue;
    }

    @Override
    boolean transmits() {
        return false;
    }

    @Override
    void exchange(int head) {
        if (head != hwcur) {
            hwcur = head;
            queue.release(head);
        }
        int published = queue.published();
        if (published != hwtail) {
            hwtail = published;
            stamp();
        }
    }

    ValeQueue queue() {
        return queue;
    }
}
