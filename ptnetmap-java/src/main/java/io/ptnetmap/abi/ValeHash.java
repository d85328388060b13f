// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/** The hash of VALE's forwarding table: a MAC address to one of {@value #BUCKETS} buckets (ABI §10.3). */
public final class ValeHash {
    /** {@code NM_BDG_HASH}. */
    public static final int BUCKETS = 1024;

    private static final int SEED = 0x9e3779b9;

    private ValeHash() {}

    /** The bucket of an address as a little-endian load has it: the first byte on the wire lowest, 48 bits. */
    public static int bucket(long mac) {
        int a = SEED + (int) mac;
        int b = SEED + ((int) (mac >>> Integer.SIZE) & 0xffff);
        int c = 0;

        a = (a - b - c) ^ (c >>> 13);
        b = (b - c - a) ^ (a << 8);
        c = (c - a - b) ^ (b >>> 13);

        a = (a - b - c) ^ (c >>> 12);
        b = (b - c - a) ^ (a << 16);
        c = (c - a - b) ^ (b >>> 5);

        a = (a - b - c) ^ (c >>> 3);
        b = (b - c - a) ^ (a << 10);
        c = (c - a - b) ^ (b >>> 15);

        return c & (BUCKETS - 1);
    }
}
