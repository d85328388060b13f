// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.linux.Linux;
import java.util.Arrays;
import java.util.List;

/** A pipe's end, a null port, or a monitor: the ends of the lanes are run here, whoever keeps the region. */
sealed class PipeBinding extends DoorbellBinding<PipeEnd, PipeEnd> permits MonitorBinding {
    /** Rings that never move, those of null ports, have nothing to sync. */
    private static final RingSync STILL = () -> RingSync.LOOK;

    private final RegionView region;

    /**
     * @param request what was asked for
     * @param doorbell becomes this port's
     */
    PipeBinding(PortRequest request, Registration registration, RegionView region, Doorbell doorbell, Owner owner) {
        super(request, registration.reply(), region, doorbell, owner);
        this.region = region;
        if (registration.lanes().isEmpty()) {
            Arrays.fill(txSyncs, STILL);
            Arrays.fill(rxSyncs, STILL);
        }
        for (LaneEnd end : registration.lanes()) {
            if (end.transmit()) {
                PipeEnd tx = new PipeTx(region, end, reply().txSlots(), doorbell::ringPeer, false);
                txEnds.add(tx);
                txSyncs[end.ring()] = tx;
            } else {
                PipeEnd rx = new PipeRx(region, end, reply().rxSlots(), doorbell::ringPeer, false);
                rxEnds.add(rx);
                rxSyncs[end.ring()] = rx;
            }
        }
    }

    @Override
    void armEnds(int events) {
        boolean fenced = true;
        for (int i = 0; (events & Linux.POLLIN) != 0 && i < rxEnds.size(); i++) {
            fenced &= rxEnds.get(i).arm();
        }
        for (int i = 0; (events & Linux.POLLOUT) != 0 && i < txEnds.size(); i++) {
            fenced &= txEnds.get(i).arm();
        }
        region.sleeperBarrier(fenced);
    }

    @Override
    void disarmEnds() {
        disarm(rxEnds);
        disarm(txEnds);
    }

    private static void disarm(List<PipeEnd> ends) {
        for (int i = 0; i < ends.size(); i++) {
            ends.get(i).disarm();
        }
    }
}
