// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NmCsbAtok;
import io.ptnetmap.abi.NmCsbKtoa;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * A port that its host serves, opened by another process: this one shares the region of the port with the host, and a
 * control block (CSB) in which each tells the other how far it is. All that moves is moved by the host.
 */
final class CsbBinding extends DoorbellBinding<CsbUserEnd, CsbUserEnd> {
    private static final int NONE = -1;

    private final String name;
    private final Mapping csb;
    private final int hostSocket;
    /** Kick and interrupt of each ring; gone once the port is closed. */
    private final int[] eventfds;

    private boolean stopped;

    /**
     * After START.
     *
     * @param csb becomes this binding's
     * @param eventfds kick and interrupt of each ring, transmit rings first; become this binding's
     * @param hostSocket hangs up when the host goes; becomes this binding's
     */
    CsbBinding(
            PortRequest request,
            Registration registration,
            RegionView region,
            Mapping csb,
            int[] eventfds,
            int hostSocket,
            Owner owner) {
        super(request, registration.reply(), region, new Doorbell(Linux.eventfd(), NONE), owner);
        this.name = request.name();
        this.csb = csb;
        this.eventfds = eventfds;
        this.hostSocket = hostSocket;
        makeEnds(region, rings().tx(), reply().txRings(), true);
        makeEnds(region, rings().rx(), reply().rxRings(), false);
        // Only its end.
        Linux.epollAdd(doorbell.descriptor(), hostSocket, 0);
    }

    private void makeEnds(RegionView region, List<Long> addresses, int count, boolean transmit) {
        int slots = transmit ? reply().txSlots() : reply().rxSlots();
        for (int ring = 0; ring < count; ring++) {
            if (addresses.get(ring) != 0) {
                RingTable.requireInside(region.memory(), reply(), addresses.get(ring), NetmapRing.size(slots));
                int index = txEnds.size() + rxEnds.size();
                int kick = eventfds[2 * index];
                CsbUserEnd end = new CsbUserEnd(
                        region,
                        transmit,
                        addresses.get(ring),
                        slots,
                        csb.address() + (long) index * NmCsbAtok.SIZE,
                        csb.address() + CsbPort.HOST_BLOCKS + (long) index * NmCsbKtoa.SIZE,
                        () -> kick(kick));
                (transmit ? txEnds : rxEnds).add(end);
                (transmit ? txSyncs : rxSyncs)[ring] = end;
                Linux.epollAdd(doorbell.descriptor(), eventfds[2 * index + 1], Linux.POLLIN);
            }
        }
    }

    /** Not once the port is closed: the number may be another file's by then. */
    private synchronized void kick(int eventfd) {
        if (!stopped) {
            Linux.eventfdSignal(eventfd);
        }
    }

    @Override
    void armEnds(int events) {
        for (int i = 0; (events & Linux.POLLIN) != 0 && i < rxEnds.size(); i++) {
            rxEnds.get(i).arm();
        }
        for (int i = 0; (events & Linux.POLLOUT) != 0 && i < txEnds.size(); i++) {
            txEnds.get(i).arm();
        }
        VarHandle.fullFence();
    }

    @Override
    void disarmEnds() {
        for (int i = 0; i < rxEnds.size(); i++) {
            rxEnds.get(i).disarm();
        }
        for (int i = 0; i < txEnds.size(); i++) {
            txEnds.get(i).disarm();
        }
    }

    @Override
    public int arm(int events) {
        int ready = super.arm(events);
        return ready == 0 && events != 0 && hostGone() ? Linux.POLLERR : ready;
    }

    @Override
    public int disarm(int events, int revents) {
        int ready = super.disarm(events, revents);
        if (ready == 0 && hostGone()) {
            throw new LinuxException(
                    name,
                    Errno.ENXIO,
                    "the host that served this port has gone: close the port, and open it at another host");
        }
        return ready;
    }

    private synchronized boolean hostGone() {
        return !stopped && (Linux.poll(hostSocket, 0, 0) & (Linux.POLLHUP | Linux.POLLERR)) != 0;
    }

    @Override
    void stop() {
        synchronized (this) {
            stopped = true;
            for (int eventfd : eventfds) {
                Linux.close(eventfd);
            }
            Linux.close(hostSocket);
        }
        super.stop();
        csb.close();
    }
}
