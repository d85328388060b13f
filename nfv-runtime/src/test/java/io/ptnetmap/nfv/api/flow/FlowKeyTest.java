// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.api.packet.IpProtocol;
import io.ptnetmap.nfv.api.packet.Ipv6Address;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FlowKeyTest {
    private static FlowKey key(int source, int sourcePort, int destination, int destinationPort) {
        return new FlowKey().ipv4(IpProtocol.TCP, source, sourcePort, destination, destinationPort);
    }

    @Test
    void reverseExchangesEnds() {
        FlowKey reversed = key(1, 0xffff, 2, 80).reverse();
        assertEquals(key(2, 80, 1, 0xffff), reversed);
        assertEquals("6 0.0.0.2:80 > 0.0.0.1:65535", reversed.toString());
    }

    @Property
    void bothDirectionsHaveOneCanonicalKey(
            @ForAll @IntRange(max = 2) int source,
            @ForAll @IntRange(max = 0xffff) int sourcePort,
            @ForAll @IntRange(max = 2) int destination,
            @ForAll @IntRange(max = 0xffff) int destinationPort) {
        FlowKey there = key(source, sourcePort, destination, destinationPort);
        FlowKey back = new FlowKey().copy(there).reverse();
        boolean symmetric = there.equals(back);
        boolean reversed = there.canonicalize();
        assertEquals(!reversed && !symmetric, back.canonicalize());
        assertEquals(there, back);
    }

    @Test
    void versionsDiffer() {
        FlowKey ipv6 = new FlowKey()
                .ipv6(IpProtocol.TCP, Ipv6Address.parse("::ffff:0.0.0.1"), 10, Ipv6Address.parse("::ffff:0.0.0.2"), 20);
        assertNotEquals(key(1, 10, 2, 20), ipv6);
        assertTrue(ipv6.isIpv6());
        assertFalse(key(1, 10, 2, 20).isIpv6());
        assertEquals("6 [::ffff:0.0.0.1]:10 > [::ffff:0.0.0.2]:20", ipv6.toString());
    }
}
