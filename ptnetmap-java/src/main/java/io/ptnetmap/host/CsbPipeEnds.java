// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortReply;
import io.ptnetmap.linux.Linux;
import java.util.List;

/** The ends of a pipe's lanes on one side, run by the host. */
final class CsbPipeEnds implements CsbEnds {
    private final Grant grant;
    private final Doorbell doorbell;
    private List<PipeEnd> ends = List.of();

    CsbPipeEnds(Grant grant) {
        this.grant = grant;
        this.doorbell = Doorbell.of(grant.eventfd(), grant.peerEventfd());
    }

    @Override
    public int rings() {
        return grant.registration().lanes().size();
    }

    @Override
    public List<RingEnd> begin() {
        ends = grant.registration().lanes().stream().map(this::end).toList();
        return List.copyOf(ends);
    }

    private PipeEnd end(LaneEnd lane) {
        RegionView region = grant.region().view();
        PortReply reply = grant.registration().reply();
        return lane.transmit()
                ? new PipeEnd.Tx(region, lane, reply.txSlots(), doorbell::ringPeer, true)
                : new PipeEnd.Rx(region, lane, reply.rxSlots(), doorbell::ringPeer, true);
    }

    @Override
    public void watch(int epoll) {
        Linux.epollAdd(epoll, doorbell.own(), Linux.POLLIN);
    }

    @Override
    public void unwatch(int epoll) {
        Linux.epollRemove(epoll, doorbell.own());
    }

    @Override
    public boolean arm() {
        boolean fenced = true;
        for (int i = 0; i < ends.size(); i++) {
            fenced &= ends.get(i).arm();
        }
        return fenced;
    }

    @Override
    public void disarm() {
        for (int i = 0; i < ends.size(); i++) {
            ends.get(i).disarm();
        }
    }

    @Override
    public void close() {
        doorbell.close();
    }
}
