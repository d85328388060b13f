// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortReply;
import java.util.List;

/** The ends of a pipe's lanes on one side, run by the host. */
final class CsbPipeEnds extends DoorbellEnds {
    private final Grant grant;
    private List<PipeEnd> ends = List.of();

    CsbPipeEnds(Grant grant) {
        super(Doorbell.of(grant.eventfd(), grant.peerEventfd()));
        this.grant = grant;
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
                ? new PipeTx(region, lane, reply.txSlots(), doorbell::ringPeer, true)
                : new PipeRx(region, lane, reply.rxSlots(), doorbell::ringPeer, true);
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
}
