// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.ChildJvm;
import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Packets;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Monitors beyond what the test kit of all drivers asks for. */
@Tag("alone")
@Timeout(120)
class MonitorTest {
    private static final String SLOTS = "@conf:slots=32";
    private static final long PATIENCE = 20_000_000_000L;

    @TempDir
    Path directory;

    private final EmbeddedHost host = EmbeddedHost.create(new RegionConfig(64, 1024, 64, 36864, 16384, 2048));
    private final Netmap netmap = Netmap.over(host);
    private final List<NetmapPort> opened = new ArrayList<>();
    private final List<ChildJvm> children = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        children.forEach(ChildJvm::close);
        opened.forEach(NetmapPort::close);
        eventually(
                "all is given back", () -> host.audit(1).free() == host.audit(1).total() - Region.FIRST_BUFFER);
        host.close();
    }

    private NetmapPort open(String name) {
        NetmapPort port = netmap.openPort(name);
        opened.add(port);
        return port;
    }

    private void eventually(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - start < PATIENCE, () -> "not in time: " + what + "; " + host.audit(1));
            Thread.onSpinWait();
        }
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    private static void refused(Errno errno, String inText, Runnable opening) {
        NetmapException refusal = assertThrows(NetmapException.class, opening::run);
        assertEquals(errno, refusal.errno(), refusal::getMessage);
        assertTrue(refusal.getMessage().contains(inText), refusal::getMessage);
    }

    @Test
    void eachRingThatIsWatchedHasARing() {
        open("netmap:x{1@conf:slots=32,tx-rings=2,rx-rings=3");
        assertEquals(2, open("netmap:x{1/t").rxRings().size());
        assertEquals(3, open("netmap:x{1/r").rxRings().size());
        NetmapPort both = open("netmap:x{1/rt");
        assertEquals(5, both.rxRings().size());
        assertEquals(0, both.txRings().size());
        assertEquals(1, open("netmap:x{1-1/t").rxRings().size());
        assertEquals(2, open("netmap:x{1-2/rt").rxRings().size(), "transmit ring 0, there is no 2, and receive ring 2");
        assertEquals(Linux.POLLERR, both.poll(Linux.POLLOUT, 0));
    }

    @Test
    void severalMonitorsSeeTheSame() {
        TxRing tx = open("netmap:x{1" + SLOTS).txRing(0);
        NetmapPort back = open("netmap:x}1");
        RxRing first = open("netmap:x{1/t").rxRing(0);
        Packets.send(tx, 0, 60);
        RxRing second = open("netmap:x{1/t").rxRing(0);
        NetmapPort both = open("netmap:x{1/rt");
        Packets.send(tx, 1, 60);
        Packets.send(back.txRing(0), 100, 60);
        opened.getFirst().sync();
        assertEquals(numbers(0, 2), Packets.receive(first));
        assertEquals(numbers(1, 2), Packets.receive(second));
        assertEquals(numbers(1, 2), Packets.receive(both.rxRing(0)));
        assertEquals(numbers(100, 101), Packets.receive(both.rxRing(1)));
        opened.get(2).close();
        Packets.send(tx, 2, 60);
        assertEquals(numbers(2, 3), Packets.receive(second), "one that goes leaves the others alone");
        RxRing third = open("netmap:x{1/t").rxRing(0);
        Packets.send(tx, 3, 60);
        assertEquals(numbers(3, 4), Packets.receive(second));
        assertEquals(numbers(3, 4), Packets.receive(third));
    }

    @Test
    void ofTooManyAtOnceTheLastOnesAreSeen() {
        TxRing tx = open("netmap:x{1" + SLOTS).txRing(0);
        NetmapPort monitor = open("netmap:x{1/t@conf:slots=8");
        for (long number = 0; number < 20; number++) {
            assertTrue(tx.inject(Packets.numbered(number, 60)));
        }
        tx.sync();
        assertEquals(numbers(13, 20), Packets.receive(monitor.rxRing(0)));
        assertEquals(7, monitor.counters().orElseThrow().received());
        assertEquals(13, monitor.counters().orElseThrow().receiveDropped());
    }

    @Test
    void packetsOfSeveralSlotsAreSeenWholeOrNotAtAll() {
        TxRing tx = open("netmap:x{1" + SLOTS).txRing(0);
        RxRing rx = open("netmap:x}1").rxRing(0);
        NetmapPort monitor = open("netmap:x{1/t@conf:slots=8");
        RxRing seen = monitor.rxRing(0);
        byte[] packet = new byte[2 * tx.bufferSize() + 100];
        for (int i = 0; i < 4; i++) {
            new Random(i).nextBytes(packet);
            assertTrue(tx.inject(MemorySegment.ofArray(packet)));
        }
        tx.sync();
        seen.sync();
        assertEquals(6, seen.available(), "two of three slots each");
        assertEquals(100, seen.length(seen.fromHead(5)));
        byte[] last = seen.buffer(seen.fromHead(5)).asSlice(0, 100).toArray(ValueLayout.JAVA_BYTE);
        assertEquals(-1, Arrays.mismatch(last, Arrays.copyOfRange(packet, 4096, 4196)));
        seen.advance(6);
        seen.sync();
        rx.sync();
        rx.advance(rx.available());
        rx.sync();
        tx.sync();
        tx.length(tx.head(), 10, NetmapSlot.NS_MOREFRAG);
        tx.advance(1);
        tx.sync();
        seen.sync();
        assertEquals(0, seen.available(), "its last slot has not been sent yet");
        tx.length(tx.head(), 10, 0);
        tx.advance(1);
        tx.sync();
        seen.sync();
        assertEquals(2, seen.available());
    }

    @Test
    void slotsSayWhenTheirPacketsPassed() {
        TxRing tx = open("netmap:x{1" + SLOTS).txRing(0);
        RxRing seen = open("netmap:x{1/t").rxRing(0);
        Instant before = Instant.now();
        Packets.send(tx, 1, 60);
        seen.sync();
        Instant at = Instant.ofEpochSecond(0, seen.ptr(seen.head()));
        assertTrue(!at.isBefore(before) && !at.isAfter(Instant.now()), () -> before + " " + at);
    }

    @Test
    void ringsThatAreOpenedLaterAreWatched() {
        TxRing tx = open("netmap:x{1/T" + SLOTS).txRing(0);
        NetmapPort other = open("netmap:x}1");
        NetmapPort monitor = open("netmap:x{1/rt");
        RxRing rx = open("netmap:x{1/R").rxRing(0);
        Packets.send(other.txRing(0), 5, 60);
        assertEquals(numbers(5, 6), Packets.receive(rx));
        assertEquals(numbers(5, 6), Packets.receive(monitor.rxRing(1)));
        Packets.send(tx, 6, 60);
        opened.getFirst().close();
        Packets.send(open("netmap:x{1/T").txRing(0), 7, 60);
        assertEquals(numbers(6, 8), Packets.receive(monitor.rxRing(0)), "whoever sends");
    }

    @Test
    void aMonitorPassesOnTheSendersBuffers() {
        TxRing tx = open("netmap:x{1" + SLOTS).txRing(0);
        RxRing rx = open("netmap:x}1").rxRing(0);
        RxRing seen = open("netmap:x{1/z").rxRing(0);
        for (long number = 0; number < 1000; number++) {
            int slot = tx.head();
            int buffer = tx.bufferIndex(slot);
            Packets.send(tx, number, 60);
            assertEquals(numbers(number, number + 1), Packets.receive(rx));
            assertEquals(List.of(), Packets.receive(seen), "not before the sender has it back");
            tx.sync();
            seen.sync();
            assertEquals(buffer, seen.bufferIndex(seen.head()));
            assertEquals(NetmapSlot.NS_TXMON, seen.flags(seen.head()));
            assertEquals(numbers(number, number + 1), Packets.receive(seen));
            assertNotEquals(buffer, tx.bufferIndex(slot));
            assertEquals(NetmapSlot.NS_BUF_CHANGED, tx.flags(slot));
        }
        assertTrue(host.audit(1).clean(), () -> host.audit(1).toString());
    }

    @Test
    void aMonitorPassesOnTheReceiversBuffers() {
        TxRing tx = open("netmap:x{1" + SLOTS).txRing(0);
        NetmapPort receiver = open("netmap:x}1");
        RxRing seen = open("netmap:x}1/z").rxRing(1);
        for (long number = 0; number < 1000; number++) {
            Packets.send(tx, number, 60);
            RxRing rx = receiver.rxRing(0);
            rx.sync();
            int buffer = rx.bufferIndex(rx.head());
            assertEquals(List.of(), Packets.receive(seen), "not before the receiver has given it back");
            rx.advance(1);
            rx.sync();
            seen.sync();
            assertEquals(buffer, seen.bufferIndex(seen.head()));
            assertEquals(numbers(number, number + 1), Packets.receive(seen));
            tx.sync();
        }
        assertTrue(host.audit(1).clean(), () -> host.audit(1).toString());
    }

    @Test
    void whatTheReceiverHasMovedOnCannotBePassedOn() {
        TxRing tx = open("netmap:x{1" + SLOTS).txRing(0);
        RxRing rx = open("netmap:x}1").rxRing(0);
        TxRing out = open("netmap:y{1" + SLOTS).txRing(0);
        NetmapPort monitor = open("netmap:x}1/z");
        for (long number = 0; number < 5; number++) {
            Packets.send(tx, number, 60);
        }
        rx.sync();
        rx.forward(out, 3);
        rx.advance(2);
        rx.sync();
        assertEquals(numbers(3, 5), Packets.receive(monitor.rxRing(1)));
        assertEquals(3, monitor.counters().orElseThrow().receiveDropped());
        assertTrue(host.audit(1).clean(), () -> host.audit(1).toString());
    }

    @Test
    void copiesAndBuffersAtOnce() {
        TxRing tx = open("netmap:x{1" + SLOTS).txRing(0);
        RxRing rx = open("netmap:x}1").rxRing(0);
        RxRing copies = open("netmap:x{1/t").rxRing(0);
        RxRing buffers = open("netmap:x{1/z").rxRing(0);
        refused(Errno.EBUSY, "takes its buffers", () -> open("netmap:x{1/z"));
        for (long number = 0; number < 100; number++) {
            Packets.send(tx, number, 60);
            assertEquals(numbers(number, number + 1), Packets.receive(copies));
            assertEquals(numbers(number, number + 1), Packets.receive(rx));
            tx.sync();
            assertEquals(numbers(number, number + 1), Packets.receive(buffers));
        }
    }

    @Test
    void onlyAnOpenPortOfOnesRegionCanBeWatched() {
        refused(Errno.EINVAL, "open it first", () -> open("netmap:x{1/t"));
        open("netmap:x{1" + SLOTS);
        refused(Errno.EINVAL, "open it first", () -> open("netmap:x}1/t"));
        refused(Errno.EINVAL, "not at both", () -> open("netmap:x{1*/t"));
        refused(Errno.EINVAL, "no ring 7", () -> open("netmap:x{1-7/t"));
        int other = host.createRegion(RegionConfig.DEFAULT);
        refused(Errno.EINVAL, "lies in the region", () -> open("netmap:x{1/t@" + other));
        refused(Errno.EINVAL, "open it first", () -> open("netmap:eth0^/t"));
        refused(Errno.EINVAL, "open it first", () -> open("netmap:nosuch/t"));
        refused(Errno.EINVAL, "open it first", () -> open("vale0:a/t"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "netmap:null/t"})
    void whatADeviceOfThisProcessTakesIsSeen(String watched) {
        NetmapPort port = open("null" + SLOTS);
        String name = watched.equals("null") ? "netmap:null/rt" : watched;
        RxRing seen = open(name).rxRing(0);
        for (long number = 0; number < 100; number++) {
            Packets.send(port.txRing(0), number, 60);
            assertEquals(numbers(number, number + 1), Packets.receive(seen));
        }
    }

    /** What is transmitted to a stack is seen, be it that of a tap device or the one behind an interface. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatAStackIsGivenIsSeen(boolean hostRings) {
        TestNetwork.assumePossible();
        try (TestNetwork network = new TestNetwork()) {
            String name = hostRings ? "netmap:" + network.pair().getFirst() + "^" : "tap:pmontap";
            try (NetmapPort port = netmap.openPort(name);
                    NetmapPort monitor = netmap.openPort((hostRings ? "" : "netmap:") + name + "/rt")) {
                for (int number = 0; number < 20; number++) {
                    byte[] frame = Frames.frame(Frames.BROADCAST, 0x02_00_00_00_00_01L, number, 60 + number);
                    Frames.send(port, frame);
                    RxRing seen = monitor.rxRing(0);
                    seen.sync();
                    assertEquals(1, seen.available());
                    assertArrayEquals(
                            frame,
                            seen.buffer(seen.head())
                                    .asSlice(0, seen.length(seen.head()))
                                    .toArray(ValueLayout.JAVA_BYTE));
                    seen.advance(1);
                }
                assertEquals(20, port.counters().orElseThrow().sent());
            }
        }
    }

    @Test
    void whatIsReadFromACaptureIsSeen() {
        NetmapPort port = open("pcap:" + Path.of("../samples/traffic/vlan.pcap").toAbsolutePath());
        RxRing seen = open("netmap:pcap/r").rxRing(0);
        port.rxRing(0).sync();
        seen.sync();
        assertTrue(port.rxRing(0).available() > 0);
        assertEquals(port.rxRing(0).available(), seen.available());
    }

    @Test
    void bothSidesOfASwitchPortAreSeen() {
        NetmapPort a = open("vale0:a");
        NetmapPort b = open("vale0:b");
        NetmapPort monitor = open("vale0:b/rt");
        assertEquals(b.memId(), monitor.memId());
        for (long number = 0; number < 100; number++) {
            Packets.send(a.txRing(0), number, 60);
            assertEquals(numbers(number, number + 1), Packets.receive(b.rxRing(0)));
            assertEquals(numbers(number, number + 1), Packets.receive(monitor.rxRing(1)));
            Packets.send(b.txRing(0), number, 60);
            assertEquals(numbers(number, number + 1), Packets.receive(monitor.rxRing(0)));
            assertEquals(numbers(number, number + 1), Packets.receive(a.rxRing(0)));
        }
        int region = b.memId();
        assertTrue(host.audit(region).clean(), () -> host.audit(region).toString());
    }

    @Test
    void aSwitchPortOfAnotherProgramMayNotBeWatched() {
        AttachServer server = host.serve(directory.resolve("host.sock"));
        try (Netmap one = Netmap.over(AttachClient.connect(server.path()));
                Netmap other = Netmap.over(AttachClient.connect(server.path()))) {
            NetmapPort port = one.openPort("vale0:a");
            refused(Errno.EACCES, "another program", () -> other.openPort("vale0:a/t"));
            RxRing seen = one.openPort("vale0:a/t").rxRing(0);
            NetmapPort receiver = open("vale0:b");
            Packets.send(port.txRing(0), 7, 60);
            Packets.await(receiver, Linux.POLLIN);
            assertEquals(numbers(7, 8), Packets.receive(seen), "shown by the host, once");
        }
    }

    @Test
    void whatAGuestSendsIsSeen() throws Exception {
        AttachServer server = host.serve(directory.resolve("host.sock"));
        try (CsbClient client = CsbClient.connect(server.path())) {
            CsbClient.Port guest = client.open("x{1", 32);
            guest.start();
            CsbUser tx = CsbUser.tx(guest);
            tx.begin();
            NetmapPort receiver = open("netmap:x}1");
            NetmapPort monitor = open("netmap:x{1/t");
            for (long number = 0; number < 100; number++) {
                long slot = tx.slot(tx.head);
                Memory.copy(
                        Packets.numbered(number, 60).toArray(ValueLayout.JAVA_BYTE),
                        0,
                        tx.ring + NetmapRing.bufOfs(tx.ring) + 2048L * NetmapSlot.bufferIndex(slot),
                        60);
                NetmapSlot.length(slot, 60, 0);
                tx.advance(1);
                Packets.await(monitor, Linux.POLLIN);
                assertEquals(numbers(number, number + 1), Packets.receive(monitor.rxRing(0)));
                Packets.await(receiver, Linux.POLLIN);
                assertEquals(numbers(number, number + 1), Packets.receive(receiver.rxRing(0)));
                tx.await(1_000_000_000);
            }
        }
    }

    private ChildJvm child(AttachServer server, String... what) {
        List<String> arguments = new ArrayList<>(List.of(server.path().toString()));
        arguments.addAll(List.of(what));
        ChildJvm child = ChildJvm.start(directory, MonitorChild.class, arguments.toArray(String[]::new));
        children.add(child);
        return child;
    }

    /** Two pipes with a forwarder in between, all ends in processes of their own, monitors in others; whoever is killed. */
    @ParameterizedTest
    @ValueSource(strings = {"t", "r", "rt", "z"})
    void whoeverIsKilledTheBooksAreRight(String flags) throws Exception {
        AttachServer server = host.serve(directory.resolve("host.sock"));
        Map<String, String[]> roles = new HashMap<>();
        roles.put("sender", new String[] {"send", "netmap:a{1@conf:slots=256"});
        roles.put("forwarder", new String[] {"forward", "netmap:a}1", "netmap:b{1@conf:slots=256"});
        roles.put("monitor", new String[] {"watch", "netmap:a}1/" + flags});
        Map<String, ChildJvm> running = new HashMap<>();
        Random random = new Random(flags.hashCode());
        running.put("sender", child(server, roles.get("sender")));
        running.put("forwarder", child(server, roles.get("forwarder")));
        RxRing sink = open("netmap:b}1@conf:slots=256").rxRing(0);
        awaitTraffic(sink);
        running.put("monitor", child(server, roles.get("monitor")));
        NetmapPort mine = open("netmap:a}1/r");
        for (int kill = 0; kill < 6; kill++) {
            awaitTraffic(sink);
            String victim = List.of("forwarder", "monitor").get(random.nextInt(2));
            running.get(victim).kill();
            eventually("the death is noticed", () -> server.connections() == 2);
            if (victim.equals("forwarder")) {
                // Its monitor has ended with it.
                running.remove("monitor").close();
                eventually("the monitor is gone", () -> server.connections() == 1);
                running.put("forwarder", child(server, roles.get("forwarder")));
                awaitTraffic(sink);
            }
            running.put("monitor", child(server, roles.get("monitor")));
            eventually("the monitor has come", () -> server.connections() == 3);
        }
        awaitTraffic(sink);
        running.get("sender").requireAlive();
        running.get("forwarder").requireAlive();
        running.get("monitor").requireAlive();
        assertTrue(mine.counters().orElseThrow().received() > 0);
    }

    private void awaitTraffic(RxRing sink) {
        long[] count = {0};
        eventually("packets come", () -> {
            count[0] += sink.available();
            sink.advance(sink.available());
            sink.sync();
            return count[0] > 1000;
        });
    }

    /** What others may write where monitors are looked for, must not lead accesses out of the region. */
    @Test
    void nonsenseInTheControlAreaDoesNoHarm() {
        TxRing tx = open("netmap:x{1" + SLOTS).txRing(0);
        RxRing rx = open("netmap:x}1").rxRing(0);
        NetmapPort monitor = open("netmap:x{1/z");
        NetmapPort copier = open("netmap:x{1/t");
        var pools = host.poolsInfo("x{1", 0);
        PortBinding bystander = host.register(PortRequest.of("y{1", NmreqRegister.NR_REG_ALL_NIC));
        long base = bystander.memory().address();
        int lanes = pools.ring().objects() / 2;
        long control = base + pools.memsize();
        long words = control + (long) lanes * PipeLane.SIZE;
        Random random = new Random(42);
        for (int round = 0; round < 20_000; round++) {
            int lane = random.nextInt(4);
            int word = random.nextInt(PipeLane.SIZE / 4) * 4;
            boolean small = random.nextBoolean();
            if (random.nextInt(4) == 0) {
                int ring = random.nextInt(12);
                Memory.putInt(words + ring * 8L, small ? random.nextInt(6) : random.nextInt());
            } else {
                Memory.putInt(
                        control + (long) lane * PipeLane.SIZE + word, small ? random.nextInt(64) : random.nextInt());
            }
            tx.advance(Math.min(tx.available(), 3));
            tx.sync();
            rx.sync();
            rx.advance(rx.available());
            rx.sync();
            monitor.rxRing(0).sync();
            monitor.rxRing(0).advance(monitor.rxRing(0).available());
            copier.rxRing(0).sync();
        }
        // The books are nobody's to rely on any more.
        bystander.close();
        opened.forEach(NetmapPort::close);
    }
}
