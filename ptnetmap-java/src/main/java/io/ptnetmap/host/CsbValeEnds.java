// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.Linux;
import java.util.ArrayList;
import java.util.List;

/** The rings of a switch port: what comes from its user, the loop's thread forwards. */
final class CsbValeEnds implements CsbEnds {
    private final List<RingEnd> ends = new ArrayList<>();
    private final List<ValeQueue> queues = new ArrayList<>();
    private final Doorbell doorbell;

    /** @param rings with those of the grant open */
    CsbValeEnds(Grant grant, ValeRings rings) {
        int eventfd = Linux.eventfd();
        this.doorbell = new Doorbell(eventfd, Linux.duplicate(eventfd));
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
    public int rings() {
        return ends.size();
    }

    @Override
    public List<RingEnd> begin() {
        return ends;
    }

    @Override
    public void watch(int epoll) {
        Linux.epollAdd(epoll, doorbell.own(), Linux.POLLIN);
    }

    @Override
    public void unwatch(int epoll) {
        Linux.epollRemove(epoll, doorbell.own());
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

    @Override
    public void close() {
        doorbell.close();
    }
}
