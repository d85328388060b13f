// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

/** Dotted decimal notation, alone and at the end of IPv6 addresses. */
final class Ipv4Text {
    private Ipv4Text() {}

    static String of(int value) {
        return (value >>> 24) + "." + (value >>> 16 & 0xff) + "." + (value >>> 8 & 0xff) + "." + (value & 0xff);
    }

    /** The address from a position to the end of the text as an unsigned number; -1 = none. */
    static long parse(String text, int start) {
        long value = 0;
        int position = start;
        for (int part = 0; part < 4; part++) {
            int end = part == 3 ? text.length() : text.indexOf('.', position);
            int number = end < 0 ? -1 : Decimal.parse(text, position, end, 255);
            if (number < 0) {
                return -1;
            }
            value = value << 8 | number;
            position = end + 1;
        }
        return value;
    }
}
