// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.LongUnaryOperator;

/**
 * A station behind a netmap port that asks another one and gets answers: numbered frames of which every byte is known. The same
 * on the host and, by {@link #main}, in a guest.
 *
 * <pre>
 *  0 destination, source, ethertype 0x88b6   14 kind: 0 hello, 1 question, 2 answer   16 number, little endian
 * 24 canary, not in a hello   40 byte i is 31 times the number plus i, up to 255
 * </pre>
 */
public final class Station {
    private static final String CANARY = "63616e6172792d2dd1f2a3b4c59687";

    /** Addresses from 02:73:74:00:00:00 on, by the number of the station. */
    private static final long ADDRESSES = 0x0273_7400_0000L;

    private static final long EVERYBODY = 0xffff_ffff_ffffL;
    private static final int LENGTH = 256;
    private static final int ETHERTYPE = 0x88b6;
    private static final int KIND = 14;
    private static final int NUMBER = 16;
    private static final int CANARY_AT = 24;
    private static final int PATTERN = 40;
    private static final int FACTOR = 31;
    private static final byte HELLO = 0;
    private static final byte QUESTION = 1;
    private static final byte ANSWER = 2;
    private static final long WAKE_NANOS = 100_000_000L;
    private static final long WAKE_EARLY_NANOS = 1_000_000L;
    private static final long SILENCE_NANOS = 20_000_000_000L;

    private final NetmapPort port;
    private final long address;
    private final byte[] received = new byte[LENGTH];

    /** @param number of this station, which gives its address */
    Station(NetmapPort port, int number) {
        this.port = port;
        this.address = ADDRESSES + number;
    }

    /** {@code ask PORT OWN-NUMBER OTHER-NUMBER COUNT}, {@code answer PORT OWN-NUMBER COUNT}; prints how many were answered. */
    public static void main(String[] arguments) {
        int number = Integer.parseInt(arguments[2]);
        try (NetmapPort port = Netmap.open(arguments[1])) {
            Station station = new Station(port, number);
            long answered = switch (arguments[0]) {
                case "ask" -> station.ask(Integer.parseInt(arguments[3]), Long.parseLong(arguments[4]), inWindow(128));
                case "answer" -> station.answer(Long.parseLong(arguments[3]));
                default -> throw new IllegalArgumentException(arguments[0]);
            };
            System.out.println("answered " + answered);
        }
    }

    /** Bytes that are in every question of a station and the answers to it, and nowhere else. */
    static byte[] canary(int number) {
        return HexFormat.of().parseHex(CANARY + HexFormat.of().toHexDigits((byte) number));
    }

    /** Asks only as much as both stations' rings have room for: nothing is lost where nobody else sends. */
    static LongUnaryOperator inWindow(int questions) {
        return answered -> answered + questions;
    }

    /** Asks so often at most, and likewise. */
    static LongUnaryOperator perSecond(long questions, int window) {
        long start = System.nanoTime();
        return answered -> Math.min(answered + window, (long) ((System.nanoTime() - start) * 1e-9 * questions));
    }

    /**
     * Asks another station, until all is answered or nothing has come for a while.
     *
     * @param allowed how many questions may have been asked when so many, those lost among them, have been answered
     * @return how many were answered
     * @throws IllegalStateException if an answer is not what it must be, or comes twice
     */
    long ask(int other, long count, LongUnaryOperator allowed) {
        long asked = 0;
        long answered = 0;
        long last = -1;
        long heard = System.nanoTime();
        hello();
        TxRing tx = port.txRing(0);
        RxRing rx = port.rxRing(0);
        while (last + 1 < count && System.nanoTime() - heard < SILENCE_NANOS / 4) {
            for (long due = Math.min(count, allowed.applyAsLong(last + 1));
                    asked < due && tx.available() > 0;
                    asked++) {
                put(tx, frame(ADDRESSES + other, QUESTION, asked));
            }
            tx.sync();
            port.poll(Linux.POLLIN, WAKE_EARLY_NANOS);
            for (int left = rx.available(); left > 0; left--) {
                if (isFor(rx, ANSWER)) {
                    last = verify(rx, ADDRESSES + other, ANSWER, last);
                    answered++;
                    heard = System.nanoTime();
                }
                rx.advance(1);
            }
        }
        rx.sync();
        return answered;
    }

    /** Answers the questions up to a number, or until nobody asks any more. Returns how many. */
    long answer(long count) {
        long answered = 0;
        long last = -1;
        long heard = System.nanoTime();
        hello();
        System.out.println("ready");
        TxRing tx = port.txRing(0);
        RxRing rx = port.rxRing(0);
        while (last + 1 < count && System.nanoTime() - heard < SILENCE_NANOS) {
            port.poll(Linux.POLLIN, WAKE_NANOS);
            for (int left = rx.available(); left > 0 && tx.available() > 0; left--) {
                if (isFor(rx, QUESTION)) {
                    long from = field(rx.bufferAddress(rx.head()) + 6);
                    last = verify(rx, from, QUESTION, last);
                    put(tx, frame(from, ANSWER, last));
                    answered++;
                    heard = System.nanoTime();
                }
                rx.advance(1);
            }
            tx.sync();
        }
        while (!tx.drained()) {
            port.poll(Linux.POLLOUT, WAKE_EARLY_NANOS);
            tx.sync();
        }
        return answered;
    }

    /** Lets switches know where this station is. */
    void hello() {
        put(port.txRing(0), frame(EVERYBODY, HELLO, 0));
        port.txRing(0).sync();
    }

    /** A question to everybody. */
    void shout() {
        put(port.txRing(0), frame(EVERYBODY, QUESTION, 0));
        port.txRing(0).sync();
    }

    private static void put(TxRing tx, byte[] frame) {
        Memory.copy(frame, 0, tx.bufferAddress(tx.head()), LENGTH);
        tx.length(tx.head(), LENGTH, 0);
        tx.advance(1);
    }

    private byte[] frame(long destination, byte kind, long number) {
        return frame(destination, address, kind, number);
    }

    private static byte[] frame(long destination, long source, byte kind, long number) {
        ByteBuffer frame = ByteBuffer.allocate(LENGTH);
        frame.putLong(destination << 16 | source >>> 32).putInt((int) source).putShort((short) ETHERTYPE);
        frame.put(KIND, kind).order(ByteOrder.LITTLE_ENDIAN).putLong(NUMBER, number);
        if (kind != HELLO) {
            frame.put(CANARY_AT, canary((int) ((kind == QUESTION ? source : destination) - ADDRESSES)));
        }
        for (int i = PATTERN; i < LENGTH; i++) {
            frame.put(i, (byte) (number * FACTOR + i));
        }
        return frame.array();
    }

    /** Six bytes in network order. */
    private static long field(long at) {
        return Memory.getLongBigEndian(at) >>> 16;
    }

    private boolean isFor(RxRing rx, byte kind) {
        long frame = rx.bufferAddress(rx.head());
        return rx.length(rx.head()) >= NUMBER
                && field(frame) == address
                && Memory.getShortBigEndian(frame + 12) == (short) ETHERTYPE
                && Memory.getByte(frame + KIND) == kind;
    }

    private long verify(RxRing rx, long from, byte kind, long last) {
        int slot = rx.head();
        long number = Memory.getLong(rx.bufferAddress(slot) + NUMBER);
        Memory.copy(rx.bufferAddress(slot), received, 0, LENGTH);
        boolean whole = rx.length(slot) == LENGTH && (rx.flags(slot) & NetmapSlot.NS_MOREFRAG) == 0;
        if (number <= last || !whole || !Arrays.equals(received, frame(address, from, kind, number))) {
            throw new IllegalStateException("after frame " + last + ", of " + rx.length(slot) + " bytes: "
                    + HexFormat.of().formatHex(received));
        }
        return number;
    }
}
