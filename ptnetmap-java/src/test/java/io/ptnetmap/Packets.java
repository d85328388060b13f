// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Numbered packets: the number, then bytes that follow from it. */
public final class Packets {
    private static final ValueLayout.OfLong NUMBER = ValueLayout.JAVA_LONG_UNALIGNED;

    /** Longer than any sleep that is woken; a poll that takes so long has found its packets by looking at its end. */
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private Packets() {}

    /** Sleeps until a port has one of the events; fails where nobody wakes it. */
    public static void await(NetmapPort port, int events) {
        long start = System.nanoTime();
        int ready = port.poll(events, PATIENCE_NANOS);
        if ((ready & events) == 0 || System.nanoTime() - start >= PATIENCE_NANOS) {
            throw new AssertionError(port + " slept to the end of its patience: a wake-up is lost");
        }
    }

    /** A packet of {@code length} bytes, at least 8. */
    public static MemorySegment numbered(long number, int length) {
        MemorySegment packet = MemorySegment.ofArray(new byte[length]);
        for (int i = Long.BYTES; i < length; i++) {
            packet.set(ValueLayout.JAVA_BYTE, i, filler(number, i));
        }
        packet.set(NUMBER, 0, number);
        return packet;
    }

    private static byte filler(long number, int offset) {
        return (byte) (number * 31 + offset);
    }

    /** Sends one, in one slot or several, and syncs. */
    public static void send(TxRing tx, long number, int length) {
        if (!tx.inject(numbered(number, length))) {
            throw new AssertionError(
                    "no room for packet " + number + " in " + tx.port() + ": " + tx.available() + " slots");
        }
        tx.sync();
    }

    /** The number of the packet in a slot; fails where its other bytes do not belong to it. */
    public static long number(Ring ring, int slot) {
        MemorySegment buffer = ring.buffer(slot);
        long number = buffer.get(NUMBER, 0);
        for (int i = Long.BYTES; i < ring.length(slot); i++) {
            if (buffer.get(ValueLayout.JAVA_BYTE, i) != filler(number, i)) {
                throw new AssertionError("packet " + number + " is spoilt at byte " + i + " of " + ring.length(slot));
            }
        }
        return number;
    }

    /** Syncs, and takes all packets there are, each of one slot. */
    public static List<Long> receive(RxRing rx) {
        rx.sync();
        List<Long> numbers = new ArrayList<>();
        int slot = rx.head();
        for (int i = 0; i < rx.available(); i++) {
            numbers.add(number(rx, slot));
            slot = rx.next(slot);
        }
        rx.advance(rx.available());
        rx.sync();
        return numbers;
    }
}
