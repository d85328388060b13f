// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.memory.Memory;
import io.ptnetmap.memory.OnesComplement;
import io.ptnetmap.nfv.api.Packet;
import java.util.Objects;

/**
 * The internet checksum (RFC 1071), in full and by increments (RFC 1624).
 *
 * <p>A <em>checksum</em> is the 16-bit value as it stands in a header. A <em>sum</em> is the one's complement sum of 16-bit
 * words that it is the complement of. Both are 0 to 0xffff, in the order of the wire. All methods may be called from any
 * thread as far as the packets allow.
 */
public final class Checksum {
    private static final int MASK = 0xffff;

    private Checksum() {}

    /** The checksum of a range of a packet, as if the field that holds it were 0 if it is. */
    public static int of(Packet packet, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, packet.length());
        return ~OnesComplement.sum(packet.address() + offset, length) & MASK;
    }

    private static long words(int value) {
        return (value >>> 16) + (value & MASK);
    }

    private static long words(long value) {
        return words((int) (value >>> 32)) + words((int) value);
    }

    /** The checksum after one 16-bit word under it changed (RFC 1624 §3, equation 3). */
    public static int update16(int checksum, int before, int after) {
        return apply(checksum, change16(before, after));
    }

    /** The checksum after one aligned 32-bit word under it changed. */
    public static int update32(int checksum, int before, int after) {
        return apply(checksum, change32(before, after));
    }

    /** The checksum after one aligned 64-bit word under it changed. */
    public static int update64(int checksum, long before, long after) {
        return apply(checksum, change64(before, after));
    }

    /**
     * What {@link #update16}, {@link #update32} and {@link #update64} give is for all protocols but UDP, whose checksum 0 means
     * "none" (RFC 768): there, no checksum stays none, and a result of 0 is sent as 0xffff.
     *
     * @param before the checksum as it was
     * @param updated what the update gave
     * @return the checksum to send
     */
    public static int udp(int before, int updated) {
        if (before == 0) {
            return 0;
        }
        return updated == 0 ? MASK : updated;
    }

    /** The change of a sum when a word changes. Changes are added; 32 bits hold the carries of thousands. */
    static long change16(int before, int after) {
        return (~before & MASK) + (after & MASK);
    }

    static long change32(int before, int after) {
        return words(~before) + words(after);
    }

    static long change64(long before, long after) {
        return words(~before) + words(after);
    }

    static int apply(int checksum, long change) {
        return ~OnesComplement.fold((~checksum & MASK) + change) & MASK;
    }

    /** Whether the checksum of an IPv4 header is right. */
    public static boolean valid(Ipv4 ip) {
        return OnesComplement.sum(ip.address(), ip.headerLength()) == MASK;
    }

    /** Computes the checksum of an IPv4 header and writes it. */
    public static void fill(Ipv4 ip) {
        ip.checksum(0);
        ip.checksum(~OnesComplement.sum(ip.address(), ip.headerLength()) & MASK);
    }

    /**
     * Whether the checksum of TCP, UDP, ICMP or ICMPv6 is right. Where it cannot be told the answer is yes: other protocols,
     * fragments, packets in several buffers, UDP over IPv4 without a checksum, IPv6 on its way by a routing header.
     *
     * @param headers the packet, parsed well-formed
     */
    public static boolean transportValid(Headers headers) {
        int field = Transport.checksumOffset(headers);
        if (field < 0 || !whole(headers)) {
            return true;
        }
        if (headers.protocol() == IpProtocol.UDP && Memory.getShort(headers.address(field)) == 0) {
            return headers.isIpv4();
        }
        return transportSum(headers) == MASK;
    }

    /**
     * Computes the checksum of TCP, UDP, ICMP or ICMPv6 and writes it.
     *
     * @param headers the packet, parsed well-formed
     * @return false, and nothing is written, where it cannot be computed: other protocols, fragments, packets in several
     *     buffers, IPv6 on its way by a routing header
     */
    public static boolean fillTransport(Headers headers) {
        int offset = Transport.checksumOffset(headers);
        if (offset < 0 || !whole(headers)) {
            return false;
        }
        long field = headers.address(offset);
        Memory.putShort(field, (short) 0);
        int checksum = ~transportSum(headers) & MASK;
        boolean zeroMeansNone = checksum == 0 && headers.protocol() == IpProtocol.UDP;
        Memory.putShortBigEndian(field, (short) (zeroMeansNone ? MASK : checksum));
        return true;
    }

    /** Whether all that the transport checksum covers can be read. */
    private static boolean whole(Headers headers) {
        return !headers.fragment() && !headers.routed() && headers.l4Offset() + headers.l4Length() <= headers.limit();
    }

    /** The sum of pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1), transport header and payload. */
    private static int transportSum(Headers headers) {
        int length = headers.l4Length();
        long sum = OnesComplement.sum(headers.address(headers.l4Offset()), length);
        if (Transport.hasPseudoHeader(headers)) {
            sum += headers.protocol() + words(length);
            sum += headers.isIpv4()
                    ? words(headers.sourceIpv4()) + words(headers.destinationIpv4())
                    : words(headers.sourceHigh())
                            + words(headers.sourceLow())
                            + words(headers.destinationHigh())
                            + words(headers.destinationLow());
        }
        return OnesComplement.fold(sum);
    }
}
