// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A host to try passthrough against, by hand or from a script: serves a socket, sends numbered frames into ports and checks
 * what comes out of others.
 *
 * <pre>
 * StandaloneHost SOCKET [send PORT COUNT | check PORT COUNT | pong PORT]...
 * StandaloneHost /tmp/host.sock send 'netmap:a{1' 1000000 check 'netmap:b}2' 1000000
 * </pre>
 *
 * Ends when all counts are reached, with status 0 if nothing was lost, spoilt or reordered; without a count, never. {@code
 * pong} sends back what it receives.
 */
public final class StandaloneHost {
    private static final int LENGTH = 60;
    private static final int HEADER = 14;
    private static final int BATCH = 256;
    /** For local experiments (IEEE 802). */
    private static final short ETHER_TYPE = (short) 0x88b5;

    private final Netmap netmap;
    private final List<Thread> counted = new ArrayList<>();
    private volatile boolean failed;

    private StandaloneHost(Netmap netmap) {
        this.netmap = netmap;
    }

    public static void main(String[] arguments) throws InterruptedException {
        EmbeddedHost host = EmbeddedHost.create();
        StandaloneHost standalone = new StandaloneHost(Netmap.over(host));
        int i = 1;
        while (i < arguments.length) {
            String role = arguments[i];
            NetmapPort port = standalone.netmap.openPort(arguments[i + 1]);
            boolean pong = role.equals("pong");
            long count = pong ? Long.MAX_VALUE : Long.parseLong(arguments[i + 2]);
            standalone.start(role, port, count);
            i += pong ? 2 : 3;
        }
        host.serve(Path.of(arguments[0]));
        System.out.println("serving " + arguments[0]);
        if (standalone.counted.isEmpty()) {
            Thread.currentThread().join();
        }
        for (Thread thread : standalone.counted) {
            thread.join();
        }
        System.out.println(host.audit(1));
        System.exit(standalone.failed ? 1 : 0);
    }

    private void start(String role, NetmapPort port, long count) {
        Runnable work = switch (role) {
            case "send" -> () -> send(port, count);
            case "check" -> () -> check(port, count);
            case "pong" -> () -> pong(port);
            default -> throw new IllegalArgumentException("no such role: " + role);
        };
        Thread thread = Thread.ofPlatform().daemon(true).name(role + " " + port).unstarted(() -> {
            try {
                work.run();
            } catch (RuntimeException | AssertionError failure) {
                System.out.println(role + " " + port + ": " + failure);
                failed = true;
            }
        });
        if (count != Long.MAX_VALUE) {
            counted.add(thread);
        }
        thread.start();
    }

    private static void send(NetmapPort port, long count) {
        TxRing tx = port.txRing(0);
        long sent = 0;
        while (sent < count) {
            int batch = (int) Math.min(Math.min(BATCH, tx.available()), count - sent);
            for (int k = 0, slot = tx.head(); k < batch; k++, slot = tx.next(slot)) {
                write(tx.bufferAddress(slot), ++sent);
                tx.length(slot, LENGTH);
                tx.flags(slot, 0);
            }
            tx.advance(batch);
            tx.sync();
            if (tx.available() == 0) {
                port.poll(Linux.POLLOUT, -1);
            }
        }
        while (!tx.drained()) {
            port.poll(Linux.POLLOUT, 1_000_000);
            tx.sync();
        }
        System.out.println("sent " + sent + " into " + port);
    }

    private static void write(long frame, long number) {
        Memory.putLong(frame, -1);
        Memory.putInt(frame + 8, 2);
        Memory.putShortBigEndian(frame + 12, ETHER_TYPE);
        Memory.putLong(frame + HEADER, number);
        for (int i = HEADER + 8; i < LENGTH; i++) {
            Memory.putByte(frame + i, (byte) (number * 31 + i));
        }
    }

    private static void check(NetmapPort port, long count) {
        RxRing rx = port.rxRing(0);
        long received = 0;
        long start = 0;
        while (received < count) {
            port.poll(Linux.POLLIN, -1);
            start = received == 0 ? System.nanoTime() : start;
            int batch = (int) Math.min(rx.available(), count - received);
            for (int k = 0, slot = rx.head(); k < batch; k++, slot = rx.next(slot)) {
                check(rx.bufferAddress(slot), rx.length(slot), ++received);
            }
            rx.advance(batch);
            rx.sync();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("checked %d from %s in %.3f s: %.0f/s%n", received, port, seconds, received / seconds);
    }

    private static void check(long frame, int length, long expected) {
        long number = Memory.getLong(frame + HEADER);
        if (number != expected || length != LENGTH) {
            throw new AssertionError("frame " + number + " of " + length + " bytes where " + expected + " of " + LENGTH
                    + " was expected");
        }
        for (int i = HEADER + 8; i < LENGTH; i++) {
            if (Memory.getByte(frame + i) != (byte) (number * 31 + i)) {
                throw new AssertionError("frame " + number + " is spoilt at byte " + i);
            }
        }
    }

    private static void pong(NetmapPort port) {
        while (true) {
            port.poll(Linux.POLLIN, -1);
            port.rxRing(0).forward(port.txRing(0), Integer.MAX_VALUE);
            port.txRing(0).sync();
            if (port.txRing(0).available() == 0) {
                port.poll(Linux.POLLOUT, -1);
            }
        }
    }
}
