// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.generator;

import io.ptnetmap.nfv.api.packet.IpPrefix;
import io.ptnetmap.nfv.api.packet.Ipv4Address;
import io.ptnetmap.nfv.api.packet.Ipv6Address;
import java.nio.ByteBuffer;

/** The addresses of a prefix that hosts may have: without network, broadcast (RFC 1122) and subnet-router (RFC 4291) address. */
final class HostAddresses {
    /** Most addresses that are counted. */
    private static final int MAX_BITS = 30;

    private final IpPrefix prefix;
    private final long first;
    private final long count;

    HostAddresses(IpPrefix prefix) {
        this.prefix = prefix;
        int hostBits = prefix.address().bits() - prefix.length();
        long all = 1L << Math.min(hostBits, MAX_BITS);
        boolean isSubnet = hostBits > 1;
        first = isSubnet ? 1 : 0;
        count = isSubnet ? all - (prefix.isIpv4() ? 2 : 1) : all;
    }

    long count() {
        return count;
    }

    /** Puts an address of 4 or 16 bytes, the first one for index 0. */
    void put(long index, ByteBuffer into) {
        switch (prefix.address()) {
            case Ipv4Address ipv4 -> into.putInt(ipv4.value() + (int) (first + index));
            case Ipv6Address ipv6 -> into.putLong(ipv6.high()).putLong(ipv6.low() + first + index);
        }
    }
}
