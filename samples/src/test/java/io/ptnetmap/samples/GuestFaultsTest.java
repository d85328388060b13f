// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Packets;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.host.AttachServer;
import io.ptnetmap.host.BufferAudit;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts and guests that go without a word under load, and sleepers that must be woken. */
@Tag("vm")
class GuestFaultsTest {
    private static final long ENDLESS = 100_000_000;
    private static final int REBOOTS = 3;
    private static final int LAST_FRAMES = 10_000;
    private static final int KILLS = 20;
    private static final int WAKE_UPS = 100_000;
    private static final int PACKET = 60;
    private static final long LONGEST_GAP_NANOS = 2_000_000;
    /** Where the number of a frame of the program {@code frames} is. */
    private static final int NUMBER = 14;

    @TempDir
    Path directory;

    @BeforeAll
    static void needMachines() {
        Guest.hypervisor();
        Tools.need("gcc");
    }

    @Test
    void aHostThatIsKilledLeavesAGuestThatKnows() throws Exception {
        Path socket = directory.resolve("host.sock");
        Process host = Nfv.startHost(socket);
        try (Guest guest = Guest.boot(
                directory, socket, List.of("netmap:x{1", "netmap:x}1"), List.of(GuestPrograms.frames(directory)))) {
            guest.run("ip link set eth0 up; ip link set eth1 up");
            guest.run(
                    "for way in 'send eth0' 'check eth1'; do (" + Guest.PROGRAMS + "frames $way " + ENDLESS
                            + " >/tmp/${way%% *} 2>&1; echo $? >>/tmp/${way%% *}) & done; sleep 2; cat /tmp/send; test ! -s /tmp/send");
            host.destroyForcibly().waitFor();
            for (String program : List.of("send", "check")) {
                guest.run("for i in $(seq 50); do test -s /tmp/" + program + " && break; sleep 0.2; done");
                assertTrue(guest.run("cat /tmp/" + program).contains("the port has failed\n2"), program);
            }
            assertEquals("running", guest.machine().status());
            assertTrue(
                    guest.machine().lastWords().toString().contains("is gone"),
                    guest.machine().lastWords()::toString);
            assertTrue(
                    guest.run("dmesg").contains("the host of the netmap rings is gone"),
                    () -> guest.run("dmesg | tail"));
            guest.run("for i in $(seq 50); do grep 0 /sys/class/net/eth0/carrier && exit; sleep 0.2; done; exit 1");
            assertTrue(
                    guest.expect(1, Guest.PROGRAMS + "frames churn eth0 1", 20).contains("No such device or address"));
            guest.run("rmmod e1000; rmmod netmap");
            assertEquals("", guest.run("dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace' || true"));
        } finally {
            host.destroyForcibly().waitFor();
        }
    }

    /** What a guest's program sends meanwhile are whole frames, each once, and the last ones are those of the last boot. */
    @Test
    void aGuestThatRebootsUnderLoadIsServedAgain() throws Exception {
        Path job = Files.writeString(directory.resolve("run"), """
                #!/bin/sh
                for block in /sys/block/vd*; do [ "$(cat $block/serial)" = boots ] && disk=/dev/${block##*/}; done
                read -r boots <$disk
                ip link set eth0 up
                [ $boots -eq %d ] && exec /part/frames send eth0 %d
                echo $((boots + 1)) | dd of=$disk bs=512 count=1 conv=sync,fsync 2>/dev/null
                /part/frames send eth0 %d &
                sleep 2
                reboot -f
                """.formatted(REBOOTS, LAST_FRAMES, ENDLESS));
        assertTrue(job.toFile().setExecutable(true));
        byte[] sector = new byte[512];
        sector[0] = '0';
        sector[1] = '\n';
        Path boots = Files.write(directory.resolve("boots.img"), sector);
        try (EmbeddedHost host = EmbeddedHost.create();
                AttachServer server = host.serve(directory.resolve("host.sock"))) {
            try (Netmap netmap = Netmap.over(host);
                    NetmapPort port = netmap.openPort("netmap:x}1");
                    Receiver receiver = new Receiver(port, NUMBER)) {
                List<String> said = Tools.run(
                        "../guest-image/test/boot.sh",
                        "-t",
                        "300",
                        job.toString(),
                        GuestPrograms.frames(directory).toString(),
                        "--",
                        "-action",
                        "reboot=reset",
                        "-drive",
                        "if=none,id=boots,format=raw,file=" + boots,
                        "-device",
                        "virtio-blk-pci,drive=boots,serial=boots",
                        "-netdev",
                        "netmap,id=n0,passthrough=on,ifname=netmap:x{1,devname=" + server.path(),
                        "-device",
                        "e1000-paravirt,netdev=n0,romfile=");
                assertEquals(
                        Integer.toString(REBOOTS),
                        Files.readString(boots).lines().findFirst().orElseThrow());
                Machines.awaitThat("the last frame", () -> receiver.last == LAST_FRAMES);
                assertEquals(REBOOTS + 1, receiver.runs, said::toString);
            }
            assertClean(host);
        }
    }

    @Test
    void aPacketAfterTenSecondsOfSilenceGetsThroughAtOnce() throws Exception {
        try (Echo echo = new Echo(directory)) {
            for (int i = 0; i < 1_000; i++) {
                echo.roundTrip(i);
            }
            TimeUnit.SECONDS.sleep(10);
            long took = echo.roundTrip(1_000);
            System.out.printf("round trip to a guest after 10 s of silence: %.1f ms%n", took / 1e6);
            assertTrue(took < Duration.ofSeconds(1).toNanos(), () -> took + " ns");
        }
    }

    @Test
    @Tag("soak")
    void noWakeUpOfAGuestIsLost() throws Exception {
        Random random = new Random(1);
        try (Echo echo = new Echo(directory)) {
            for (int i = 0; i < WAKE_UPS; i++) {
                LockSupport.parkNanos(random.nextLong(LONGEST_GAP_NANOS));
                echo.roundTrip(i);
            }
        }
        System.out.println(
                WAKE_UPS + " packets to a guest and back at random gaps: none waited for a wake-up that was lost");
    }

    @Test
    @Tag("soak")
    void machinesThatAreKilledUnderLoadCostNoBuffer() throws Exception {
        Random random = new Random(1);
        Path frames = GuestPrograms.frames(directory);
        try (EmbeddedHost host = EmbeddedHost.create();
                AttachServer server = host.serve(directory.resolve("host.sock"))) {
            try (Netmap netmap = Netmap.over(host);
                    NetmapPort in = netmap.openPort("netmap:in{1");
                    NetmapPort out = netmap.openPort("netmap:out}1");
                    Sender sender = new Sender(in);
                    Receiver receiver = new Receiver(out, 0)) {
                for (int i = 0; i < KILLS; i++) {
                    long sofar = receiver.count;
                    try (Guest guest = Guest.boot(
                            directory, server.path(), List.of("netmap:in}1", "netmap:out{1"), List.of(frames))) {
                        guest.run("ip link set eth0 up; ip link set eth1 up");
                        guest.run(Guest.PROGRAMS + "frames forward eth0 eth1 " + ENDLESS + " >/dev/null 2>&1 &");
                        Machines.awaitThat("traffic", () -> receiver.count > sofar + 10_000);
                        TimeUnit.MILLISECONDS.sleep(random.nextInt(200));
                        ProcessHandle.of(guest.machine().pid()).orElseThrow().destroyForcibly();
                        assertTrue(guest.machine().awaitEnd(Duration.ofSeconds(5)));
                    }
                }
                System.out.println(KILLS + " machines killed: " + receiver.count + " of " + sender.number
                        + " packets received, none twice");
            }
            assertClean(host);
        }
    }

    /** That nothing is left in use when all have closed. */
    private static void assertClean(EmbeddedHost host) {
        BufferAudit audit = host.audit(1);
        assertTrue(audit.clean(), audit::toString);
        assertEquals(0, audit.inSlots() + audit.extra(), audit::toString);
    }

    /** A guest that sends back what it gets, by a program that sleeps in between. */
    private static final class Echo implements AutoCloseable {
        private final EmbeddedHost host = EmbeddedHost.create();
        private final AttachServer server;
        private final Netmap netmap = Netmap.over(host);
        private final NetmapPort ping = netmap.openPort("netmap:ping{1");
        private final NetmapPort pong = netmap.openPort("netmap:pong}1");
        private final Guest guest;

        Echo(Path directory) {
            server = host.serve(directory.resolve("host.sock"));
            guest = Guest.boot(
                    directory,
                    server.path(),
                    List.of("netmap:ping}1", "netmap:pong{1"),
                    List.of(GuestPrograms.frames(directory)));
            guest.run("ip link set eth0 up; ip link set eth1 up");
            guest.run(Guest.PROGRAMS + "frames forward eth0 eth1 " + ENDLESS + " >/tmp/forward 2>&1 &");
        }

        /** Nanoseconds that it took. */
        long roundTrip(long number) {
            long start = System.nanoTime();
            Packets.send(ping.txRing(0), number, PACKET);
            Packets.await(pong, Linux.POLLIN);
            long took = System.nanoTime() - start;
            assertEquals(List.of(number), Packets.receive(pong.rxRing(0)));
            return took;
        }

        @Override
        public void close() {
            guest.close();
            ping.close();
            pong.close();
            netmap.close();
            server.close();
            host.close();
        }
    }

    /** Work on a port on a thread of its own, until closed. */
    private abstract static class Worker implements AutoCloseable {
        private static final long SLEEP_NANOS = 100_000_000;
        private final Thread thread;
        private volatile boolean stopped;
        private volatile Throwable failure;

        Worker(NetmapPort port, int events) {
            thread = Thread.ofPlatform().daemon().unstarted(() -> {
                try {
                    while (!stopped) {
                        port.poll(events, SLEEP_NANOS);
                        work();
                    }
                } catch (RuntimeException | AssertionError wrong) {
                    failure = wrong;
                }
            });
        }

        abstract void work();

        final void start() {
            thread.start();
        }

        @Override
        public void close() {
            stopped = true;
            try {
                thread.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            if (failure != null) {
                throw new AssertionError(failure);
            }
        }
    }

    /** Sends numbered packets as fast as they are taken. */
    private static final class Sender extends Worker {
        private final TxRing tx;
        private volatile long number;

        Sender(NetmapPort port) {
            super(port, Linux.POLLOUT);
            tx = port.txRing(0);
            start();
        }

        @Override
        void work() {
            while (tx.available() > 0) {
                assertTrue(tx.inject(Packets.numbered(number + 1, PACKET)));
                number = number + 1;
            }
            tx.sync();
        }
    }

    /** Counts packets, whose numbers must grow: by one, or by more where some are lost, or anew from 1. */
    private static final class Receiver extends Worker {
        private final RxRing rx;
        private final int offset;
        private volatile long count;
        private volatile long last;
        private volatile int runs;

        /** @param offset of the number in a packet */
        Receiver(NetmapPort port, int offset) {
            super(port, Linux.POLLIN);
            rx = port.rxRing(0);
            this.offset = offset;
            start();
        }

        @Override
        void work() {
            int batch = rx.available();
            for (int i = 0, slot = rx.head(); i < batch; i++, slot = rx.next(slot)) {
                long number = Memory.getLong(rx.bufferAddress(slot) + offset);
                assertTrue(number > last || number == 1, () -> number + " after " + last);
                runs += number == 1 ? 1 : 0;
                last = number;
            }
            rx.advance(batch);
            rx.sync();
            count += batch;
        }
    }
}
