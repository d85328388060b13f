// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import java.util.Optional;

/**
 * A monitor (ABI §11): the receiving ends of lanes that those fill who run the monitored rings. Poll says {@code POLLERR} for
 * {@code POLLOUT}, there is nothing to send by. When the monitored port has gone and nothing is left to read, it says {@code POLLERR}
 * as in netmap, and {@code POLLHUP}, because nothing can come any more.
 */
final class MonitorBinding extends PipeBinding {
    private final long[] lanes;

    /** @param doorbell becomes this port's */
    MonitorBinding(PortRequest request, Registration registration, RegionView region, Doorbell doorbell, Owner owner) {
        super(request, registration, region, doorbell, owner);
        this.lanes = registration.lanes().stream()
                .mapToLong(lane -> memory().address() + lane.lane())
                .toArray();
    }

    @Override
    public int arm(int events) {
        return judge(super.arm(events), events);
    }

    @Override
    public int disarm(int events, int revents) {
        return judge(super.disarm(events, revents), events);
    }

    private int judge(int ready, int events) {
        int errors = (events & Linux.POLLOUT) != 0 ? Linux.POLLERR : 0;
        boolean ended = lanes.length > 0 && Memory.getIntAcquire(lanes[0] + MonitorLane.ENDED) != 0;
        return ready | errors | (ended && ready == 0 ? Linux.POLLERR | Linux.POLLHUP : 0);
    }

    /** Packets received, and those that came while there was no room. */
    @Override
    public Optional<PortCounters> counters() {
        return Optional.of(new PortCounters(sum(MonitorLane.SHOWN), sum(MonitorLane.MISSED), 0, 0));
    }

    private long sum(int word) {
        long sum = 0;
        for (long lane : lanes) {
            sum += Memory.getLongOpaque(lane + word);
        }
        return sum;
    }
}
