// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Ethernet frames between stations, which are numbers: the 48 bits of an address, first byte highest. */
final class Frames {
    static final long BROADCAST = 0xffff_ffff_ffffL;

    private static final int HEADER = 14;

    private Frames() {}

    /** A frame whose bytes behind the header follow from its number. */
    static byte[] frame(long destination, long source, int number, int length) {
        byte[] frame = new byte[Math.max(length, HEADER + Integer.BYTES)];
        new Random(number).nextBytes(frame);
        ByteBuffer.wrap(frame)
                .putShort((short) (destination >>> 32))
                .putInt((int) destination)
                .putShort((short) (source >>> 32))
                .putInt((int) source)
                .putShort((short) 0x88b5)
                .putInt(number);
        return Arrays.copyOf(frame, length);
    }

    /** Address of a station as the {@link ForwardingTable} has it. */
    static long station(long address) {
        return Long.reverseBytes(address) >>> 16;
    }

    static void send(NetmapPort port, byte[] frame) {
        send(port.txRing(0), frame);
    }

    static void send(TxRing tx, byte[] frame) {
        if (!tx.inject(MemorySegment.ofArray(frame))) {
            throw new AssertionError("no room in " + tx.port());
        }
        tx.sync();
    }

    /** Takes all packets there are, of however many slots; checks what the flags say of their number. */
    static List<byte[]> receive(RxRing rx) {
        rx.sync();
        List<byte[]> frames = new ArrayList<>();
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        int slots = 0;
        int slot = rx.head();
        int announced = 0;
        for (int i = 0; i < rx.available(); i++) {
            byte[] part = rx.buffer(slot).asSlice(0, rx.length(slot)).toArray(ValueLayout.JAVA_BYTE);
            frame.write(part, 0, part.length);
            slots++;
            announced = rx.flags(slot) >>> NetmapSlot.NS_PORT_SHIFT;
            if ((rx.flags(slot) & NetmapSlot.NS_MOREFRAG) == 0) {
                if (announced != slots) {
                    throw new AssertionError("of " + slots + " slots, says " + announced);
                }
                frames.add(frame.toByteArray());
                frame.reset();
                slots = 0;
            }
            slot = rx.next(slot);
        }
        if (slots != 0) {
            throw new AssertionError("an incomplete packet of " + slots + " slots");
        }
        rx.advance(rx.available());
        rx.sync();
        return frames;
    }

    static List<byte[]> receive(NetmapPort port) {
        return receive(port.rxRing(0));
    }
}
