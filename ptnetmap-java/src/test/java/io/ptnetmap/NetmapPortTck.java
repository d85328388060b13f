// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.kernel.KernelDriver;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every driver's ports must do: the test kit of {@link NetmapPort}, over pipes, which all of them have, or ports of
 * another kind that are connected like pipes' ends. A driver's own test extends it. Sections are those of docs/netmap-abi.md.
 */
@Timeout(60)
public abstract class NetmapPortTck {
    /** No region has more (ABI §2.9). */
    private static final int MOST_BUFFERS = 1_000_000;

    private static final long FOREVER = -1;
    private static final long MILLISECOND = 1_000_000;
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final List<NetmapPort> opened = new ArrayList<>();
    private final ExecutorService threads =
            Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
    private Netmap netmap;
    private String parent;

    /** The driver under test. Called before each test; {@link #discard} afterwards. */
    protected abstract Netmap create();

    /** Ends what {@link #create} has made, when all ports of a test are closed. */
    protected abstract void discard(Netmap netmap);

    /**
     * The specification of a port: the master's or slave's end of a pipe, or what stands for it where ports of another kind
     * are under test, which must be connected likewise.
     *
     * @param parent the pipe's parent
     * @param suffix e.g. <code>{1@conf:slots=8</code>
     */
    protected String spec(String parent, String suffix) {
        return "netmap:" + parent + suffix;
    }

    /** Whether the ports are pipes' ends. Tests of what only pipes do are skipped otherwise. */
    protected boolean pipes() {
        return true;
    }

    private void assumePipes() {
        assumeTrue(pipes(), "what only pipes do");
    }

    private void assumeMonitors() {
        assumeTrue(!(netmap.driver() instanceof KernelDriver), "the project's kernel module has no monitors");
    }

    @BeforeEach
    void begin() {
        netmap = create();
        parent = "tck" + NAMES.incrementAndGet();
    }

    @AfterEach
    void end() {
        opened.forEach(NetmapPort::close);
        threads.shutdownNow();
        discard(netmap);
    }

    /** Opens {@code netmap:PARENT} with this behind it, e.g. <code>{1</code>. */
    private NetmapPort open(String suffix) {
        NetmapPort port = netmap.openPort(spec(parent, suffix));
        opened.add(port);
        return port;
    }

    private NetmapPort open(String suffix, int extraBuffers) {
        NetmapPort port = netmap.openPort(spec(parent, suffix), extraBuffers);
        opened.add(port);
        return port;
    }

    private static String slots(int count) {
        return "@conf:slots=" + count;
    }

    private static int remaining(int slots) {
        return slots - 1;
    }

    // §2, §3.1: shape

    @Test
    void freshRingsAreAsNetmapMakesThem() {
        NetmapPort port = open("{1" + slots(8));
        TxRing tx = port.txRing(0);
        RxRing rx = port.rxRing(0);

        assertEquals(1, port.txRings().size());
        assertEquals(1, port.rxRings().size());
        assertEquals(List.of(8, 0, 7, 7), List.of(tx.slots(), tx.head(), tx.tail(), tx.available()));
        assertEquals(List.of(8, 0, 0, 0), List.of(rx.slots(), rx.head(), rx.tail(), rx.available()));
        assertTrue(tx.drained());
        Set<Integer> buffers = new HashSet<>();
        for (int k = 0; k < 8; k++) {
            assertEquals(tx.bufferSize(), tx.length(k), "length of a fresh slot");
            assertTrue(tx.bufferIndex(k) >= 2 && rx.bufferIndex(k) >= 2, "buffers 0 and 1 are reserved");
            buffers.add(tx.bufferIndex(k));
            buffers.add(rx.bufferIndex(k));
        }
        assertEquals(16, buffers.size(), "each slot has a buffer of its own");
    }

    @Test
    void bothEndsNameTheSameBuffers() {
        assumePipes();
        NetmapPort master = open("{1" + slots(8));
        NetmapPort slave = open("}1");
        for (int k = 0; k < 8; k++) {
            assertEquals(master.txRing(0).bufferIndex(k), slave.rxRing(0).bufferIndex(k));
            assertEquals(master.rxRing(0).bufferIndex(k), slave.txRing(0).bufferIndex(k));
        }
        assertTrue(master.sharesMemoryWith(slave));
        assertEquals(master.memId(), slave.memId());
        assertTrue(master.txRing(0).sharesMemoryWith(slave.txRing(0)));
    }

    /** §9: the wishes are the master's view, whoever opens first; the slave's are swapped. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sizesAreTheMastersView(boolean masterFirst) {
        assumePipes();
        String conf = "@conf:tx-slots=16,rx-slots=32,tx-rings=2,rx-rings=3";
        NetmapPort first = open((masterFirst ? "{1" : "}1") + conf);
        NetmapPort second = open(masterFirst ? "}1" : "{1");
        NetmapPort master = masterFirst ? first : second;
        NetmapPort slave = masterFirst ? second : first;

        assertEquals(2, master.txRings().size());
        assertEquals(3, master.rxRings().size());
        assertEquals(3, slave.txRings().size());
        assertEquals(2, slave.rxRings().size());
        master.txRings().forEach(ring -> assertEquals(16, ring.slots()));
        slave.rxRings().forEach(ring -> assertEquals(16, ring.slots()));
        master.rxRings().forEach(ring -> assertEquals(32, ring.slots()));
        slave.txRings().forEach(ring -> assertEquals(32, ring.slots()));
    }

    @Test
    void eachRingOfAPipeIsALaneOfItsOwn() {
        assumePipes();
        NetmapPort master = open("{1@conf:rings=3,slots=8");
        NetmapPort slave = open("}1");
        for (int i = 0; i < 3; i++) {
            Packets.send(master.txRing(i), i, 60);
            Packets.send(slave.txRing(i), 10 + i, 60);
        }
        for (int i = 0; i < 3; i++) {
            assertEquals(List.of((long) i), Packets.receive(slave.rxRing(i)));
            assertEquals(List.of(10L + i), Packets.receive(master.rxRing(i)));
        }
    }

    @Test
    void aSingleRingCanBeOpened() {
        assumePipes();
        NetmapPort all = open("{1@conf:rings=3,slots=8");
        NetmapPort one = open("}1-2");
        assertEquals(1, one.txRings().size());
        assertEquals(1, one.rxRings().size());
        assertEquals(2, one.txRing(0).ringId());
        Packets.send(all.txRing(2), 5, 60);
        Packets.send(all.txRing(0), 6, 60);
        assertEquals(List.of(5L), Packets.receive(one.rxRing(0)));
    }

    /** §5.3: in a direction with too few rings, ring 0 is bound. */
    @Test
    void aRingThatOneDirectionLacksBecomesRing0() {
        NetmapPort port = open("{1-1@conf:tx-rings=1,rx-rings=2,slots=8");
        assertEquals(0, port.txRing(0).ringId());
        assertEquals(1, port.rxRing(0).ringId());
    }

    @Test
    void oneDirectionCanBeOpened() {
        NetmapPort receiver = open("{1/R" + slots(8));
        NetmapPort sender = open("}1/T");
        assertEquals(
                List.of(0, 1),
                List.of(receiver.txRings().size(), receiver.rxRings().size()));
        assertEquals(
                List.of(1, 0), List.of(sender.txRings().size(), sender.rxRings().size()));
        Packets.send(sender.txRing(0), 1, 60);
        assertEquals(List.of(1L), Packets.receive(receiver.rxRing(0)));
    }

    @Test
    void aPortWithoutRingsKeepsItsPipe() {
        assumePipes();
        NetmapPort none = open("{1/RT" + slots(8));
        assertEquals(List.of(), none.txRings());
        assertEquals(List.of(), none.rxRings());
        try (NetmapPort sender = open("{1/T")) {
            Packets.send(sender.txRing(0), 7, 60);
        }
        assertEquals(List.of(7L), Packets.receive(open("}1/R").rxRing(0)));
        none.close();
    }

    // §9: exchange

    @Test
    void slotKGoesToSlotK() {
        assumePipes();
        NetmapPort master = open("{1" + slots(4));
        NetmapPort slave = open("}1");
        for (long number = 0; number < 23; number++) {
            int slot = master.txRing(0).head();
            Packets.send(master.txRing(0), number, 60);
            slave.rxRing(0).sync();
            assertEquals(slot, slave.rxRing(0).head());
            assertEquals(number, Packets.number(slave.rxRing(0), slot));
            slave.rxRing(0).advance(1);
            slave.rxRing(0).sync();
            master.txRing(0).sync();
        }
    }

    @Test
    void aSlotTravelsWhole() {
        assumePipes();
        TxRing tx = open("{1" + slots(4)).txRing(0);
        RxRing rx = open("}1").rxRing(0);
        tx.length(0, 77);
        tx.flags(0, NetmapSlot.NS_REPORT | NetmapSlot.NS_INDIRECT);
        tx.ptr(0, 0x1122334455667788L);
        tx.advance(1);
        tx.sync();
        rx.sync();
        assertEquals(77, rx.length(0));
        assertEquals(NetmapSlot.NS_REPORT | NetmapSlot.NS_INDIRECT, rx.flags(0));
        assertEquals(0x1122334455667788L, rx.ptr(0));
    }

    @Test
    void aSwappedBufferTravelsAndIsMarkedUntilItIsTaken() {
        assumePipes();
        NetmapPort port = open("{1" + slots(4), 2);
        TxRing tx = port.txRing(0);
        RxRing rx = open("}1").rxRing(0);
        int mine = port.takeExtraBuffer();
        int yours = port.takeExtraBuffer();
        int old = tx.bufferIndex(0);

        tx.descriptor(0, NetmapSlot.descriptor(mine, 60, NetmapSlot.NS_BUF_CHANGED));
        tx.advance(1);
        tx.sync();
        rx.sync();
        assertEquals(NetmapSlot.descriptor(mine, 60, 0), tx.descriptor(0), "cleared once taken");
        assertEquals(NetmapSlot.descriptor(mine, 60, NetmapSlot.NS_BUF_CHANGED), rx.descriptor(0));

        rx.descriptor(0, NetmapSlot.descriptor(yours, 0, NetmapSlot.NS_BUF_CHANGED));
        rx.advance(1);
        rx.sync();
        tx.sync();
        assertEquals(NetmapSlot.descriptor(yours, 0, NetmapSlot.NS_BUF_CHANGED), tx.descriptor(0), "on its way back");
        assertEquals(NetmapSlot.descriptor(yours, 0, 0), rx.descriptor(0));
        port.returnExtraBuffer(old);
        port.returnExtraBuffer(mine);
    }

    /** §3.5: slots come back when the receiver has released them and synced, and the sender has synced after that. */
    @Test
    void transmissionCompletesWhenTheReceiverHasReleased() {
        assumePipes();
        TxRing tx = open("{1" + slots(4)).txRing(0);
        RxRing rx = open("}1").rxRing(0);
        Packets.send(tx, 1, 60);
        Packets.send(tx, 2, 60);
        assertEquals(List.of(1, 2), List.of(tx.available(), tx.pending()));
        rx.sync();
        rx.advance(1);
        tx.sync();
        assertEquals(2, tx.pending(), "released, but not synced");
        rx.sync();
        assertEquals(2, tx.pending(), "the sender has not looked");
        tx.sync();
        assertEquals(1, tx.pending());
        rx.advance(1);
        rx.sync();
        tx.sync();
        assertTrue(tx.drained());
        assertEquals(3, tx.available());
    }

    @Test
    void fillsUpToAllSlotsButOneWhileNobodyReceives() {
        assumePipes();
        TxRing tx = open("{1" + slots(8)).txRing(0);
        for (int number = 0; number < remaining(8); number++) {
            Packets.send(tx, number, 60);
        }
        assertEquals(0, tx.available());
        assertFalse(tx.inject(Packets.numbered(99, 60)));
        assertEquals(0, tx.port().poll(Linux.POLLOUT, 5 * MILLISECOND));

        RxRing rx = open("}1").rxRing(0);
        assertEquals(LongStream.range(0, 7).boxed().toList(), Packets.receive(rx));
        assertEquals(Linux.POLLOUT, tx.port().poll(Linux.POLLOUT, FOREVER));
        assertEquals(7, tx.available());
    }

    @Test
    void anIncompletePacketIsWithheld() {
        assumePipes();
        TxRing tx = open("{1" + slots(8)).txRing(0);
        RxRing rx = open("}1").rxRing(0);
        Packets.send(tx, 1, 60);
        tx.descriptor(1, NetmapSlot.descriptor(tx.bufferIndex(1), 10, NetmapSlot.NS_MOREFRAG));
        tx.descriptor(2, NetmapSlot.descriptor(tx.bufferIndex(2), 10, NetmapSlot.NS_MOREFRAG));
        tx.advance(2);
        tx.sync();
        rx.sync();
        assertEquals(1, rx.available(), "only the complete one");
        tx.descriptor(3, NetmapSlot.descriptor(tx.bufferIndex(3), 10, 0));
        tx.advance(1);
        tx.sync();
        rx.sync();
        assertEquals(4, rx.available());
        assertEquals(NetmapSlot.NS_MOREFRAG, rx.flags(1));
        assertEquals(0, rx.flags(3));
    }

    @Test
    void anIncompletePacketSurvivesItsSender() {
        assumePipes();
        RxRing rx = open("{1/R" + slots(8)).rxRing(0);
        try (NetmapPort sender = open("}1/T")) {
            TxRing tx = sender.txRing(0);
            tx.descriptor(0, NetmapSlot.descriptor(tx.bufferIndex(0), 10, NetmapSlot.NS_MOREFRAG));
            tx.advance(1);
            tx.sync();
        }
        rx.sync();
        assertEquals(0, rx.available());
        TxRing tx = open("}1/T").txRing(0);
        assertEquals(1, tx.head());
        tx.descriptor(1, NetmapSlot.descriptor(tx.bufferIndex(1), 10, 0));
        tx.advance(1);
        tx.sync();
        rx.sync();
        assertEquals(2, rx.available());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 64})
    void aPacketMayTakeUpTo64Slots(int fragments) {
        TxRing tx = open("{1" + slots(80)).txRing(0);
        RxRing rx = open("}1").rxRing(0);
        byte[] packet = new byte[tx.bufferSize() * (fragments - 1) + 60];
        ThreadLocalRandom.current().nextBytes(packet);
        assertTrue(tx.inject(MemorySegment.ofArray(packet)));
        tx.sync();
        rx.sync();
        assertEquals(fragments, rx.available());
        byte[] received = new byte[packet.length];
        int done = 0;
        for (int k = 0; k < fragments; k++) {
            assertEquals(k + 1 < fragments ? NetmapSlot.NS_MOREFRAG : 0, rx.flags(k) & ~NetmapSlot.NS_PORT_MASK);
            MemorySegment.copy(rx.buffer(k), ValueLayout.JAVA_BYTE, 0, received, done, rx.length(k));
            done += rx.length(k);
        }
        assertArrayEquals(packet, received);
    }

    @Test
    void aPacketOf65SlotsIsRefused() {
        TxRing tx = open("{1" + slots(80)).txRing(0);
        byte[] packet = new byte[tx.bufferSize() * 64 + 1];
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> tx.inject(MemorySegment.ofArray(packet)));
        assertTrue(refusal.getMessage().contains("65 slots"), refusal.getMessage());
        assertEquals(79, tx.available());
    }

    @Test
    void forwardMovesBuffersWithoutCopying() {
        assumePipes();
        NetmapPort source = open("{1" + slots(8));
        RxRing rx = open("}1").rxRing(0);
        TxRing out = open("{2" + slots(4)).txRing(0);
        RxRing sink = open("}2").rxRing(0);
        for (int number = 0; number < 5; number++) {
            Packets.send(source.txRing(0), number, 60 + number);
        }
        rx.sync();
        List<Integer> moved = IntStream.range(0, 5).mapToObj(rx::bufferIndex).toList();
        List<Integer> taken = IntStream.range(0, 3).mapToObj(out::bufferIndex).toList();

        assertEquals(3, rx.forward(out, 100), "bounded by the room in the other ring");
        assertEquals(0, rx.forward(out, 100));
        out.sync();
        rx.sync();
        sink.sync();
        assertEquals(3, sink.available());
        for (int k = 0; k < 3; k++) {
            assertEquals(moved.get(k), sink.bufferIndex(k), "the very buffer");
            assertEquals(NetmapSlot.NS_BUF_CHANGED, sink.flags(k));
            assertEquals(60 + k, sink.length(k));
        }
        assertEquals(List.of(0L, 1L, 2L), Packets.receive(sink));
        source.txRing(0).sync();
        assertEquals(
                taken,
                IntStream.range(0, 3).mapToObj(source.txRing(0)::bufferIndex).toList());
        assertEquals(2, rx.available());
    }

    @Test
    void moveKeepsFragmentsTogether() {
        assumePipes();
        TxRing tx = open("{1" + slots(8)).txRing(0);
        RxRing rx = open("}1").rxRing(0);
        TxRing out = open("{2" + slots(8)).txRing(0);
        tx.inject(MemorySegment.ofArray(new byte[tx.bufferSize() + 1]));
        tx.sync();
        rx.sync();
        rx.ptr(0, 42);
        rx.move(0, out, 0);
        rx.move(1, out, 1);
        assertEquals(NetmapSlot.NS_MOREFRAG | NetmapSlot.NS_BUF_CHANGED, out.flags(0));
        assertEquals(NetmapSlot.NS_BUF_CHANGED, out.flags(1));
        assertEquals(42, out.ptr(0));
        assertEquals(List.of(0, NetmapSlot.NS_BUF_CHANGED), List.of(rx.length(0), rx.flags(0)));
    }

    // §9: reopening

    @Test
    void reopeningFindsThePipeAsItWasLeft() {
        assumePipes();
        NetmapPort master = open("{1" + slots(8));
        for (int number = 0; number < 5; number++) {
            Packets.send(master.txRing(0), number, 60);
        }
        try (NetmapPort slave = open("}1")) {
            RxRing rx = slave.rxRing(0);
            rx.sync();
            rx.advance(2);
            rx.sync();
            rx.wakeAfter(1);
        }
        Packets.send(master.txRing(0), 5, 60);
        RxRing rx = open("}1").rxRing(0);
        assertEquals(List.of(2, 5), List.of(rx.head(), rx.tail()), "as left, before any sync");
        assertEquals(List.of(2L, 3L, 4L, 5L), Packets.receive(rx));
        master.txRing(0).sync();
        assertTrue(master.txRing(0).drained());
    }

    @Test
    void aReopenedSenderGoesOn() {
        assumePipes();
        RxRing rx = open("{1" + slots(8)).rxRing(0);
        try (NetmapPort slave = open("}1")) {
            Packets.send(slave.txRing(0), 1, 60);
            slave.txRing(0).inject(Packets.numbered(2, 60));
        }
        assertEquals(List.of(1L), Packets.receive(rx));
        TxRing tx = open("}1").txRing(0);
        assertEquals(2, tx.head());
        Packets.send(tx, 3, 60);
        assertEquals(List.of(2L, 3L), Packets.receive(rx), "given to the port before it was closed, sent now");
    }

    @Test
    void whenBothEndsAreClosedThePipeIsGone() {
        NetmapPort master = open("{1" + slots(8));
        Packets.send(master.txRing(0), 1, 60);
        master.close();
        NetmapPort slave = open("}1" + slots(16));
        assertEquals(16, slave.rxRing(0).slots());
        slave.rxRing(0).sync();
        assertEquals(0, slave.rxRing(0).available());
    }

    // §2.7: extra buffers

    @Test
    void extraBuffersAreAListLastInFirstOut() {
        NetmapPort port = open("{1" + slots(4), 3);
        assertEquals(3, port.extraBufferCount());
        int a = port.takeExtraBuffer();
        int b = port.takeExtraBuffer();
        int c = port.takeExtraBuffer();
        assertEquals(3, Set.of(a, b, c).size());
        assertTrue(a > b && b > c, "the last one allocated is the first: " + List.of(a, b, c));
        assertEquals(0, port.takeExtraBuffer());
        port.returnExtraBuffer(b);
        port.returnExtraBuffer(a);
        assertEquals(List.of(a, b, 0), List.of(port.takeExtraBuffer(), port.takeExtraBuffer(), port.takeExtraBuffer()));
        port.returnExtraBuffer(a);
        port.returnExtraBuffer(b);
        port.returnExtraBuffer(c);
    }

    @Test
    void aPortWithoutExtraBuffersHasNone() {
        NetmapPort port = open("{1" + slots(4));
        assertEquals(0, port.extraBufferCount());
        assertEquals(0, port.takeExtraBuffer());
    }

    // §14: null ports

    @Test
    void aScratchPortNeverMovesAndHoldsBuffersOfItsRegion() {
        assumePipes();
        NetmapPort pipe = open("{1" + slots(4));
        RxRing rx = open("}1").rxRing(0);
        NetmapPort scratch = netmap.openScratch(pipe.memId(), 2, 8);
        opened.add(scratch);
        assertEquals(2, scratch.txRings().size());
        assertEquals(0, scratch.rxRings().size());
        TxRing shelf = scratch.txRing(0);
        assertEquals(7, shelf.available());
        assertTrue(shelf.sharesMemoryWith(rx));

        Packets.send(pipe.txRing(0), 5, 60);
        rx.sync();
        rx.move(0, shelf, 3);
        assertEquals(5, Packets.number(shelf, 3));
        shelf.advance(2);
        scratch.sync();
        assertEquals(List.of(2, 7), List.of(shelf.head(), shelf.tail()), "never completes");
    }

    @Test
    void aScratchPortNeedsARegion() {
        NetmapException refusal = assertThrows(NetmapException.class, () -> netmap.openScratch(0, 1, 8));
        assertEquals(Errno.EINVAL, refusal.errno());
    }

    // §4.3: poll

    @Test
    void pollReportsWhatIsPossible() {
        NetmapPort master = open("{1" + slots(4));
        NetmapPort slave = open("}1");
        assertEquals(0, slave.poll(Linux.POLLIN, 0));
        assertEquals(Linux.POLLOUT, slave.poll(Linux.POLLIN | Linux.POLLOUT, FOREVER));
        Packets.send(master.txRing(0), 1, 60);
        assertEquals(Linux.POLLIN, slave.poll(Linux.POLLIN, FOREVER));
        assertEquals(1, slave.rxRing(0).available(), "poll has synced");
        assertEquals(Linux.POLLIN | Linux.POLLOUT, slave.poll(Linux.POLLIN | Linux.POLLOUT, FOREVER));
    }

    @Test
    void pollPushesWhatHasBeenGivenToThePort() {
        NetmapPort master = open("{1" + slots(4));
        RxRing rx = open("}1").rxRing(0);
        master.txRing(0).inject(Packets.numbered(1, 60));
        master.poll(Linux.POLLIN, 0);
        assertEquals(List.of(1L), Packets.receive(rx));
    }

    @Test
    void pollReturnsReleasedSlots() {
        NetmapPort master = open("{1" + slots(4));
        NetmapPort slave = open("}1");
        Packets.send(master.txRing(0), 1, 60);
        slave.poll(Linux.POLLIN, FOREVER);
        slave.rxRing(0).advance(1);
        assertEquals(0, slave.poll(Linux.POLLIN, 0));
        master.txRing(0).sync();
        assertTrue(master.txRing(0).drained());
    }

    /** §3.1: with cur beyond head, poll waits for more than is there already. */
    @Test
    void pollWaitsForPacketsBehindTheWakeUpPoint() {
        NetmapPort master = open("{1" + slots(8));
        NetmapPort slave = open("}1");
        RxRing rx = slave.rxRing(0);
        Packets.send(master.txRing(0), 1, 60);
        Packets.send(master.txRing(0), 2, 60);
        slave.poll(Linux.POLLIN, FOREVER);
        rx.wakeAfter(2);
        assertEquals(0, slave.poll(Linux.POLLIN, 5 * MILLISECOND), "nothing new");
        assertEquals(2, rx.available(), "still the user's");
        Packets.send(master.txRing(0), 3, 60);
        assertEquals(Linux.POLLIN, slave.poll(Linux.POLLIN, FOREVER));
        assertEquals(3, rx.available());
        assertEquals(List.of(1L, 2L, 3L), Packets.receive(rx));
        assertThrows(IllegalArgumentException.class, () -> rx.wakeAfter(1));
    }

    @ParameterizedTest
    @CsvSource({"1, 20", "30, 60"})
    void pollTimesOut(long milliseconds, long atMost) {
        NetmapPort port = open("{1" + slots(4));
        port.poll(Linux.POLLIN, 0);
        long start = System.nanoTime();
        assertEquals(0, port.poll(Linux.POLLIN, milliseconds * MILLISECOND));
        long passed = System.nanoTime() - start;
        assertTrue(passed >= milliseconds * MILLISECOND, passed + " ns are too early");
        assertTrue(passed < (atMost + 1000) * MILLISECOND, passed + " ns are too late");
    }

    /** A wake-up that turns out to be for nothing must not end a wait early. */
    @Test
    void pollIsNotEndedByWhatIsNotAnEvent() throws Exception {
        assumePipes();
        NetmapPort master = open("{1@conf:rings=2,slots=8");
        NetmapPort slave = open("}1-1");
        NetmapPort other = open("}1-0");
        Future<Long> waiting = threads.submit(() -> {
            long start = System.nanoTime();
            assertEquals(0, slave.poll(Linux.POLLIN, 150 * MILLISECOND));
            return System.nanoTime() - start;
        });
        Future<Integer> served = threads.submit(() -> other.poll(Linux.POLLIN, FOREVER));
        Thread.sleep(50);
        Packets.send(master.txRing(0), 1, 60);
        assertEquals(Linux.POLLIN, served.get(5, TimeUnit.SECONDS));
        assertTrue(waiting.get(5, TimeUnit.SECONDS) >= 150 * MILLISECOND, "it has waited to the end");
    }

    /** Two threads that sleep on different rings of one end: each gets its own wake-up. */
    @Test
    void sleepersOnRingsOfOneEndDoNotTakeEachOthersWakeUps() throws Exception {
        assumePipes();
        NetmapPort master = open("{1@conf:rings=2,slots=64");
        List<Future<Integer>> receivers = new ArrayList<>();
        int packets = 2000;
        for (int ring = 0; ring < 2; ring++) {
            NetmapPort port = open("}1-" + ring);
            receivers.add(threads.submit(() -> {
                int received = 0;
                while (received < packets) {
                    Packets.await(port, Linux.POLLIN);
                    received += Packets.receive(port.rxRing(0)).size();
                }
                return received;
            }));
        }
        for (int number = 0; number < packets; number++) {
            for (TxRing tx : master.txRings()) {
                while (!tx.inject(Packets.numbered(number, 60))) {
                    assertTrue(receivers.stream().noneMatch(Future::isDone), "a receiver has missed its wake-up");
                    Packets.await(master, Linux.POLLOUT);
                }
                tx.sync();
            }
            if (number % 16 == 0) {
                Thread.sleep(0, ThreadLocalRandom.current().nextInt(1, 200_000));
            }
        }
        for (Future<Integer> receiver : receivers) {
            assertEquals(packets, receiver.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void pollBlocksWithoutUsingTheProcessor() throws Exception {
        NetmapPort port = open("{1" + slots(4));
        long cpu = threads.submit(() -> {
                    port.poll(Linux.POLLIN, MILLISECOND);
                    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
                    port.poll(Linux.POLLIN, 300 * MILLISECOND);
                    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
                })
                .get(10, TimeUnit.SECONDS);
        assertTrue(cpu < 15 * MILLISECOND, cpu + " ns of 300 ms");
    }

    @Test
    void theOtherEndWakesPoll() throws Exception {
        assumePipes();
        NetmapPort master = open("{1" + slots(4));
        NetmapPort slave = open("}1");
        Future<Integer> woken = threads.submit(() -> slave.poll(Linux.POLLIN, FOREVER));
        Thread.sleep(30);
        assertFalse(woken.isDone());
        Packets.send(master.txRing(0), 1, 60);
        assertEquals(Linux.POLLIN, woken.get(5, TimeUnit.SECONDS));

        Packets.send(master.txRing(0), 2, 60);
        Packets.send(master.txRing(0), 3, 60);
        Future<Integer> room = threads.submit(() -> master.poll(Linux.POLLOUT, FOREVER));
        Thread.sleep(30);
        assertFalse(room.isDone());
        Packets.receive(slave.rxRing(0));
        assertEquals(Linux.POLLOUT, room.get(5, TimeUnit.SECONDS));
    }

    @Test
    void noWakeUpIsLost() throws Exception {
        NetmapPort master = open("{1" + slots(4));
        NetmapPort slave = open("}1");
        int rounds = rounds();
        Future<?> echo = threads.submit(() -> bounce(slave, rounds, false));
        bounce(master, rounds, true);
        echo.get(30, TimeUnit.SECONDS);
    }

    /** Round trips of the lost-wake-up test, and ten times the openings of the test for leaks. */
    protected int rounds() {
        return 100_000;
    }

    /** Sends a packet to and fro; both ends sleep while it is away, or look a little before they do. */
    private static void bounce(NetmapPort port, int rounds, boolean serves) {
        TxRing tx = port.txRing(0);
        RxRing rx = port.rxRing(0);
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int round = 0; round < rounds; round++) {
            if (serves) {
                hit(tx);
            }
            int spins = random.nextInt(4) == 0 ? random.nextInt(2000) : 0;
            for (int i = 0; i < spins; i++) {
                Thread.onSpinWait();
            }
            Packets.await(port, Linux.POLLIN);
            rx.advance(rx.available());
            rx.sync();
            if (!serves) {
                hit(tx);
            }
        }
    }

    private static void hit(TxRing tx) {
        tx.sync();
        tx.length(tx.head(), 60);
        // To all.
        tx.buffer(tx.head()).fill((byte) 0xff);
        tx.advance(1);
        tx.sync();
    }

    @Test
    void aReopenedEndIsWokenAsItsPredecessorWas() throws Exception {
        NetmapPort master = open("{1" + slots(8));
        for (int number = 0; number < 5; number++) {
            try (NetmapPort slave = open("}1")) {
                Future<Integer> woken = threads.submit(() -> slave.poll(Linux.POLLIN, FOREVER));
                Thread.sleep(20);
                Packets.send(master.txRing(0), number, 60);
                assertEquals(Linux.POLLIN, woken.get(10, TimeUnit.SECONDS), "opened for the time " + number);
                Packets.receive(slave.rxRing(0));
            }
        }
    }

    @Test
    void aPollerWaitsForSeveralPorts() throws Exception {
        NetmapPort left = open("{1" + slots(8));
        NetmapPort right = open("{2" + slots(8));
        NetmapPort a = open("}1");
        NetmapPort b = open("}2");
        try (NetmapPoller poller = new NetmapPoller()) {
            poller.add(a, Linux.POLLIN);
            poller.add(b, Linux.POLLIN);
            assertFalse(poller.await(0));
            assertFalse(poller.await(2 * MILLISECOND));
            for (NetmapPort sender : List.of(left, right, left)) {
                NetmapPort receiver = sender == left ? a : b;
                Future<Boolean> any = threads.submit(() -> poller.await(FOREVER));
                Thread.sleep(20);
                Packets.send(sender.txRing(0), 1, 60);
                assertTrue(any.get(5, TimeUnit.SECONDS));
                assertEquals(Linux.POLLIN, poller.ready(receiver));
                assertEquals(0, poller.ready(receiver == a ? b : a));
                assertEquals(List.of(1L), Packets.receive(receiver.rxRing(0)));
            }
            poller.add(a, Linux.POLLOUT);
            assertTrue(poller.await(FOREVER));
            assertEquals(Linux.POLLOUT, poller.ready(a));
            assertThrows(IllegalArgumentException.class, () -> poller.ready(left));
        }
    }

    @Test
    void aPollerIsEndedByAPlainDescriptor() throws Exception {
        NetmapPort port = open("{1" + slots(8));
        int event = Linux.eventfd();
        try (NetmapPoller poller = new NetmapPoller()) {
            poller.add(port, Linux.POLLIN);
            poller.addDescriptor(event);
            poller.addDescriptor(event);
            Future<Boolean> any = threads.submit(() -> poller.await(FOREVER));
            Thread.sleep(20);
            Linux.eventfdSignal(event);
            assertTrue(any.get(5, TimeUnit.SECONDS));
            assertEquals(0, poller.ready(port));
        } finally {
            Linux.close(event);
        }
    }

    // Closing

    @Test
    void closingWakesWhoPolls() throws Exception {
        NetmapPort port = open("{1" + slots(8));
        Future<Integer> polling = threads.submit(() -> port.poll(Linux.POLLIN, FOREVER));
        Thread.sleep(30);
        port.close();
        assertClosed(polling);
    }

    @Test
    void closingWakesAPoller() throws Exception {
        NetmapPort port = open("{1" + slots(8));
        NetmapPort other = open("{2" + slots(8));
        try (NetmapPoller poller = new NetmapPoller()) {
            poller.add(port, Linux.POLLIN);
            poller.add(other, Linux.POLLIN);
            Future<Boolean> polling = threads.submit(() -> poller.await(FOREVER));
            Thread.sleep(30);
            port.close();
            assertClosed(polling);
            assertThrows(NetmapException.class, () -> poller.await(0));
        }
    }

    @Test
    void closingUnderABusyLoopThrowsThere() throws Exception {
        assumePipes();
        for (int run = 0; run < 50; run++) {
            NetmapPort port = open("{1" + slots(8));
            NetmapPort out = open("{2" + slots(8));
            CountingLoop loop = new CountingLoop();
            Future<?> spinning = threads.submit(() -> {
                while (true) {
                    port.txRing(0).inject(MemorySegment.ofArray(new byte[60]));
                    port.sync();
                    port.rxRing(0).forward(out.txRing(0), 4);
                    loop.rounds++;
                }
            });
            while (loop.rounds == 0 && !spinning.isDone()) {
                Thread.onSpinWait();
            }
            port.close();
            assertClosed(spinning);
            out.close();
        }
    }

    private static final class CountingLoop {
        volatile long rounds;
    }

    private static void assertClosed(Future<?> use) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> use.get(5, TimeUnit.SECONDS));
        NetmapException closed = (NetmapException) failure.getCause();
        assertEquals(Errno.EBADF, closed.errno());
        assertTrue(closed.getMessage().contains("closed"), closed.getMessage());
    }

    @Test
    void everyUseOfAClosedPortThrows() {
        NetmapPort port = open("{1" + slots(8), 1);
        TxRing tx = port.txRing(0);
        RxRing rx = port.rxRing(0);
        port.close();
        port.close();
        assertTrue(port.isClosed());
        List<Executable> uses = List.of(
                port::sync,
                () -> port.poll(Linux.POLLIN, 0),
                port::takeExtraBuffer,
                () -> port.returnExtraBuffer(5),
                tx::sync,
                rx::sync,
                () -> tx.advance(1),
                () -> tx.descriptor(0),
                () -> tx.descriptor(0, 0),
                () -> tx.bufferIndex(0),
                () -> tx.bufferAddress(0),
                () -> tx.buffer(0),
                () -> tx.length(0),
                () -> tx.flags(0, 0),
                () -> tx.ptr(0, 1),
                () -> rx.move(0, tx, 0),
                () -> tx.inject(MemorySegment.ofArray(new byte[60])));
        for (int i = 0; i < uses.size(); i++) {
            NetmapException refusal = assertThrows(NetmapException.class, uses.get(i), "use " + i);
            assertTrue(refusal.getMessage().startsWith(port.name() + ": "), refusal.getMessage());
        }
    }

    // §3.3, §3.4, §19: what a program can do wrong

    @ParameterizedTest
    @CsvSource({"5, 5", "-1, 0", "0, -1", "8, 8", "2147483647, 2147483647", "2, 1", "0, 5"})
    void aBadHeadOrCurIsPutRight(int head, int cur) {
        NetmapPort master = open("{1" + slots(8));
        NetmapPort slave = open("}1");
        RxRing rx = slave.rxRing(0);
        Packets.send(master.txRing(0), 1, 60);
        Packets.send(master.txRing(0), 2, 60);
        rx.sync();

        NetmapRing.head(rx.address(), head);
        NetmapRing.cur(rx.address(), cur);
        rx.sync();
        assertEquals(List.of(0, 2), List.of(rx.head(), rx.tail()));
        assertEquals(0, NetmapRing.cur(rx.address()));

        NetmapRing.head(rx.address(), head);
        NetmapRing.cur(rx.address(), cur);
        assertEquals(Linux.POLLERR, slave.poll(Linux.POLLIN, FOREVER) & Linux.POLLERR);
        assertEquals(Linux.POLLIN, slave.poll(Linux.POLLIN, FOREVER), "not sticky");
        assertEquals(List.of(1L, 2L), Packets.receive(rx));
    }

    @Test
    void anOverwrittenTailIsRestored() {
        NetmapPort port = open("{1" + slots(8));
        TxRing tx = port.txRing(0);
        for (int tail : new int[] {3, -7, 1000}) {
            NetmapRing.tail(tx.address(), tail);
            tx.sync();
            assertEquals(7, tx.tail());
            assertEquals(7, NetmapRing.tail(tx.address()));
        }
    }

    @Test
    void aBadHeadSendsNothing() {
        NetmapPort port = open("{1" + slots(8));
        RxRing rx = open("}1").rxRing(0);
        NetmapRing.cur(port.txRing(0).address(), 9);
        NetmapRing.head(port.txRing(0).address(), 9);
        port.txRing(0).sync();
        rx.sync();
        assertEquals(0, rx.available());
        Packets.send(port.txRing(0), 1, 60);
        assertEquals(List.of(1L), Packets.receive(rx));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1, Integer.MIN_VALUE, Integer.MAX_VALUE, 163840, 1 << 20})
    void aBufferIndexFromElsewhereReachesNoOtherMemory(int index) {
        assumePipes();
        TxRing tx = open("{1" + slots(8)).txRing(0);
        RxRing rx = open("}1").rxRing(0);
        int mine = tx.bufferIndex(0);
        tx.descriptor(0, NetmapSlot.descriptor(index, 0xffff, NetmapSlot.NS_BUF_CHANGED));
        tx.advance(1);
        tx.sync();
        rx.sync();
        int arrived = rx.bufferIndex(0);
        boolean impossible = Integer.compareUnsigned(index, MOST_BUFFERS) > 0;
        assertTrue(arrived == index || impossible && arrived == 0, "passed on as it is, or as none: " + arrived);
        assertTrue(rx.length(0) <= rx.bufferSize());
        MemorySegment buffer = rx.buffer(0);
        for (long i = 0; i < rx.length(0); i++) {
            buffer.get(ValueLayout.JAVA_BYTE, i);
        }
        long address = rx.bufferAddress(0);
        assertTrue(address >= rx.bufferAddressOf(0), "in the region");
        if (index < 0 || index >= 163840) {
            assertEquals(rx.bufferAddressOf(0), address, "resolved to the reserved buffer 0");
        }
        rx.descriptor(0, NetmapSlot.descriptor(mine, 0, NetmapSlot.NS_BUF_CHANGED));
        rx.advance(1);
        rx.sync();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 8, 9, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void aSlotOutsideTheRingIsRefused(int slot) {
        TxRing tx = open("{1" + slots(8)).txRing(0);
        assertThrows(IndexOutOfBoundsException.class, () -> tx.descriptor(slot));
        assertThrows(IndexOutOfBoundsException.class, () -> tx.flags(slot, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> tx.move(0, tx, slot));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 8, Integer.MAX_VALUE})
    void moreThanIsThereCannotBeGivenBack(int count) {
        TxRing tx = open("{1" + slots(8)).txRing(0);
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> tx.advance(count));
        assertTrue(refusal.getMessage().contains("7"), refusal.getMessage());
    }

    // §5.3, §8: names and refusals

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "netmap:nosuchdevice0    | ENXIO",
                "netmap:PARENT{1^        | EINVAL",
                "netmap:PARENT{1*        | EINVAL",
                "netmap:PARENT{1-7       | EINVAL",
                "netmap:PARENT{1@77      | EINVAL",
            })
    void refusalsNameThePortAndTheReason(String spec, Errno errno) {
        assumePipes();
        String name = spec.replace("PARENT", parent);
        NetmapException refusal = assertThrows(NetmapException.class, () -> opened.add(netmap.openPort(name)));
        assertEquals(errno, refusal.errno());
        assertEquals(name, refusal.port());
        assertTrue(refusal.getMessage().startsWith(name + ": "), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(errno.name()), refusal.getMessage());
        assertNotEquals(-1, refusal.getMessage().lastIndexOf(": "), "says what to do");
    }

    @Test
    void anExclusivePortIsExclusive() {
        open("{1/x" + slots(8));
        NetmapException refusal = assertThrows(NetmapException.class, () -> open("{1"));
        assertEquals(Errno.EBUSY, refusal.errno());
        open("}1");
    }

    @Test
    void moreSlotsThanARingHoldsIsEnomem() {
        assumePipes();
        open("{1" + slots(8));
        int most = (pools("{1").ring().objectSize() - NetmapRing.SIZE) / NetmapSlot.SIZE;
        assumeTrue(most < 4096, "rings here hold all slots that a pipe can have");
        NetmapException refusal = assertThrows(NetmapException.class, () -> open("{2" + slots(most + 1)));
        assertEquals(Errno.ENOMEM, refusal.errno());
    }

    private PoolsInfo pools(String suffix) {
        return netmap.driver().poolsInfo(parent + suffix, 0);
    }

    @Test
    void atMost64PipesOfOneName() {
        assumePipes();
        open("{0" + slots(2));
        assumeTrue(pools("{0").ring().objects() >= 65 * 4, "the region has fewer rings than that");
        for (int pipe = 1; pipe < 64; pipe++) {
            open("{" + pipe + slots(2));
        }
        NetmapException refusal = assertThrows(NetmapException.class, () -> open("{64" + slots(2)));
        assertEquals(Errno.EINVAL, refusal.errno());
        opened.getLast().close();
        open("{64" + slots(2));
    }

    @Test
    void wishesBeyondTheLimitsAreCut() {
        NetmapPort port = open("{1@conf:tx-slots=1,rx-slots=2");
        assertEquals(1, port.txRing(0).slots());
        assertEquals(0, port.txRing(0).available());
        assertEquals(2, port.rxRing(0).slots());
    }

    @Test
    void portInfoTellsWhatAnOpenWouldFind() {
        assumePipes();
        NetmapPort port = open("{1@conf:tx-slots=16,rx-slots=32,tx-rings=2,rx-rings=1");
        var info = netmap.driver().portInfo(parent + "}1", 0);
        assertEquals(
                List.of(32, 16, 1, 2, port.memId()),
                List.of(info.txSlots(), info.rxSlots(), info.txRings(), info.rxRings(), info.memId()));
        PoolsInfo pools = pools("{1");
        assertEquals(info.memsize(), pools.memsize());
        assertEquals(port.txRing(0).bufferSize(), pools.buffer().objectSize());
    }

    @Test
    void aMalformedModeIsRefusedByTheDriver() {
        LinuxException refusal = assertThrows(
                LinuxException.class,
                () -> netmap.driver().register(PortRequest.of(parent + "{1", NmreqRegister.NR_REG_PIPE_MASTER)));
        assertEquals(Errno.EINVAL, refusal.errno());
    }

    // §11: monitors

    /** Takes what a monitor has seen; each must be a packet of a transmit ring, or none. */
    private static List<Long> seen(NetmapPort monitor, boolean sent) {
        RxRing ring = monitor.rxRing(0);
        ring.sync();
        for (int i = 0; i < ring.available(); i++) {
            assertEquals(sent, (ring.flags(ring.fromHead(i)) & NetmapSlot.NS_TXMON) != 0);
        }
        return Packets.receive(ring);
    }

    @ParameterizedTest
    @CsvSource({"{1/t, true", "}1/r, false"})
    void aMonitorSeesAllPacketsInOrder(String watched, boolean sent) {
        assumeMonitors();
        TxRing tx = open("{1" + slots(32)).txRing(0);
        RxRing rx = open("}1" + slots(32)).rxRing(0);
        NetmapPort monitor = open(watched);
        assertEquals(1, monitor.rxRings().size());
        assertEquals(32, monitor.rxRing(0).slots());
        List<Long> received = new ArrayList<>();
        List<Long> seen = new ArrayList<>();
        for (long number = 0; number < 100; number++) {
            Packets.send(tx, number, 60 + (int) number);
            if (number % 7 == 0) {
                received.addAll(Packets.receive(rx));
                tx.sync();
                seen.addAll(seen(monitor, sent));
            }
        }
        received.addAll(Packets.receive(rx));
        seen.addAll(seen(monitor, sent));
        List<Long> all = LongStream.range(0, 100).boxed().toList();
        assertEquals(all, received);
        assertEquals(all, seen);
    }

    @Test
    void aMonitorThatDoesNotReadMissesPacketsAndDelaysNothing() {
        assumeMonitors();
        TxRing tx = open("{1" + slots(32)).txRing(0);
        RxRing rx = open("}1" + slots(32)).rxRing(0);
        NetmapPort monitor = open("{1/t@conf:slots=8");
        for (long number = 0; number < 1000; number++) {
            Packets.send(tx, number, 60);
            assertEquals(List.of(number), Packets.receive(rx));
            tx.sync();
        }
        assertEquals(LongStream.range(0, 7).boxed().toList(), seen(monitor, true));
        tx.sync();
        Packets.send(tx, 1000, 60);
        assertEquals(List.of(1000L), seen(monitor, true));
    }

    @Test
    void aMonitorNeedsAnOpenPort() {
        assumeMonitors();
        NetmapException refusal = assertThrows(NetmapException.class, () -> open("{1/t"));
        assertEquals(Errno.EINVAL, refusal.errno());
    }

    @Test
    void aMonitorSleepsUntilThereIsSomethingToSee() throws Exception {
        assumeMonitors();
        TxRing tx = open("{1" + slots(32)).txRing(0);
        NetmapPort monitor = open("{1/t");
        assertEquals(0, monitor.poll(Linux.POLLIN, 5 * MILLISECOND));
        for (long number = 0; number < 20; number++) {
            Future<?> sleeper = threads.submit(() -> Packets.await(monitor, Linux.POLLIN));
            Thread.sleep(number % 4);
            Packets.send(tx, number, 60);
            sleeper.get(10, TimeUnit.SECONDS);
            assertEquals(List.of(number), seen(monitor, true));
        }
    }

    @Test
    void aMonitorFailsWhenItsPortIsClosed() {
        assumeMonitors();
        NetmapPort port = open("{1" + slots(32));
        NetmapPort monitor = open("{1/t");
        Packets.send(port.txRing(0), 1, 60);
        port.close();
        assertEquals(List.of(1L), seen(monitor, true), "what it has seen remains");
        assertNotEquals(0, monitor.poll(Linux.POLLIN, 5 * MILLISECOND) & Linux.POLLERR);
        open("{1" + slots(32));
        assertNotEquals(0, monitor.poll(Linux.POLLIN, 5 * MILLISECOND) & Linux.POLLERR, "it must be opened again");
    }

    @Test
    void manyOpensAndClosesLeakNothing() {
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            for (int i = 0; i < Math.min(3000, rounds() / 10); i++) {
                netmap.openPort(spec(parent, "{1" + slots(64)), 4).close();
            }
        });
        try (Arena arena = Arena.ofConfined()) {
            TxRing tx = open("{1" + slots(64), 4).txRing(0);
            assertTrue(tx.inject(arena.allocate(60)));
        }
    }
}
