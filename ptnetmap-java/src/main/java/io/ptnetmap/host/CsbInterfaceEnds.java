// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.linux.Linux;
import java.util.List;

/** The rings of a network interface, which the host joins with its privileges and in its network namespace. */
final class CsbInterfaceEnds implements CsbEnds {
    private static final int NONE = -1;

    private final InterfaceAdapter adapter;
    private final List<RingEnd> ends;

    private int epoll = NONE;
    /** What the epoll instance watches, and for what. */
    private int watched = NONE;

    private int watchedEvents;

    CsbInterfaceEnds(String name, Grant grant) {
        RegionView region = grant.region().view();
        PortReply reply = grant.registration().reply();
        this.adapter =
                InterfaceAdapter.open(name, grant.registration(), region, RingTable.read(region.memory(), reply));
        this.ends = adapter.ends(reply);
    }

    @Override
    public List<RingEnd> begin() {
        return ends;
    }

    @Override
    public void watch(int instance) {
        epoll = instance;
    }

    @Override
    public void unwatch(int instance) {
        if (watched != NONE) {
            Linux.epollRemove(epoll, watched);
            watched = NONE;
        }
    }

    /** Has to be told anew what to wait for: a socket whose frames there is no room for would be ready all the time. */
    @Override
    public boolean arm() {
        adapter.refresh();
        int descriptor = adapter.descriptor();
        int events = adapter.descriptorEvents(Linux.POLLIN);
        if (descriptor != watched) {
            unwatch(epoll);
            Linux.epollAdd(epoll, descriptor, events);
        } else if (events != watchedEvents) {
            Linux.epollModify(epoll, descriptor, events);
        }
        watched = descriptor;
        watchedEvents = events;
        return true;
    }

    @Override
    public void disarm() {
        // Whatever has woken the loop may have been news of the interface.
        adapter.woken(Linux.POLLIN);
    }

    @Override
    public void close() {
        adapter.close();
    }
}
