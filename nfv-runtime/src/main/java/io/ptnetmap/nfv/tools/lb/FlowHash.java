// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.lb;

import io.ptnetmap.linux.Mapping;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.packet.Headers;

/**
 * A number for the flow of a packet, the same for both directions: of addresses, ports and protocol, and for fragments, of which
 * only the first has ports, of addresses and protocol. For one thread.
 */
final class FlowHash implements AutoCloseable {
    /** For what is not IP. */
    static final int NOT_IP = -1;

    private static final long FACTOR = 0x9e37_79b9_7f4a_7c15L;

    private final Packet packet = new Packet();
    private final Headers headers = new Headers();
    private final Mapping timestamp = Mapping.anonymous(Long.BYTES);

    /**
     * The hash of a packet, 0 or more.
     *
     * @param address of its first byte
     * @param length bytes there
     */
    int of(long address, int length) {
        if (!headers.parse(packet.wrap(address, length, length, length, timestamp.address())) && !headers.isIp()) {
            return NOT_IP;
        }
        if (!headers.isIp()) {
            return NOT_IP;
        }
        boolean ports = headers.hasPorts() && !headers.fragment();
        long from = ports ? headers.sourcePort() : 0;
        long to = ports ? headers.destinationPort() : 0;
        if (headers.isIpv4()) {
            from = mix(from << 32 | Integer.toUnsignedLong(headers.sourceIpv4()));
            to = mix(to << 32 | Integer.toUnsignedLong(headers.destinationIpv4()));
        } else {
            from = mix(mix(from + headers.sourceHigh()) + headers.sourceLow());
            to = mix(mix(to + headers.destinationHigh()) + headers.destinationLow());
        }
        return (int) (mix(from + to + headers.protocol()) >>> 33);
    }

    private static long mix(long value) {
        long mixed = (value ^ value >>> 32) * FACTOR;
        return mixed ^ mixed >>> 29;
    }

    @Override
    public void close() {
        timestamp.close();
    }
}
