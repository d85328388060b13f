// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.host.RegionConfig;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BridgeTest {
    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private final StringWriter said = new StringWriter();

    @TempDir
    Path directory;

    @AfterEach
    void end() {
        assertTrue(host.audit(1).clean(), () -> host.audit(1).toString());
        netmap.close();
    }

    private CompletableFuture<long[]> bridge(StopSignal stop, String first, String second, boolean copy) {
        Bridge bridge =
                new Bridge(new Bridge.Settings(first, second, 1024, 0, copy, false), new PrintWriter(said, true));
        CompletableFuture<long[]> moved = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        moved.complete(bridge.run(netmap, stop));
                    } catch (RuntimeException failure) {
                        moved.completeExceptionally(failure);
                    }
                },
                "bridge");
        thread.start();
        return moved;
    }

    /** Sends numbers into a port and expects them, in order, at another one. */
    private static void stream(NetmapPort from, NetmapPort to, int count) {
        TxRing tx = from.txRing(0);
        RxRing rx = to.rxRing(0);
        int sent = 0;
        int received = 0;
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (received < count) {
            assertTrue(System.nanoTime() < deadline, "stuck after " + received);
            tx.sync();
            int some = Math.min(tx.available(), count - sent);
            for (int i = 0; i < some; i++) {
                int slot = tx.fromHead(i);
                Memory.putInt(tx.bufferAddress(slot), sent++);
                tx.length(slot, 60, 0);
            }
            tx.advance(some);
            tx.sync();
            to.poll(Linux.POLLIN, 1_000_000);
            int there = rx.available();
            for (int i = 0; i < there; i++) {
                assertEquals(received++, Memory.getInt(rx.bufferAddress(rx.fromHead(i))));
            }
            rx.advance(there);
            rx.sync();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, false, zero-copy", "1, true, copy", "2, false, copy"})
    void packetsPassBothWaysInOrder(int region, boolean copy, String how) throws Exception {
        if (region == 2) {
            assertEquals(2, host.createRegion(RegionConfig.DEFAULT.withBuffers(8192, 2048)));
        }
        try (StopSignal stop = new StopSignal();
                NetmapPort left = netmap.openPort("netmap:l{1");
                NetmapPort right = netmap.openPort("netmap:r{1@" + region)) {
            CompletableFuture<long[]> moved = bridge(stop, "netmap:l}1", "netmap:r}1", copy);
            stream(left, right, 20_000);
            stream(right, left, 20_000);
            stop.stop();
            assertArrayEquals(new long[] {20_000, 20_000}, moved.get());
            assertTrue(said.toString().startsWith(how + " between netmap:l}1"), said::toString);
        }
    }

    @Test
    void loopbackSendsBack() throws Exception {
        try (StopSignal stop = new StopSignal();
                NetmapPort left = netmap.openPort("netmap:l{1")) {
            CompletableFuture<long[]> moved = bridge(stop, "netmap:l}1", "", false);
            stream(left, left, 10_000);
            stop.stop();
            assertEquals(10_000, moved.get()[0]);
        }
    }

    @Test
    void aFilesEndIsTheBridges() throws Exception {
        Path in = directory.resolve("in.pcap");
        Path out = directory.resolve("out.pcap");
        try (NetmapPort port = netmap.openPort("pcap:" + in + "/T")) {
            for (int i = 0; i < 5_000; i++) {
                while (port.txRing(0).available() == 0) {
                    port.sync();
                }
                Memory.putInt(port.txRing(0).bufferAddress(port.txRing(0).head()), i);
                port.txRing(0).length(port.txRing(0).head(), 60 + i % 1000, 0);
                port.txRing(0).advance(1);
            }
            port.sync();
        }
        try (StopSignal stop = new StopSignal()) {
            assertArrayEquals(
                    new long[] {5_000, 0},
                    bridge(stop, "pcap:" + in, "pcap:" + out + "/T", false).get());
        }
        assertArrayEquals(Files.readAllBytes(in), Files.readAllBytes(out));
    }

    @Test
    void portsThatCannotBeJoinedAreRefused() {
        try (StopSignal stop = new StopSignal()) {
            Exception refused = assertThrows(
                    Exception.class,
                    () -> bridge(stop, "netmap:l}1/T", "null/T", false).get());
            assertTrue(refused.getCause() instanceof ToolException, refused::toString);
            assertTrue(refused.getMessage().contains("nothing can pass"), refused::getMessage);
        }
    }
}
