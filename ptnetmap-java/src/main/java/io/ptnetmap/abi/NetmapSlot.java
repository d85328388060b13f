// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import io.ptnetmap.memory.Memory;

/**
 * {@code struct netmap_slot}: the 16-byte descriptor that names one buffer (ABI §2.4).
 *
 * <pre>
 *   0       4       6       8                16
 *   +-------+-------+-------+-----------------+
 *   |buf_idx|  len  | flags |       ptr       |
 *   +-------+-------+-------+-----------------+
 * </pre>
 *
 * <p>The first three fields share one aligned 8-byte word, the <em>descriptor</em>; the data path reads and writes it
 * whole. All methods take the slot's address and check nothing.
 */
public final class NetmapSlot {
    /** Bytes of a slot. */
    public static final int SIZE = 16;

    public static final int BUF_IDX_OFFSET = 0;
    public static final int LEN_OFFSET = 4;
    public static final int FLAGS_OFFSET = 6;
    public static final int PTR_OFFSET = 8;

    /** The buffer index is not the one that the peer last saw in this slot. */
    public static final int NS_BUF_CHANGED = 0x0001;
    /** Ask the device to report this transmission. */
    public static final int NS_REPORT = 0x0002;
    /** Transparent forwarding of this slot (ABI §12). */
    public static final int NS_FORWARD = 0x0004;
    /** Documented by netmap, implemented nowhere. */
    public static final int NS_NO_LEARN = 0x0008;
    /** Payload at the user address in {@code ptr}; VALE transmission only (ABI §10.6). */
    public static final int NS_INDIRECT = 0x0010;
    /** The packet goes on in the next slot (ABI §3.6). */
    public static final int NS_MOREFRAG = 0x0020;
    /** In a monitor's ring: comes from a transmit ring. */
    public static final int NS_TXMON = 0x0040;
    /** Bits 8 to 15: on VALE reception, the number of slots of the packet. */
    public static final int NS_PORT_SHIFT = 8;

    public static final int NS_PORT_MASK = 0xff << NS_PORT_SHIFT;

    /** Most slots of one packet. */
    public static final int NETMAP_MAX_FRAGS = 64;

    private NetmapSlot() {}

    /** The words {@code buf_idx}, {@code len} and {@code flags} in one. */
    public static long descriptor(int bufIdx, int len, int flags) {
        return (bufIdx & 0xffff_ffffL) | (len & 0xffffL) << 32 | (long) flags << 48;
    }

    public static int bufIdx(long descriptor) {
        return (int) descriptor;
    }

    public static int len(long descriptor) {
        return (int) (descriptor >>> 32) & 0xffff;
    }

    public static int flags(long descriptor) {
        return (int) (descriptor >>> 48);
    }

    /** The length of a fragment that is a packet by itself; more than any length where the packet goes on in the next slot. */
    public static int wholeLength(long descriptor) {
        return (int) (descriptor >>> 32) & (NS_MOREFRAG << 16 | 0xffff);
    }

    /** The descriptor with its flag bits replaced. */
    public static long withFlags(long descriptor, int flags) {
        return (descriptor & 0x0000_ffff_ffff_ffffL) | (long) flags << 48;
    }

    /** Reads {@code buf_idx}, {@code len} and {@code flags} at once, so that a check and the use see the same values. */
    public static long read(long slot) {
        return Memory.getLong(slot);
    }

    public static void write(long slot, long descriptor) {
        Memory.putLong(slot, descriptor);
    }

    public static int bufferIndex(long slot) {
        return Memory.getInt(slot);
    }

    public static int length(long slot) {
        return Memory.getShort(slot + LEN_OFFSET) & 0xffff;
    }

    public static void length(long slot, int length) {
        Memory.putShort(slot + LEN_OFFSET, (short) length);
    }

    public static void length(long slot, int length, int flags) {
        Memory.putInt(slot + LEN_OFFSET, length & 0xffff | flags << 16);
    }

    public static long ptr(long slot) {
        return Memory.getLong(slot + PTR_OFFSET);
    }

    public static void ptr(long slot, long value) {
        Memory.putLong(slot + PTR_OFFSET, value);
    }
}
