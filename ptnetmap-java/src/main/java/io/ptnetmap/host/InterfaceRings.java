// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.Mapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rings of an interface port, joined to the interface by a packet socket of this process. */
final class InterfaceRings implements AutoCloseable {
    final InterfaceLink link;
    final Optional<InterfaceTx> tx;
    final Optional<InterfaceRx> rx;

    InterfaceRings(String name, PortReply reply, RegionView region, RingTable table) {
        long txRing = requireSlots(region.memory(), reply, table.txRing(0), reply.txSlots());
        long rxRing = requireSlots(region.memory(), reply, table.rxRing(0), reply.rxSlots());
        this.link = new InterfaceLink(name, rxRing != 0);
        this.tx = txRing == 0 ? Optional.empty() : Optional.of(new InterfaceTx(region, txRing, reply.txSlots(), link));
        this.rx = rxRing == 0 ? Optional.empty() : Optional.of(new InterfaceRx(region, rxRing, reply.rxSlots(), link));
    }

    private static long requireSlots(Mapping memory, PortReply reply, long ring, int slots) {
        if (ring != 0) {
            RingTable.requireInside(memory, reply, ring, NetmapRing.size(slots));
        }
        return ring;
    }

    /** The rings' ends, that of the transmit ring first. */
    List<RingEnd> ends() {
        List<RingEnd> ends = new ArrayList<>();
        tx.ifPresent(ends::add);
        rx.ifPresent(ends::add);
        return ends;
    }

    /** A full receive ring has no use for more packets, and unsent ones want room whatever the caller waits for. */
    int descriptorEvents(int events) {
        int wanted = 0;
        if ((events & Linux.POLLIN) != 0 && rx.isPresent() && rx.get().hasRoom()) {
            wanted |= Linux.POLLIN;
        }
        if ((events & Linux.POLLOUT) != 0 || tx.isPresent() && tx.get().hasBacklog()) {
            wanted |= Linux.POLLOUT;
        }
        return link.descriptorEvents(wanted);
    }

    @Override
    public void close() {
        tx.ifPresent(InterfaceTx::close);
        rx.ifPresent(InterfaceRx::close);
        link.close();
    }
}
