// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.host.AttachServer;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import io.ptnetmap.samples.binding.Forward;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same Java program in the same guest between the same two NICs, by turns on passed-through rings and, the NICs being
 * ordinary ones, by packet sockets: packets per second that arrive at the host again.
 */
@Tag("vm")
@Tag("soak")
class GuestSpeedTest {
    private static final double LEAST_RATIO = 20;
    private static final int ROUNDS = 3;
    private static final int START_SECONDS = 120;
    private static final int WARM_UP_SECONDS = 5;
    private static final int MEASURED_SECONDS = 5;
    private static final int LENGTH = 60;
    private static final int BATCH = 256;
    private static final String FORWARD = Guest.JAVA + " " + Forward.class.getName()
            + " netmap:eth0 netmap:eth1 >/tmp/forward 2>&1 & echo $! >/tmp/pid";

    private volatile boolean stopped;
    private volatile long received;

    @Test
    void passthroughIsTwentyTimesFasterThanPacketSockets(@TempDir Path directory) throws Exception {
        Guest.hypervisor();
        try (EmbeddedHost host = EmbeddedHost.create();
                AttachServer server = host.serve(directory.resolve("host.sock"));
                Netmap netmap = Netmap.over(host);
                NetmapPort in = netmap.openPort("netmap:in{1");
                NetmapPort out = netmap.openPort("netmap:out}1");
                Guest guest = Guest.boot(
                        directory,
                        server.path(),
                        List.of("netmap:in}1", "netmap:out{1"),
                        List.of(),
                        List.of(Path.of("target/classes")))) {
            guest.run("ip link set eth0 up; ip link set eth1 up");
            Thread sender = Thread.ofPlatform().daemon().start(() -> send(in));
            Thread receiver = Thread.ofPlatform().daemon().start(() -> receive(out));
            double[] ratios = new double[ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                double passedThrough = measure(guest, "true", "true");
                double ordinary = measure(guest, "mv /dev/netmap /dev/netmap.off", "mv /dev/netmap.off /dev/netmap");
                ratios[i] = passedThrough / ordinary;
                System.out.printf(
                        "passthrough %.0f packets/s, packet sockets %.0f packets/s: %.1f times%n",
                        passedThrough, ordinary, ratios[i]);
            }
            stopped = true;
            sender.join();
            receiver.join();
            Arrays.sort(ratios);
            assertTrue(ratios[ROUNDS / 2] >= LEAST_RATIO, () -> "ratios " + Arrays.toString(ratios));
        }
    }

    private double measure(Guest guest, String before, String after) throws InterruptedException {
        guest.run(before);
        long soFar = received;
        guest.run(FORWARD);
        for (int i = 0; received == soFar && i < START_SECONDS; i++) {
            TimeUnit.SECONDS.sleep(1);
        }
        TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
        long count = received;
        long start = System.nanoTime();
        TimeUnit.SECONDS.sleep(MEASURED_SECONDS);
        double rate = (received - count) * 1e9 / (System.nanoTime() - start);
        guest.run("kill $(cat /tmp/pid) || { cat /tmp/forward; exit 1; }");
        guest.run("while kill -0 $(cat /tmp/pid) 2>/dev/null; do usleep 100000; done; " + after);
        assertTrue(rate > 0, () -> guest.run("cat /tmp/forward"));
        return rate;
    }

    private void send(NetmapPort port) {
        TxRing tx = port.txRing(0);
        while (!stopped) {
            int batch = Math.min(BATCH, tx.available());
            for (int k = 0, slot = tx.head(); k < batch; k++, slot = tx.next(slot)) {
                long frame = tx.bufferAddress(slot);
                Memory.putLong(frame, -1);
                Memory.putLong(frame + 8, 0x0000_b588_0000_0002L);
                tx.length(slot, LENGTH);
                tx.flags(slot, 0);
            }
            tx.advance(batch);
            tx.sync();
            if (tx.available() == 0) {
                port.poll(Linux.POLLOUT, 100_000);
            }
        }
    }

    private void receive(NetmapPort port) {
        RxRing rx = port.rxRing(0);
        while (!stopped) {
            port.poll(Linux.POLLIN, 100_000);
            received += rx.available();
            rx.advance(rx.available());
            rx.sync();
        }
    }
}
