// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.memory;

/** One's complement sums of 16-bit words, which internet checksums are the complement of (RFC 1071). Stateless. */
public final class OnesComplement {
    private static final int MASK = 0xffff;

    private OnesComplement() {}

    /**
     * The sum of bytes in memory, 0 to 0xffff in the order of the wire. An odd last byte counts as the upper half of a
     * word.
     *
     * <p>The sum does not depend on the byte order of the additions (RFC 1071 §2 B), so this adds words of the machine, in
     * two halves that have 32 bits of room for carries each, and puts the bytes in order at the end.
     */
    public static int sum(long address, int length) {
        long low = 0;
        long high = 0;
        int position = 0;
        for (; position <= length - Long.BYTES; position += Long.BYTES) {
            long word = Memory.getLong(address + position);
            low += word & 0xffff_ffffL;
            high += word >>> 32;
        }
        long sum = low + high;
        if ((length & 4) != 0) {
            sum += Memory.getInt(address + position) & 0xffff_ffffL;
            position += 4;
        }
        if ((length & 2) != 0) {
            sum += Memory.getShort(address + position) & MASK;
            position += 2;
        }
        if ((length & 1) != 0) {
            sum += Memory.getByte(address + position) & 0xff;
        }
        return Short.reverseBytes((short) fold(sum)) & MASK;
    }

    /** Adds the carries of a sum back in until it has 16 bits. */
    public static int fold(long sum) {
        long folded = (sum & 0xffff_ffffL) + (sum >>> 32);
        folded = (folded & MASK) + (folded >>> 16 & MASK) + (folded >>> 32);
        folded = (folded & MASK) + (folded >>> 16);
        return (int) ((folded & MASK) + (folded >>> 16));
    }
}
