// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import io.ptnetmap.memory.Memory;

/**
 * {@code struct netmap_ring}: 256 bytes of header, then {@code num_slots} {@linkplain NetmapSlot slots} (ABI §2.3).
 *
 * <pre>
 *     0  buf_ofs (8)        from this ring to buffer 0
 *     8  num_slots (4)      nr_buf_size (4)
 *    16  ringid (2)         dir (2: 0 = receive, 1 = transmit)
 *    20  head (4, user)     cur (4, user)     tail (4, kernel)     flags (4, user)
 *    40  ts: tv_sec (8)     tv_usec (8)
 *    56  offset_mask (8)    buf_align (8)
 *   128  sem[128]           scratch of programs
 *   256  slot[]
 * </pre>
 *
 * <p>{@code head} and {@code cur} are published with release order, {@code tail} is read with acquire order (ABI §3.7).
 * All methods take the ring's address and check nothing.
 */
public final class NetmapRing {
    /** Bytes of the header, which is where the slots start. */
    public static final int SIZE = 256;

    public static final int BUF_OFS_OFFSET = 0;
    public static final int NUM_SLOTS_OFFSET = 8;
    public static final int NR_BUF_SIZE_OFFSET = 12;
    public static final int RINGID_OFFSET = 16;
    public static final int DIR_OFFSET = 18;
    public static final int HEAD_OFFSET = 20;
    public static final int CUR_OFFSET = 24;
    public static final int TAIL_OFFSET = 28;
    public static final int FLAGS_OFFSET = 32;
    /** Room that the structure's alignment leaves (4), where the embedded host marks rings that have monitors. */
    public static final int WATCHED_OFFSET = 36;
    /** {@code struct timeval}: seconds, then microseconds. */
    public static final int TS_OFFSET = 40;

    public static final int TS_SEC_OFFSET = 40;
    public static final int TS_USEC_OFFSET = 48;
    public static final int OFFSET_MASK_OFFSET = 56;
    public static final int BUF_ALIGN_OFFSET = 64;
    public static final int SEM_OFFSET = 128;
    public static final int SEM_SIZE = 128;
    public static final int SLOT_OFFSET = 256;

    /** Value of {@code dir} in receive rings; upstream's documentation has it the other way round (ABI §20). */
    public static final int DIR_RX = 0;

    public static final int DIR_TX = 1;

    /** Stamp {@code ts} at each receive sync. */
    public static final int NR_TIMESTAMP = 0x0002;
    /** Enable {@link NetmapSlot#NS_FORWARD} on this ring. */
    public static final int NR_FORWARD = 0x0004;

    private NetmapRing() {}

    public static long bufOfs(long ring) {
        return Memory.getLong(ring + BUF_OFS_OFFSET);
    }

    public static void bufOfs(long ring, long value) {
        Memory.putLong(ring + BUF_OFS_OFFSET, value);
    }

    public static int numSlots(long ring) {
        return Memory.getInt(ring + NUM_SLOTS_OFFSET);
    }

    public static void numSlots(long ring, int value) {
        Memory.putInt(ring + NUM_SLOTS_OFFSET, value);
    }

    public static int bufSize(long ring) {
        return Memory.getInt(ring + NR_BUF_SIZE_OFFSET);
    }

    public static void bufSize(long ring, int value) {
        Memory.putInt(ring + NR_BUF_SIZE_OFFSET, value);
    }

    public static int ringId(long ring) {
        return Memory.getShort(ring + RINGID_OFFSET) & 0xffff;
    }

    public static void ringId(long ring, int value) {
        Memory.putShort(ring + RINGID_OFFSET, (short) value);
    }

    public static int dir(long ring) {
        return Memory.getShort(ring + DIR_OFFSET) & 0xffff;
    }

    public static void dir(long ring, int value) {
        Memory.putShort(ring + DIR_OFFSET, (short) value);
    }

    public static int head(long ring) {
        return Memory.getIntAcquire(ring + HEAD_OFFSET);
    }

    public static void head(long ring, int value) {
        Memory.putIntRelease(ring + HEAD_OFFSET, value);
    }

    public static int cur(long ring) {
        return Memory.getIntAcquire(ring + CUR_OFFSET);
    }

    public static void cur(long ring, int value) {
        Memory.putIntRelease(ring + CUR_OFFSET, value);
    }

    public static int tail(long ring) {
        return Memory.getIntAcquire(ring + TAIL_OFFSET);
    }

    public static void tail(long ring, int value) {
        Memory.putIntRelease(ring + TAIL_OFFSET, value);
    }

    public static int flags(long ring) {
        return Memory.getInt(ring + FLAGS_OFFSET);
    }

    public static void flags(long ring, int value) {
        Memory.putInt(ring + FLAGS_OFFSET, value);
    }

    /** Wall-clock time of the last receive sync, microseconds since the epoch. */
    public static long timestampMicros(long ring) {
        return Memory.getLong(ring + TS_SEC_OFFSET) * 1_000_000 + Memory.getLong(ring + TS_USEC_OFFSET);
    }

    public static void timestampMicros(long ring, long micros) {
        Memory.putLong(ring + TS_SEC_OFFSET, micros / 1_000_000);
        Memory.putLong(ring + TS_USEC_OFFSET, micros % 1_000_000);
    }

    public static long offsetMask(long ring) {
        return Memory.getLong(ring + OFFSET_MASK_OFFSET);
    }

    public static void offsetMask(long ring, long value) {
        Memory.putLong(ring + OFFSET_MASK_OFFSET, value);
    }

    public static long bufAlign(long ring) {
        return Memory.getLong(ring + BUF_ALIGN_OFFSET);
    }

    /** Address of slot {@code index}. */
    public static long slot(long ring, int index) {
        return ring + SLOT_OFFSET + (long) index * NetmapSlot.SIZE;
    }

    /** Bytes of a ring with this many slots. */
    public static long size(int numSlots) {
        return SLOT_OFFSET + (long) numSlots * NetmapSlot.SIZE;
    }
}
