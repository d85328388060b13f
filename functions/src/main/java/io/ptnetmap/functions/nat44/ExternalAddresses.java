// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import io.ptnetmap.nfv.api.flow.FlowData;
import io.ptnetmap.nfv.api.packet.IpProtocol;
import io.ptnetmap.nfv.api.packet.PortRange;
import java.util.Arrays;

/** The external addresses with their ports. Single-threaded. */
final class ExternalAddresses {
    /** Returned by {@link #indexOf} for other addresses. */
    static final int NONE = -1;

    private static final int PROTOCOLS = 3;

    private final int[] addresses;
    private final PortPool[] pools;
    /** Of all ports of all pools. */
    private final FlowData words;

    /**
     * @param addresses distinct
     * @param ports to use of TCP and UDP; of ICMP identifiers, all are
     */
    ExternalAddresses(int[] addresses, PortRange ports) {
        this.addresses = addresses.clone();
        Arrays.sort(this.addresses);
        pools = new PortPool[addresses.length * PROTOCOLS];
        words = new FlowData(pools.length * PortPool.PORTS);
        for (int i = 0; i < pools.length; i++) {
            PortRange range = i % PROTOCOLS == 0 ? PortRange.ALL : ports;
            pools[i] = new PortPool(words, i * PortPool.PORTS, range.first(), range.last());
        }
    }

    /** The place of an address, or {@link #NONE}. */
    int indexOf(int address) {
        int last = addresses.length - 1;
        if (address < addresses[0] || address > addresses[last]) {
            return NONE;
        }
        return addresses[last] - addresses[0] == last
                ? address - addresses[0]
                : Math.max(NONE, Arrays.binarySearch(addresses, address));
    }

    /** The address at a place. */
    int address(int index) {
        return addresses[index];
    }

    /** The place of the address that stands for all endpoints of an inside address: "paired" pooling (RFC 4787 §4.1). */
    int indexFor(int inside) {
        int spread = inside * 0x9e37_79b1;
        return Integer.remainderUnsigned(spread ^ spread >>> 16, addresses.length);
    }

    /** The ports of an address for TCP, UDP or ICMP. */
    PortPool ports(int index, int protocol) {
        return pools[index * PROTOCOLS + poolOf(protocol)];
    }

    /** Where the word of a port is, for {@link #word}. */
    int place(int index, int protocol, int port) {
        return (index * PROTOCOLS + poolOf(protocol)) * PortPool.PORTS + port;
    }

    /** What is known of the port at a place: see {@link PortPool#word}. */
    long word(int place) {
        return words.get(place);
    }

    private static int poolOf(int protocol) {
        return switch (protocol) {
            case IpProtocol.ICMP -> 0;
            case IpProtocol.TCP -> 1;
            default -> 2;
        };
    }
}
