// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * An IPv6 address.
 *
 * @param high the first eight bytes
 * @param low the last eight bytes
 */
public record Ipv6Address(long high, long low) implements IpAddress, Comparable<Ipv6Address> {
    private static final int GROUPS = 8;
    private static final long MAPPED_LOW = 0xffff_0000_0000L;

    /**
     * The last eight bytes of the address in ::ffff:0:0/96 that stands for an IPv4 address (RFC 4291 §2.5.5.2); the first
     * eight are 0.
     */
    public static long mappedLow(int ipv4) {
        return MAPPED_LOW | ipv4 & 0xffff_ffffL;
    }

    /** Parses any of the text forms of RFC 4291 §2.2. Zones (%eth0) are not part of an address. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Ipv6Address parse(String text) {
        int[] groups = groups(text);
        if (groups.length != GROUPS) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not an IPv6 address: write groups of hexadecimal digits, such as 2001:db8::1");
        }
        return new Ipv6Address(half(groups, 0), half(groups, 4));
    }

    /** Eight groups, or none if the text is no address. */
    private static int[] groups(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return list(text);
        }
        int[] head = list(text.substring(0, gap));
        int[] tail = list(text.substring(gap + 2));
        boolean headIsEmpty = gap == 0;
        boolean tailIsEmpty = gap + 2 == text.length();
        if (head.length == 0 != headIsEmpty
                || tail.length == 0 != tailIsEmpty
                || text.substring(0, gap).indexOf('.') >= 0
                || head.length + tail.length >= GROUPS) {
            return new int[0];
        }
        int[] all = new int[GROUPS];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(tail, 0, all, GROUPS - tail.length, tail.length);
        return all;
    }

    /** Groups between single colons, the last two perhaps as an IPv4 address; none if there is anything else. */
    private static int[] list(String text) {
        String[] parts = text.split(":", -1);
        boolean dotted = parts[parts.length - 1].indexOf('.') >= 0;
        int[] list = new int[parts.length + (dotted ? 1 : 0)];
        int plain = dotted ? parts.length - 1 : parts.length;
        for (int i = 0; i < plain; i++) {
            list[i] = group(parts[i]);
            if (list[i] < 0) {
                return new int[0];
            }
        }
        if (dotted) {
            long ipv4 = Ipv4Text.parse(parts[plain], 0);
            if (ipv4 < 0) {
                return new int[0];
            }
            list[plain] = (int) (ipv4 >>> 16);
            list[plain + 1] = (int) ipv4 & 0xffff;
        }
        return list;
    }

    private static int group(String text) {
        if (text.isEmpty() || text.length() > 4) {
            return -1;
        }
        int group = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                return -1;
            }
            group = group << 4 | digit;
        }
        return group;
    }

    private static long half(int[] groups, int start) {
        return (long) groups[start] << 48
                | (long) groups[start + 1] << 32
                | (long) groups[start + 2] << 16
                | groups[start + 3];
    }

    @Override
    public int bits() {
        return 128;
    }

    /** By value, unsigned. */
    @Override
    public int compareTo(Ipv6Address other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    private int group(int index) {
        return (int) ((index < 4 ? high : low) >>> (3 - index % 4) * 16) & 0xffff;
    }

    /** The canonical form of RFC 5952; addresses of ::ffff:0:0/96 end in dotted decimal notation (section 5). */
    @JsonValue
    @Override
    public String toString() {
        if (high == 0 && low == mappedLow((int) low)) {
            return "::ffff:" + Ipv4Text.of((int) low);
        }
        int gapStart = -1;
        int gapLength = 1;
        for (int start = 0; start < GROUPS; start++) {
            int length = zerosFrom(start);
            if (length > gapLength) {
                gapStart = start;
                gapLength = length;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == gapStart) {
                text.append("::");
                i += gapLength - 1;
            } else {
                boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
                text.append(first ? "" : ":").append(Integer.toHexString(group(i)));
            }
        }
        return text.toString();
    }

    private int zerosFrom(int start) {
        int end = start;
        while (end < GROUPS && group(end) == 0) {
            end++;
        }
        return end - start;
    }
}
