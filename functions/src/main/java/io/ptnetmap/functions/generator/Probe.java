// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.generator;

import io.ptnetmap.nfv.api.Packet;
import java.util.Arrays;

/**
 * What a generated packet carries as its TCP or UDP payload. In network byte order:
 *
 * <pre>
 *  0                 3   4                       12               18
 * +-----------------+---+-----------------------+----------------+---------+
 * | magic "ptN"     | id| sequence number       | send time, ns  | 0 1 2...|
 * +-----------------+---+-----------------------+----------------+---------+
 *  0                 3   4                       12               18             22
 * +-----------------+---+-----------------------+----------------+--------------+---------+
 * | magic "ptB"     | id| sequence number       | send time, ns  | buffer index | 0 1 2...|
 * +-----------------+---+-----------------------+----------------+--------------+---------+
 * </pre>
 *
 * <p>The shorter form fits a UDP packet over IPv4 of the smallest Ethernet size. The send time is the low 48 bits of {@link System#nanoTime()},
 * which all processes of a machine share. The bytes behind it count up from 0, modulo 256.
 *
 * <p>The offsets that the methods take are those of the payload. Apart from {@link #isAt}, they are for packets that hold a
 * probe there. Any thread.
 */
public final class Probe {
    /** Bytes of the fixed part without a buffer index. */
    private static final int PLAIN_LENGTH = 18;

    private static final int LENGTH_WITH_BUFFER = 22;

    /** Number of generators that can be told apart. */
    public static final int IDS = 256;

    private static final int MAGIC = 0x70744e;
    private static final int MAGIC_WITH_BUFFER = 0x707442;
    private static final int SEQUENCE_OFFSET = 4;
    private static final int TIME_OFFSET = 12;
    private static final int TIME_BITS = 48;
    private static final int BUFFER_OFFSET = 18;
    private static final byte[] FILLER = filler();

    private Probe() {}

    private static byte[] filler() {
        byte[] filler = new byte[0x10000];
        for (int i = 0; i < filler.length; i++) {
            filler[i] = (byte) i;
        }
        return filler;
    }

    /** Bytes of the fixed part. */
    static int length(boolean withBuffer) {
        return withBuffer ? LENGTH_WITH_BUFFER : PLAIN_LENGTH;
    }

    /**
     * Writes a probe that ends where the packet ends.
     *
     * @param withBuffer whether it tells which buffer the packet lies in
     */
    static void write(Packet packet, int offset, int id, long sequence, long sentNanos, boolean withBuffer) {
        int length = length(withBuffer);
        packet.i32(offset, (withBuffer ? MAGIC_WITH_BUFFER : MAGIC) << 8 | id);
        packet.i64(offset + SEQUENCE_OFFSET, sequence);
        packet.u16(offset + TIME_OFFSET, (int) (sentNanos >>> 32));
        packet.i32(offset + TIME_OFFSET + 2, (int) sentNanos);
        if (withBuffer) {
            packet.i32(offset + BUFFER_OFFSET, packet.bufferIndex());
        }
        packet.put(offset + length, FILLER, 0, packet.length() - offset - length);
    }

    /** The sum of the 16-bit words of the fixed part of what {@link #write} writes; the carries are not folded in. */
    static long sum(Packet packet, int id, long sequence, long sentNanos, boolean withBuffer) {
        long sum = words((withBuffer ? MAGIC_WITH_BUFFER : MAGIC) << 8 | id)
                + words(sequence)
                + words(sentNanos & -1L >>> Long.SIZE - TIME_BITS);
        return withBuffer ? sum + words(packet.bufferIndex()) : sum;
    }

    /** The sum of the 16-bit words of the first {@code length} bytes behind the fixed part. */
    static long fillerSum(int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (FILLER[i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
        }
        return sum;
    }

    private static long words(int value) {
        return (value >>> 16) + (value & 0xffff);
    }

    private static long words(long value) {
        return words((int) (value >>> 32)) + words((int) value);
    }

    /**
     * Whether there is a probe.
     *
     * @param offset 0 or more
     * @param length of the payload
     */
    public static boolean isAt(Packet packet, int offset, int length) {
        if (length < PLAIN_LENGTH || packet.length() - offset < PLAIN_LENGTH) {
            return false;
        }
        int magic = packet.i32(offset) >>> 8;
        return magic == MAGIC
                || magic == MAGIC_WITH_BUFFER
                        && length >= LENGTH_WITH_BUFFER
                        && packet.length() - offset >= LENGTH_WITH_BUFFER;
    }

    /** Whether the probe tells which buffer the packet was made in. */
    public static boolean tellsBuffer(Packet packet, int offset) {
        return packet.i32(offset) >>> 8 == MAGIC_WITH_BUFFER;
    }

    /** Whether the packet still lies in the buffer that it was made in. For probes that {@linkplain #tellsBuffer tell} it. */
    public static boolean isInPlace(Packet packet, int offset) {
        return packet.i32(offset + BUFFER_OFFSET) == packet.bufferIndex();
    }

    /** Which generator made it, 0 to {@link #IDS} - 1. */
    public static int id(Packet packet, int offset) {
        return packet.u8(offset + 3);
    }

    /** Its number among the packets of its generator, from 0. */
    public static long sequence(Packet packet, int offset) {
        return packet.i64(offset + SEQUENCE_OFFSET);
    }

    /**
     * Nanoseconds since it was sent; negative if that is in the future.
     *
     * @param nowNanos {@link System#nanoTime()}
     */
    public static long ageNanos(Packet packet, int offset, long nowNanos) {
        long sent = (long) packet.u16(offset + TIME_OFFSET) << 32 | packet.i32(offset + TIME_OFFSET + 2) & 0xffff_ffffL;
        int unused = Long.SIZE - TIME_BITS;
        return nowNanos - sent << unused >> unused;
    }

    /**
     * Whether the bytes behind the fixed part are as they were sent.
     *
     * @param end where the payload ends in the packet
     * @param scratch at least as long as the packet; overwritten
     */
    public static boolean isIntact(Packet packet, int offset, int end, byte[] scratch) {
        int filler = offset + length(tellsBuffer(packet, offset));
        int length = end - filler;
        packet.get(filler, scratch, 0, length);
        return Arrays.mismatch(scratch, 0, length, FILLER, 0, length) < 0;
    }
}
