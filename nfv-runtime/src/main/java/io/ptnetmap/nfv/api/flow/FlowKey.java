// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.flow;

import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.IpProtocol;
import io.ptnetmap.nfv.api.packet.Ipv4Address;
import io.ptnetmap.nfv.api.packet.Ipv6Address;
import java.util.Arrays;

/**
 * The five values that name a flow: addresses, ports and protocol; and, implied, the IP version.
 *
 * <p>IPv4 addresses are held as ::ffff:0:0/96, but an IPv4 flow never equals an IPv6 one. ICMP and ICMPv6 queries have their
 * identifier as both ports, other protocols have ports 0. An object is filled again and again; it must not change while it
 * is a key of some collection. Single-threaded.
 */
public final class FlowKey {
    private static final long IPV6 = 1L << 40;

    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    /** IPv6 flag, protocol, source port, destination port, from bit 40 down. */
    private long tail;

    /**
     * Fills the key from a packet.
     *
     * @return false, and nothing is filled, where the packet is malformed, not IP, or a later fragment, which has no ports
     */
    public boolean fill(Headers headers) {
        if (headers.l4Offset() < 0) {
            return false;
        }
        sourceHigh = headers.sourceHigh();
        sourceLow = headers.sourceLow();
        destinationHigh = headers.destinationHigh();
        destinationLow = headers.destinationLow();
        tail = tail(headers.isIpv6() ? IPV6 : 0, headers.protocol(), headers.ports());
        return true;
    }

    /**
     * Fills the key with what the fragments of one packet have in common: addresses, identification (in place of the ports)
     * and, of IPv4, the protocol (RFC 791 §3.2, RFC 8200 §4.5).
     *
     * @param headers of a fragment, well-formed
     */
    public FlowKey fillFragment(Headers headers) {
        int protocol = headers.isIpv6() ? IpProtocol.FRAGMENT : headers.protocol();
        return words(
                headers.sourceHigh(),
                headers.sourceLow(),
                headers.destinationHigh(),
                headers.destinationLow(),
                tail(headers.isIpv6() ? IPV6 : 0, protocol, headers.identification()));
    }

    /** Fills the key with an IPv4 flow. */
    public FlowKey ipv4(int protocol, int source, int sourcePort, int destination, int destinationPort) {
        sourceHigh = 0;
        sourceLow = Ipv6Address.mappedLow(source);
        destinationHigh = 0;
        destinationLow = Ipv6Address.mappedLow(destination);
        tail = tail(0, protocol, sourcePort << 16 | destinationPort & 0xffff);
        return this;
    }

    /** Fills the key with an IPv6 flow. */
    public FlowKey ipv6(
            int protocol, Ipv6Address source, int sourcePort, Ipv6Address destination, int destinationPort) {
        sourceHigh = source.high();
        sourceLow = source.low();
        destinationHigh = destination.high();
        destinationLow = destination.low();
        tail = tail(IPV6, protocol, sourcePort << 16 | destinationPort & 0xffff);
        return this;
    }

    /** Fills the key with another's values. */
    public FlowKey copy(FlowKey other) {
        return words(other.sourceHigh, other.sourceLow, other.destinationHigh, other.destinationLow, other.tail);
    }

    /** Exchanges source and destination: the key of the packets that come back. */
    public FlowKey reverse() {
        int ports = (int) tail;
        return words(
                destinationHigh,
                destinationLow,
                sourceHigh,
                sourceLow,
                tail & ~0xffff_ffffL | Integer.rotateLeft(ports, 16) & 0xffff_ffffL);
    }

    /**
     * {@linkplain #reverse() Reverses} the key if that makes it the smaller one of the two, so that both directions of a flow
     * have one key.
     *
     * @return whether it was reversed
     */
    public boolean canonicalize() {
        if (compareEnds() <= 0) {
            return false;
        }
        reverse();
        return true;
    }

    private int compareEnds() {
        if (sourceHigh != destinationHigh) {
            return Long.compareUnsigned(sourceHigh, destinationHigh);
        }
        if (sourceLow != destinationLow) {
            return Long.compareUnsigned(sourceLow, destinationLow);
        }
        return sourcePort() - destinationPort();
    }

    /** Whether the addresses are of IPv6. */
    public boolean isIpv6() {
        return (tail & IPV6) != 0;
    }

    /** {@link IpProtocol} of the upper layer. */
    public int protocol() {
        return (int) (tail >>> 32) & 0xff;
    }

    /** Source port, or the identifier of an ICMP query. */
    public int sourcePort() {
        return (int) tail >>> 16;
    }

    /** Destination port, or the identifier of an ICMP query. */
    public int destinationPort() {
        return (int) tail & 0xffff;
    }

    /** Source address of an IPv4 flow. */
    public int sourceIpv4() {
        return (int) sourceLow;
    }

    /** Destination address of an IPv4 flow. */
    public int destinationIpv4() {
        return (int) destinationLow;
    }

    /** The first eight bytes of the source address; IPv4 addresses are mapped to ::ffff:0:0/96. */
    public long sourceHigh() {
        return sourceHigh;
    }

    /** The last eight bytes of the source address, likewise. */
    public long sourceLow() {
        return sourceLow;
    }

    /** The first eight bytes of the destination address; IPv4 addresses are mapped to ::ffff:0:0/96. */
    public long destinationHigh() {
        return destinationHigh;
    }

    /** The last eight bytes of the destination address, likewise. */
    public long destinationLow() {
        return destinationLow;
    }

    /** The values besides the addresses, in one word. */
    long tail() {
        return tail;
    }

    /** Fills the key with its five words. */
    FlowKey words(long sourceHigh, long sourceLow, long destinationHigh, long destinationLow, long tail) {
        this.sourceHigh = sourceHigh;
        this.sourceLow = sourceLow;
        this.destinationHigh = destinationHigh;
        this.destinationLow = destinationLow;
        this.tail = tail;
        return this;
    }

    private static long tail(long version, int protocol, int ports) {
        return version | (protocol & 0xffL) << 32 | ports & 0xffff_ffffL;
    }

    @Override
    public boolean equals(Object object) {
        return object instanceof FlowKey other
                && sourceHigh == other.sourceHigh
                && sourceLow == other.sourceLow
                && destinationHigh == other.destinationHigh
                && destinationLow == other.destinationLow
                && tail == other.tail;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(new long[] {sourceHigh, sourceLow, destinationHigh, destinationLow, tail});
    }

    /** Such as {@code 6 192.0.2.1:1024 > 198.51.100.7:80}. */
    @Override
    public String toString() {
        return protocol() + " " + end(sourceHigh, sourceLow, sourcePort()) + " > "
                + end(destinationHigh, destinationLow, destinationPort());
    }

    private String end(long high, long low, int port) {
        return isIpv6() ? "[" + new Ipv6Address(high, low) + "]:" + port : new Ipv4Address((int) low) + ":" + port;
    }
}
