// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPoller;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.linux.Linux;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32C;

/** The processes of {@code nfv bench nic}: a forwarder between two interfaces, and those who talk through it. */
final class NicWorker {
    static final String FORWARDER = "forwarder";
    static final String CLIENT = "client";
    static final String SERVER = "server";

    static final String CLIENT_INTERFACE = "c0";
    static final String SERVER_INTERFACE = "s0";
    static final String SERVER_ADDRESS = "10.77.0.2";
    private static final int TCP_PORT = 5201;
    private static final int CHUNK = 1 << 16;
    private static final int FRAME = 60;
    private static final long CHECK_NANOS = 50_000_000;

    private NicWorker() {}

    public static void main(String[] arguments) throws IOException {
        switch (arguments[0]) {
            case FORWARDER -> forward(arguments[1], arguments[2]);
            case CLIENT -> client();
            case SERVER -> server();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** Forwards both ways until its input ends. */
    private static void forward(String left, String right) throws IOException {
        try (Netmap netmap = Netmap.over(EmbeddedHost.create());
                NetmapPort a = netmap.openPort("netmap:" + left);
                NetmapPort b = netmap.openPort("netmap:" + right);
                NetmapPoller poller = new NetmapPoller()) {
            Thread thread = Thread.ofPlatform().daemon().start(() -> {
                while (true) {
                    poller.add(a, wish(a, b));
                    poller.add(b, wish(b, a));
                    poller.await(CHECK_NANOS);
                    forward(a.rxRing(0), b.txRing(0));
                    forward(b.rxRing(0), a.txRing(0));
                }
            });
            System.out.println(BenchProcess.READY);
            System.out.println(a.description().orElse(""));
            while (System.in.read() >= 0 && thread.isAlive()) {}
            Runtime.getRuntime().halt(0);
        }
    }

    /** With packets left over for lack of room, waits for room instead of more packets. */
    private static int wish(NetmapPort port, NetmapPort other) {
        return (port.rxRing(0).available() == 0 ? Linux.POLLIN : 0)
                | (other.rxRing(0).available() > 0 ? Linux.POLLOUT : 0);
    }

    private static void forward(RxRing from, TxRing to) {
        from.forward(to, Integer.MAX_VALUE);
        to.sync();
        from.sync();
    }

    /** At {@code go BYTES 0 0} sends over TCP, at {@code go 0 NANOS 1} packets; answers with what it was and nanoseconds. */
    private static void client() {
        try (Netmap netmap = Netmap.over(EmbeddedHost.create());
                NetmapPort port = netmap.openPort("netmap:" + CLIENT_INTERFACE + "/T")) {
            Commands.answer((bytes, nanos, packets) -> packets ? sendPackets(port.txRing(0), nanos) : sendBytes(bytes));
        }
    }

    private static String sendBytes(long bytes) {
        byte[] chunk = chunk();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(SERVER_ADDRESS, TCP_PORT), (int) (Patience.STALL_NANOS / 1_000_000));
            OutputStream out = socket.getOutputStream();
            long start = System.nanoTime();
            for (long sent = 0; sent < bytes; sent += CHUNK) {
                out.write(chunk);
            }
            socket.shutdownOutput();
            // The server ends the connection when it has all.
            if (socket.getInputStream().read() >= 0) {
                throw new BenchException("the server talks");
            }
            return bytes + " " + (System.nanoTime() - start);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static byte[] chunk() {
        byte[] chunk = new byte[CHUNK];
        new Random(1).nextBytes(chunk);
        return chunk;
    }

    private static String sendPackets(TxRing tx, long nanos) {
        byte[] frame = new byte[FRAME];
        // From one station to another, of a type for experiments (IEEE 802 §9.2.3).
        byte[] header = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, (byte) 0x88, (byte) 0xb5};
        System.arraycopy(header, 0, frame, 0, header.length);
        MemorySegment packet = MemorySegment.ofArray(frame);
        long sent = 0;
        long start = System.nanoTime();
        while (System.nanoTime() - start < nanos) {
            while (tx.inject(packet)) {
                sent++;
            }
            tx.sync();
        }
        return sent + " " + (System.nanoTime() - start);
    }

    /**
     * At {@code go BYTES 0 0} takes a TCP connection and answers with 1 if these bytes came unchanged, at {@code go 0 0 1} with
     * the packets that its interface has received so far.
     */
    private static void server() throws IOException {
        try (ServerSocket listener = new ServerSocket(TCP_PORT)) {
            Commands.answer((bytes, ignored, packets) -> packets ? received() : receiveBytes(listener, bytes));
        }
    }

    private static String received() {
        try {
            return Files.readAllLines(Path.of("/proc/net/dev")).stream()
                    .map(String::strip)
                    .filter(line -> line.startsWith(SERVER_INTERFACE + ":"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip().split(" +")[1])
                    .findFirst()
                    .orElseThrow();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String receiveBytes(ServerSocket listener, long bytes) {
        byte[] buffer = new byte[CHUNK];
        CRC32C came = new CRC32C();
        long count = 0;
        try (Socket socket = listener.accept()) {
            InputStream in = socket.getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                came.update(buffer, 0, n);
                count += n;
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        CRC32C expected = new CRC32C();
        byte[] chunk = chunk();
        for (long sent = 0; sent < bytes; sent += CHUNK) {
            expected.update(chunk, 0, CHUNK);
        }
        return came.getValue() == expected.getValue() && count >= bytes ? "1" : "0";
    }
}
