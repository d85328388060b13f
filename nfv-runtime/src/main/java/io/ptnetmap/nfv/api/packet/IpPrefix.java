// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * The addresses that begin with the same bits (CIDR, RFC 4632; RFC 4291 §2.3).
 *
 * @param address the first one: the bits behind the prefix are 0
 * @param length bits of the prefix, 0 to 32 or 128
 */
public record IpPrefix(IpAddress address, int length) {
    /** All IPv4 addresses. */
    public static final IpPrefix ALL_IPV4 = new IpPrefix(new Ipv4Address(0), 0);
    /** All IPv6 addresses. */
    public static final IpPrefix ALL_IPV6 = new IpPrefix(new Ipv6Address(0, 0), 0);

    public IpPrefix {
        if (length < 0 || length > address.bits()) {
            throw new IllegalArgumentException(
                    address + "/" + length + " is not a prefix: its length must be 0 to " + address.bits());
        }
        IpAddress network = network(address, length);
        if (!network.equals(address)) {
            throw new IllegalArgumentException(address + "/" + length
                    + " is not a prefix: bits behind it are set; write " + network + "/" + length);
        }
    }

    /** Parses {@code 192.0.2.0/24} or {@code 2001:db8::/32}; an address without a length is a prefix of all its bits. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            IpAddress host = IpAddress.parse(text);
            return new IpPrefix(host, host.bits());
        }
        IpAddress address = IpAddress.parse(text.substring(0, slash));
        int length = Decimal.parse(text, slash + 1, text.length(), address.bits());
        if (length < 0) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a prefix: write a length of 0 to " + address.bits() + " behind the slash");
        }
        return new IpPrefix(address, length);
    }

    private static IpAddress network(IpAddress address, int length) {
        return switch (address) {
            case Ipv4Address ipv4 -> new Ipv4Address(ipv4.value() & mask32(length));
            case Ipv6Address ipv6 ->
                new Ipv6Address(ipv6.high() & mask64(length), ipv6.low() & mask64(length - Long.SIZE));
        };
    }

    private static int mask32(int length) {
        return length == 0 ? 0 : -1 << 32 - length;
    }

    /** The first bits of 64, none or all of them for lengths beyond. */
    private static long mask64(int length) {
        return length <= 0 ? 0 : -1L << Math.max(0, 64 - length);
    }

    /** Whether it is of IPv4. */
    public boolean isIpv4() {
        return address instanceof Ipv4Address;
    }

    /** The bits of an IPv4 address that the prefix fixes. */
    public int ipv4Mask() {
        return mask32(length);
    }

    /** The bits in the first half of an IPv6 address that the prefix fixes. */
    public long highMask() {
        return mask64(length);
    }

    /** The bits in the second half of an IPv6 address that the prefix fixes. */
    public long lowMask() {
        return mask64(length - Long.SIZE);
    }

    /** Whether the address begins with the prefix. Addresses of the other version never do. */
    public boolean contains(IpAddress other) {
        return other.bits() == address.bits() && network(other, length).equals(address);
    }

    @JsonValue
    @Override
    public String toString() {
        return address + "/" + length;
    }
}
