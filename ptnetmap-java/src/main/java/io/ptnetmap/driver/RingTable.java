// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

import io.ptnetmap.abi.NetmapIf;
import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Where a port's rings are, read once from its {@code netmap_if} (ABI §2.2), and known to lie in the region: whoever shares
 * the region can overwrite the table, at any time.
 *
 * @param tx addresses of the transmit rings, host rings last; 0 = not bound
 * @param rx of the receive rings, likewise
 */
public record RingTable(List<Long> tx, List<Long> rx) {
    /**
     * Reads the table of a port.
     *
     * @throws LinuxException with EFAULT where it does not make sense
     */
    public static RingTable read(Mapping memory, PortReply reply) {
        requireInside(memory, reply, memory.address() + reply.offset(), NetmapIf.SIZE);
        long netmapIf = memory.address() + reply.offset();
        int[] counts = {
            NetmapIf.txRings(netmapIf),
            NetmapIf.hostTxRings(netmapIf),
            NetmapIf.rxRings(netmapIf),
            NetmapIf.hostRxRings(netmapIf)
        };
        long room = (reply.memsize() - reply.offset() - NetmapIf.SIZE) / Long.BYTES;
        for (int count : counts) {
            room -= count;
            if (count < 0 || room < 0) {
                throw overwritten();
            }
        }
        int tx = counts[0] + counts[1];
        return new RingTable(
                addresses(memory, reply, netmapIf, 0, tx),
                addresses(memory, reply, netmapIf, tx, counts[2] + counts[3]));
    }

    private static List<Long> addresses(Mapping memory, PortReply reply, long netmapIf, int first, int count) {
        List<Long> addresses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long offset = NetmapIf.ringOfs(netmapIf, first + i);
            if (offset != 0) {
                requireInside(memory, reply, netmapIf + offset, NetmapRing.SIZE);
            }
            addresses.add(offset == 0 ? 0 : netmapIf + offset);
        }
        return Collections.unmodifiableList(addresses);
    }

    /** Address of transmit ring {@code ring}, 0 where it is not bound. */
    public long txRing(int ring) {
        return ring < tx.size() ? tx.get(ring) : 0;
    }

    /** Address of receive ring {@code ring}, likewise. */
    public long rxRing(int ring) {
        return ring < rx.size() ? rx.get(ring) : 0;
    }

    /** Refuses what is not in the port's region, or where its words could not be read whole. */
    public static void requireInside(Mapping memory, PortReply reply, long address, long size) {
        long end = memory.address() + reply.memsize();
        if (address < memory.address() || size <= 0 || size > end - address || address % Long.BYTES != 0) {
            throw overwritten();
        }
    }

    private static LinuxException overwritten() {
        return new LinuxException(
                "REGISTER",
                Errno.EFAULT,
                "the table or a header of the port's rings does not make sense: a process that shares the region has"
                        + " overwritten it; close all ports of the region and open them again");
    }
}
