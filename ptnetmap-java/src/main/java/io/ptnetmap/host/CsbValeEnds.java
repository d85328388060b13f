// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import java.util.ArrayList;
import java.util.List;

/** The rings of a switch port: what comes from its user, the loop's thread forwards. */
final class CsbValeEnds extends DoorbellEnds {
    private final List<RingEnd> ends = new ArrayList<>();
    private final List<ValeQueue> queues = new ArrayList<>();

    /** @param rings with those of the grant open */
    CsbValeEnds(Grant grant, ValeRings rings) {
        super(Doorbell.ringingItself());
        for (Grant.HeldRing held : grant.rings()) {
            ends.add(held.transmit() ? rings.tx(held.ring()) : rings.rx(held.ring()));
            if (!held.transmit()) {
                ValeQueue queue = rings.rx(held.ring()).queue();
                queue.wakeUp(doorbell::ringPeer);
                queues.add(queue);
            }
        }
    }

    @Override
    public List<RingEnd> begin() {
        return ends;
    }

    /** Senders of this process fence after what they publish. */
    @Override
    public boolean arm() {
        queues.forEach(ValeQueue::arm);
        return true;
    }

    @Override
    public void disarm() {
        queues.forEach(ValeQueue::disarm);
    }
}
