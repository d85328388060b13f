// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Packets;
import io.ptnetmap.RxRing;
import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.NmCsbAtok;
import io.ptnetmap.abi.NmCsbKtoa;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ports that the host serves through a CSB: what a user may rely on, and what becomes of its mistakes. */
@Timeout(60)
class CsbPortTest {
    private static final long PATIENCE = 10_000_000_000L;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path directory;

    private EmbeddedHost host;
    private AttachServer server;
    private Netmap netmap;
    private CsbClient client;

    @BeforeEach
    void begin() {
        host = EmbeddedHost.create();
        netmap = Netmap.over(host);
        server = host.serve(directory.resolve("host.sock"));
        client = CsbClient.connect(server.path());
    }

    @AfterEach
    void end() {
        client.close();
        host.close();
    }

    private CsbClient.Port open(String name) {
        return client.open(name, 0);
    }

    /** One end of a pipe here, the other behind a CSB and started. */
    private final class Rig implements AutoCloseable {
        final NetmapPort here = netmap.openPort("netmap:p{1@conf:slots=16");
        final CsbClient.Port there = open("p}1");
        final CsbUser tx = CsbUser.tx(there);
        final CsbUser rx = CsbUser.rx(there);

        Rig() {
            start();
        }

        final void start() {
            there.start();
            tx.begin();
            rx.begin();
        }

        /** Writes a slot of the user's and gives it back. */
        void send(long descriptor) {
            NetmapSlot.write(tx.slot(tx.head), descriptor);
            tx.advance(1);
        }

        int index() {
            return NetmapSlot.bufIdx(NetmapSlot.read(tx.slot(tx.head)));
        }

        RxRing received() {
            Packets.await(here, Linux.POLLIN);
            return here.rxRing(0);
        }

        /** Has the user get two packets and give the first one back. */
        void readOneOfTwo() {
            Packets.send(here.txRing(0), 1, 60);
            Packets.send(here.txRing(0), 2, 60);
            await(rx);
            eventually(() -> rx.refresh() || rx.available() == 2);
            rx.advance(1);
        }

        @Override
        public void close() {
            there.close();
            here.close();
        }
    }

    /** Sleeps until the host moves a ring; one who sleeps to the end of his patience has not been woken. */
    private static void await(CsbUser ring) {
        long start = System.nanoTime();
        assertTrue(ring.available() > 0 || ring.await(PATIENCE), "nothing came");
        assertTrue(System.nanoTime() - start < PATIENCE, "a wake-up is lost");
    }

    private static void eventually(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - start < PATIENCE, "not in time");
            Thread.yield();
        }
    }

    @Test
    void packetsGoBothWays() {
        try (Rig rig = new Rig()) {
            assertEquals(15, rig.tx.available());
            assertEquals(0, rig.rx.available());
            Packets.send(rig.here.txRing(0), 7, 60);
            await(rig.rx);
            assertEquals(60, NetmapSlot.len(NetmapSlot.read(rig.rx.slot(rig.rx.head))));
            rig.rx.advance(1);
            Packets.await(rig.here, Linux.POLLOUT);
            eventually(() -> {
                rig.here.txRing(0).sync();
                return rig.here.txRing(0).drained();
            });

            rig.send(NetmapSlot.descriptor(rig.index(), 61, 0));
            assertEquals(61, rig.received().length(0));
        }
    }

    @Test
    void startSaysWhereTheRingsAre() {
        try (Rig rig = new Rig()) {
            rig.readOneOfTwo();
            rig.send(NetmapSlot.descriptor(rig.index(), 60, 0));
            rig.there.stop();

            rig.start();
            assertEquals(List.of(1, 2, 1), List.of(rig.rx.head, rig.rx.tail, rig.rx.hwcur), "the second is unread");
            assertEquals(List.of(1, 1), List.of(rig.tx.head, rig.tx.hwcur));
            assertEquals(List.of(1, 1, 1), csbWords(rig.there, 1, 0));
            // The loop wants to be kicked when it has gone to sleep.
            eventually(() -> csbWords(rig.there, 1, CsbPort.HOST_BLOCKS).equals(List.of(1, 2, 1)));
        }
    }

    /** The first three words of a ring's block. */
    private static List<Integer> csbWords(CsbClient.Port port, int ring, int blocks) {
        long block = port.csb.address() + blocks + (long) ring * NmCsbAtok.SIZE;
        return List.of(NmCsbAtok.head(block), NmCsbAtok.cur(block), NmCsbKtoa.kernNeedKick(block) ? 1 : 0);
    }

    @Test
    void stopServesOnceMoreAndThenNobodyTouchesTheCsb() {
        try (Rig rig = new Rig()) {
            NmCsbAtok.publish(rig.there.csb.address(), 3, 3);
            rig.there.stop();
            rig.here.sync();
            assertEquals(3, rig.here.rxRing(0).available());
            Linux.eventfdDrain(rig.there.irqs[1]);
            NmCsbKtoa.publish(rig.there.csb.address() + CsbPort.HOST_BLOCKS, 9, 9);
            NmCsbAtok.publish(rig.there.csb.address(), 5, 5);
            Linux.eventfdSignal(rig.there.kicks[0]);
            Packets.send(rig.here.txRing(0), 1, 60);
            settle();
            rig.here.sync();
            assertEquals(3, rig.here.rxRing(0).available());
            assertEquals(9, NmCsbKtoa.hwcur(rig.there.csb.address() + CsbPort.HOST_BLOCKS));
            assertEquals(0, Linux.poll(rig.there.irqs[1], Linux.POLLIN, 0));
        }
    }

    /** A port that is opened, started and released makes the loop go round several times. */
    private void settle() {
        CsbClient.Port other = open("settle{1");
        other.start();
        other.stop();
        other.release();
        other.close();
    }

    @Test
    void aPortIsStartedOnce() {
        CsbClient.Port port = open("p{1");
        port.stop();
        port.start();
        assertEquals(
                Errno.EBUSY, assertThrows(LinuxException.class, port::start).errno());
        port.stop();
        port.stop();
        port.start();
        port.release();
        assertEquals(
                Errno.ENXIO, assertThrows(LinuxException.class, port::start).errno());
        port.close();
        assertEquals(host.audit(1).total() - 2, host.audit(1).free());
    }

    @Test
    void anEndIsOpenOnce() {
        open("p{1").close();
        assertEquals(
                Errno.EBUSY,
                assertThrows(LinuxException.class, () -> open("p{1")).errno());
        assertThrows(RuntimeException.class, () -> netmap.openPort("netmap:p{1"));
    }

    @Test
    void whatCannotBeServedIsRefused() {
        int before = host.audit(1).free();
        PortRequest scratch = new PortRequest("s", NmreqRegister.NR_REG_NULL, 0, 0, 1, 8, 0, 1, 0, 0, 0, 0);
        assertEquals(
                Errno.EOPNOTSUPP,
                assertThrows(LinuxException.class, () -> client.open(scratch)).errno());
        PortRequest many = new PortRequest("m{1", NmreqRegister.NR_REG_ALL_NIC, 0, 0, 1, 2, 2, 40, 40, 0, 0, 0);
        assertEquals(
                Errno.EINVAL,
                assertThrows(LinuxException.class, () -> client.open(many)).errno());
        assertEquals(before, host.audit(1).free());
    }

    @Test
    void manyOpensAndClosesLeaveNothing() {
        open("warm{1").release();
        int before = new File("/proc/self/fd").list().length;
        for (int i = 0; i < 200; i++) {
            try (CsbClient.Port port = open("p{1")) {
                port.start();
                port.release();
            }
        }
        // A region of the client's that the cleaner has not seen yet holds no descriptor.
        assertEquals(before, new File("/proc/self/fd").list().length);
        assertEquals(host.audit(1).total() - 2, host.audit(1).free());
    }

    @ParameterizedTest
    @CsvSource({"16, 16", "-1, -1", "0, 16", "2147483647, 0", "3, 2", "0, -2147483648"})
    void aBadHeadOrCurIsNotTakenAndCanBeMended(int head, int cur) {
        try (Rig rig = new Rig()) {
            rig.tx.publish(head, cur);
            settle();
            // As it was, with kicks wanted, as soon as the loop has come to rest.
            eventually(() -> csbWords(rig.there, 0, CsbPort.HOST_BLOCKS).equals(List.of(0, 15, 1)));
            rig.tx.publish(0, 0);
            rig.send(NetmapSlot.descriptor(rig.index(), 60, 0));
            assertEquals(1, rig.received().available());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1, Integer.MIN_VALUE, Integer.MAX_VALUE, 163840})
    void aSlotThatNamesNoBufferIsPassedOnEmpty(int index) {
        try (Rig rig = new Rig()) {
            int mine = rig.index();
            rig.send(NetmapSlot.descriptor(index, 60, NetmapSlot.NS_INDIRECT | NetmapSlot.NS_REPORT));
            RxRing rx = rig.received();
            assertEquals(NetmapSlot.descriptor(0, 0, NetmapSlot.NS_REPORT), rx.descriptor(0));
            rx.descriptor(0, NetmapSlot.descriptor(mine, 0, NetmapSlot.NS_BUF_CHANGED));
        }
    }

    @Test
    void aLengthBeyondTheBufferIsPassedOnEmpty() {
        try (Rig rig = new Rig()) {
            int mine = rig.index();
            rig.send(NetmapSlot.descriptor(mine, 2049, 0));
            RxRing rx = rig.received();
            assertEquals(NetmapSlot.descriptor(0, 0, 0), rx.descriptor(0));
            rx.descriptor(0, NetmapSlot.descriptor(mine, 0, NetmapSlot.NS_BUF_CHANGED));
        }
    }

    @Test
    void anIncompletePacketIsWithheldAndTheNextUserBeginsAnew() {
        try (Rig rig = new Rig()) {
            rig.send(NetmapSlot.descriptor(rig.index(), 60, 0));
            rig.send(NetmapSlot.descriptor(rig.index(), 60, NetmapSlot.NS_MOREFRAG));
            assertEquals(1, rig.received().available());
            rig.there.stop();
            rig.start();
            assertEquals(1, rig.tx.head);
            rig.send(NetmapSlot.descriptor(rig.index(), 62, 0));
            eventually(() -> {
                rig.here.sync();
                return rig.here.rxRing(0).available() == 2;
            });
            assertEquals(62, rig.here.rxRing(0).length(1));
        }
    }

    /** What the host serves is the CSB; the ring's header is the guest's business. */
    @Test
    void theRingsHeaderIsTheUsersUntilItIsGone() {
        try (Rig rig = new Rig()) {
            NetmapRing.head(rig.tx.ring, 11);
            NetmapRing.cur(rig.tx.ring, 12);
            NetmapRing.tail(rig.tx.ring, 13);
            rig.send(NetmapSlot.descriptor(rig.index(), 60, 0));
            rig.received();
            rig.there.stop();
            assertEquals(List.of(11, 12, 13), header(rig.tx.ring));
            NetmapRing.numSlots(rig.tx.ring, -1);
            rig.there.release();
            assertEquals(List.of(1, 1, 15), header(rig.tx.ring), "for whoever opens it next");
        }
    }

    private static List<Integer> header(long ring) {
        return List.of(NetmapRing.head(ring), NetmapRing.cur(ring), NetmapRing.tail(ring));
    }

    @Test
    void aSuccessorGoesOn() {
        try (Rig rig = new Rig()) {
            rig.readOneOfTwo();
            // Garbage for the next one to find, and a buffer in two slots.
            NetmapRing.head(rig.rx.ring, 12345);
            NetmapSlot.write(rig.tx.slot(3), NetmapSlot.read(rig.tx.slot(4)));
            client.close();
            eventually(() -> server.connections() == 0);
            assertTrue(host.audit(1).clean(), () -> host.audit(1).toString());
            try (NetmapPort successor = netmap.openPort("netmap:p}1")) {
                successor.sync();
                assertEquals(List.of(2L), Packets.receive(successor.rxRing(0)));
            }
        }
    }

    /** A program in a machine, then a machine, that have forwarded packets and not lived to give the slots back. */
    @Test
    void whatHasBeenForwardedDoesNotComeAgain() {
        try (Rig rig = new Rig()) {
            for (int number = 0; number < 6; number++) {
                Packets.send(rig.here.txRing(0), number, 60);
            }
            eventually(() -> rig.rx.refresh() || rig.rx.available() == 6);
            forward(rig, 2);
            rig.there.stop();
            rig.start();
            assertEquals(List.of(0L, 1L), Packets.receive(rig.received()));
            eventually(() -> rig.rx.refresh() || rig.rx.available() == 4);
            forward(rig, 3);
            client.close();
            eventually(() -> server.connections() == 0);
            assertTrue(host.audit(1).clean(), () -> host.audit(1).toString());
            assertEquals(List.of(2L, 3L, 4L), Packets.receive(rig.received()));
            try (NetmapPort successor = netmap.openPort("netmap:p}1")) {
                assertEquals(List.of(5L), Packets.receive(successor.rxRing(0)));
            }
        }
    }

    private static void forward(Rig rig, int count) {
        for (int i = 0, k = rig.rx.head; i < count; i++, k = rig.rx.next(k)) {
            long packet = NetmapSlot.read(rig.rx.slot(k));
            NetmapSlot.write(rig.rx.slot(k), NetmapSlot.read(rig.tx.slot(rig.tx.head)));
            rig.send(packet);
            NetmapRing.head(rig.rx.ring, rig.rx.next(k));
        }
    }

    /** A machine dies between the two stores of a swap between ports of different sessions, one of which ends first. */
    @Test
    void aSwapAcrossSessionsIsRepaired() {
        CsbClient other = CsbClient.connect(server.path());
        try (NetmapPort in = netmap.openPort("netmap:p{1@conf:slots=16");
                NetmapPort out = netmap.openPort("netmap:p}2@conf:slots=16")) {
            BufferAudit before = host.audit(1);
            CsbUser left = CsbUser.tx(open("p}1"));
            CsbUser tx = CsbUser.tx(other.open("p{2", 16));
            NetmapSlot.write(tx.slot(5), NetmapSlot.read(left.slot(6)));
            long foreign = in.txRing(0).descriptor(3);
            NetmapSlot.write(tx.slot(7), foreign);
            assertEquals(2, host.audit(1).lost().size());
            client.close();
            eventually(() -> server.connections() == 1);
            other.close();
            eventually(() -> server.connections() == 0);
            assertFalse(out.isClosed());
            BufferAudit after = host.audit(1);
            assertTrue(after.clean(), after::toString);
            assertEquals(before.free(), after.free());
            assertEquals(foreign, in.txRing(0).descriptor(3), "its owner keeps it");
        }
    }

    @Test
    void aMachineTalksToAMachine() {
        try (CsbClient.Port left = client.open("v{1", 8);
                CsbClient.Port right = open("v}1")) {
            left.start();
            right.start();
            CsbUser tx = CsbUser.tx(left);
            CsbUser rx = CsbUser.rx(right);
            tx.begin();
            rx.begin();
            for (int number = 1; number <= 1000; number++) {
                await(tx);
                long slot = tx.slot(tx.head);
                NetmapSlot.write(slot, NetmapSlot.descriptor(NetmapSlot.bufIdx(NetmapSlot.read(slot)), number, 0));
                tx.advance(1);
                await(rx);
                assertEquals(number, NetmapSlot.len(NetmapSlot.read(rx.slot(rx.head))));
                rx.advance(1);
            }
        }
    }

    @Test
    void aTurnIsBounded() {
        Grant grant = host.grant(PortRequest.of("turn{1", NmreqRegister.NR_REG_ALL_NIC));
        CsbPipeEnds ends = new CsbPipeEnds(grant);
        try (Mapping csb = Mapping.anonymous(CsbPort.CSB_SIZE)) {
            long ktoa = csb.address() + CsbPort.HOST_BLOCKS;
            CsbRing ring = new CsbRing(ends.begin().getFirst(), csb.address(), ktoa, -1);
            ring.begin();
            NmCsbAtok.publish(csb.address(), 1000, 1000);
            for (int hwcur : new int[] {300, 600, 900, 1000}) {
                assertTrue(ring.serve(300));
                assertEquals(hwcur, NmCsbKtoa.hwcur(ktoa));
            }
            assertFalse(ring.serve(300));
        }
        ends.close();
        host.release(List.of(grant));
    }

    /** One who moves as much as he can does not keep others waiting. */
    @Test
    void aBusyPortLeavesTurnsToOthers() throws InterruptedException {
        try (CsbClient other = CsbClient.connect(server.path());
                CsbClient.Port left = other.open("busy{1", 0);
                CsbClient.Port right = other.open("busy}1", 0);
                Rig rig = new Rig()) {
            left.start();
            right.start();
            CsbUser tx = CsbUser.tx(left);
            CsbUser rx = CsbUser.rx(right);
            tx.begin();
            rx.begin();
            Thread busy = Thread.ofPlatform().daemon().start(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    tx.refresh();
                    tx.advance(tx.available());
                    rx.refresh();
                    rx.advance(rx.available());
                }
            });
            for (int i = 0; i < 200; i++) {
                Packets.send(rig.here.txRing(0), i, 60);
                await(rig.rx);
                rig.rx.advance(1);
                Packets.await(rig.here, Linux.POLLOUT);
            }
            busy.interrupt();
            busy.join();
        }
    }

    @Test
    void noWakeUpIsLost() {
        bounce(3_000);
    }

    @Test
    @Tag("soak")
    @Timeout(600)
    void noWakeUpIsLostInAHundredThousand() {
        bounce(100_000);
    }

    /** Back and forth, with pauses about as long as the loop spins before it sleeps. */
    private void bounce(int rounds) {
        Random random = new Random(11);
        try (Rig rig = new Rig()) {
            for (int number = 1; number <= rounds; number++) {
                pause(random);
                Packets.send(rig.here.txRing(0), number, 60);
                await(rig.rx);
                rig.rx.advance(1);
                pause(random);
                rig.send(NetmapSlot.descriptor(rig.index(), 60, 0));
                RxRing rx = rig.received();
                rx.advance(1);
                rx.sync();
            }
            assertTrue(rig.tx.kicks > rounds / 100, "the loop has slept: " + rig.tx.kicks);
            assertTrue(rig.rx.sleeps > rounds / 100, "the user has slept: " + rig.rx.sleeps);
        }
    }

    private static void pause(Random random) {
        long until = System.nanoTime() + random.nextInt(150_000);
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    @Test
    void anIdleHostSleeps() throws InterruptedException {
        List<CsbClient.Port> ports = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            ports.add(open("idle{" + i));
            ports.getLast().start();
        }
        // One breaks the rules and one leaves a packet incomplete: no reason to look again and again.
        new CsbUser(ports.getFirst(), 0).publish(77777, 0);
        CsbUser incomplete = CsbUser.tx(ports.get(1));
        incomplete.begin();
        NetmapSlot.write(incomplete.slot(0), NetmapSlot.descriptor(2, 60, NetmapSlot.NS_MOREFRAG));
        incomplete.advance(1);
        Thread.sleep(100);
        long before = THREADS.getThreadCpuTime(loop().threadId());
        Thread.sleep(1000);
        long used = THREADS.getThreadCpuTime(loop().threadId()) - before;
        assertTrue(used < 10_000_000, used + " ns of a second");
        ports.forEach(CsbClient.Port::close);
    }

    private static Thread loop() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("kloop"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void servingAllocatesNothing() {
        try (Rig rig = new Rig()) {
            long loop = loop().threadId();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 20; round++) {
                long before = THREADS.getThreadAllocatedBytes(loop);
                for (int number = 0; number < 500; number++) {
                    Packets.send(rig.here.txRing(0), number, 60);
                    await(rig.rx);
                    rig.rx.advance(1);
                    Packets.await(rig.here, Linux.POLLOUT);
                }
                pause(new Random(round));
                least = Math.min(least, THREADS.getThreadAllocatedBytes(loop) - before);
            }
            assertEquals(0, least);
        }
    }

    @Test
    void aClosedHostServesNobody() {
        try (Rig rig = new Rig()) {
            AtomicReference<Thread> loop = new AtomicReference<>(loop());
            host.close();
            assertFalse(loop.get().isAlive());
            rig.send(NetmapSlot.descriptor(rig.index(), 60, 0));
            assertEquals(0, rig.tx.hwcur);
        }
    }
}
