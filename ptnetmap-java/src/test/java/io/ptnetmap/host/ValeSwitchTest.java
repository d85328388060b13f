// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.abi.ValeHash;
import io.ptnetmap.driver.DropCause;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.memory.Memory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of a switch (ABI §10), on the threads that send. */
@Timeout(60)
class ValeSwitchTest {
    private static final long A = 0x02_00_00_00_00_0aL;
    private static final long B = 0x02_00_00_00_00_0bL;
    private static final long C = 0x02_00_00_00_00_0cL;
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE / 2);
    private EmbeddedHost host;
    private Netmap netmap;
    private NetmapPort a;
    private NetmapPort b;
    private NetmapPort c;

    @BeforeEach
    void threePorts() {
        host = EmbeddedHost.create(RegionConfig.DEFAULT, clock::get);
        netmap = Netmap.over(host);
        a = netmap.openPort("vale0:a@conf:slots=128");
        b = netmap.openPort("vale0:b@conf:slots=128");
        c = netmap.openPort("vale0:c@conf:slots=128");
    }

    @AfterEach
    void end() {
        netmap.close();
    }

    /** Makes a station known where it is. */
    private void learn(NetmapPort port, long station) {
        Frames.send(port, Frames.frame(Frames.BROADCAST, station, 0, 60));
        Stream.of(a, b, c).filter(other -> !other.isClosed()).forEach(Frames::receive);
    }

    private void assertReceived(NetmapPort port, byte[]... frames) {
        List<byte[]> received = Frames.receive(port);
        assertEquals(frames.length, received.size(), port.name());
        for (int i = 0; i < frames.length; i++) {
            assertArrayEquals(frames[i], received.get(i), port.name() + ", frame " + i);
        }
    }

    private SwitchPort.Traffic traffic(String name) {
        return host.valeList().stream()
                .filter(port -> port.name().equals(name))
                .findFirst()
                .orElseThrow()
                .traffic()
                .orElseThrow();
    }

    private static void assertRefused(Errno errno, String part, Executable request) {
        RuntimeException refusal = assertThrows(RuntimeException.class, request);
        Errno found = refusal instanceof NetmapException binding ? binding.errno() : ((LinuxException) refusal).errno();
        assertEquals(errno, found, refusal.getMessage());
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }

    // What netmap does

    /** The worked example of netmap's own layout. */
    @Test
    void theRegionOfAPortIsLaidOutAsNetmaps() {
        PortRequest request = PortRequest.of("vale1:a", NmreqRegister.NR_REG_ALL_NIC);
        try (PortBinding port = host.register(request)) {
            PortReply reply = port.reply();
            assertEquals(42369024, reply.memsize());
            assertEquals(0, reply.offset());
            assertEquals(
                    List.of(0L, 0L),
                    List.of(port.rings().txRing(1), port.rings().rxRing(1)));
            assertEquals(32768, port.rings().txRing(0) - port.memory().address());
            assertEquals(12288, port.rings().rxRing(0) - port.memory().address());
        }
        try (NetmapPort port = netmap.openPort("vale1:a")) {
            assertEquals(
                    List.of(2, 1025),
                    List.of(port.rxRing(0).bufferIndex(0), port.rxRing(0).bufferIndex(1023)));
            assertEquals(
                    List.of(1026, 2049),
                    List.of(port.txRing(0).bufferIndex(0), port.txRing(0).bufferIndex(1023)));
        }
    }

    @Test
    void theUnknownGoesToAllOthers() {
        byte[] frame = Frames.frame(B, A, 1, 60);
        Frames.send(a, frame);
        assertReceived(a);
        assertReceived(b, frame);
        assertReceived(c, frame);
    }

    @Test
    void theKnownGoesToItsPort() {
        learn(b, B);
        byte[] frame = Frames.frame(B, A, 1, 60);
        Frames.send(a, frame);
        assertReceived(b, frame);
        assertReceived(c);
        byte[] answer = Frames.frame(A, B, 2, 61);
        Frames.send(b, answer);
        assertReceived(a, answer);
        assertReceived(c);
    }

    @Test
    void groupsGoToAllOthersAndAreNotLearnt() {
        long group = 0x01_00_5e_00_00_01L;
        byte[] toGroup = Frames.frame(group, A, 1, 60);
        Frames.send(a, toGroup);
        assertReceived(b, toGroup);
        assertReceived(c, toGroup);
        byte[] fromGroup = Frames.frame(B, group, 2, 60);
        Frames.send(b, fromGroup);
        byte[] again = Frames.frame(group, A, 3, 60);
        Frames.send(a, again);
        assertReceived(b, again);
        assertReceived(c, fromGroup, again);
        assertReceived(a, fromGroup);
    }

    @Test
    void aBucketHasOneEntry() {
        Map<Integer, Long> byBucket = new HashMap<>();
        long station = B;
        while (true) {
            Long rival = byBucket.putIfAbsent(ValeHash.bucket(Frames.station(station)), station);
            if (rival != null) {
                learn(b, rival);
                learn(c, station);
                byte[] toRival = Frames.frame(rival, A, 1, 60);
                Frames.send(a, toRival);
                assertReceived(b, toRival);
                assertReceived(c, toRival);
                byte[] toOther = Frames.frame(station, A, 2, 60);
                Frames.send(a, toOther);
                assertReceived(b);
                assertReceived(c, toOther);
                return;
            }
            station += 2;
        }
    }

    @Test
    void transmissionIsCompleteAtOnce() {
        learn(b, B);
        TxRing tx = a.txRing(0);
        for (int i = 0; i < 1000; i++) {
            Frames.send(tx, Frames.frame(B, A, i, 60));
            assertTrue(tx.drained());
        }
        assertEquals(127, Frames.receive(b).size(), "what fits");
        assertEquals(1000 - 127, traffic("vale0:b").dropped(DropCause.FULL));
    }

    @Test
    void aFullPortDoesNotKeepOthersFromReceiving() {
        learn(b, B);
        for (int i = 0; i < 200; i++) {
            Frames.send(a, Frames.frame(Frames.BROADCAST, A, i, 60));
            assertEquals(1, Frames.receive(c).size());
        }
        assertEquals(127, Frames.receive(b).size());
    }

    @Test
    void aRingOfManyChoosesTheRingOfTheReceiver() {
        try (NetmapPort three = netmap.openPort("vale0:t@conf:rings=3,slots=16");
                NetmapPort two = netmap.openPort("vale0:u@conf:rings=2,slots=16")) {
            Frames.send(two.txRing(1), Frames.frame(Frames.BROADCAST, B, 0, 60));
            Stream.of(0, 1, 2).forEach(ring -> Frames.receive(three.rxRing(ring)));
            for (int ring = 0; ring < 3; ring++) {
                Frames.send(three.txRing(ring), Frames.frame(B, A, ring, 60));
                Frames.send(three.txRing(ring), Frames.frame(Frames.BROADCAST, A, 10 + ring, 60));
            }
            assertEquals(5, Frames.receive(two.rxRing(0)).size(), "rings 0 and 2, and what is for all");
            assertEquals(1, Frames.receive(two.rxRing(1)).size(), "ring 1");
        }
    }

    @Test
    void theOrderOfArrivalIsKept() {
        learn(b, B);
        TxRing tx = a.txRing(0);
        for (int i = 0; i < 100; i++) {
            long to = i % 3 == 0 ? Frames.BROADCAST : i % 3 == 1 ? B : C;
            tx.inject(MemorySegment.ofArray(Frames.frame(to, A, i, 60)));
        }
        tx.sync();
        List<byte[]> received = Frames.receive(b);
        assertEquals(100, received.size());
        for (int i = 0; i < 100; i++) {
            assertEquals(i, ByteBuffer.wrap(received.get(i)).getInt(14));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 22, 60, 63, 64, 65, 255, 256, 257, 1514, 2048, 2049, 4096, 9000, 65535, 65536, 131072})
    void aFrameArrivesAsItWasSent(int length) {
        byte[] frame = Frames.frame(Frames.BROADCAST, A, length, length);
        Frames.send(a, frame);
        assertReceived(b, frame);
        assertReceived(c, frame);
    }

    /** netmap copies whole cache lines; what lies behind the packet may be somebody else's. */
    @Test
    void nothingBehindAFrameIsCopied() {
        TxRing tx = a.txRing(0);
        for (int length = 14; length < 300; length++) {
            Memory.segment(tx.bufferAddress(tx.head()), 2048).fill((byte) 0x5a);
            long to = b.rxRing(0).bufferAddress(b.rxRing(0).head());
            Memory.segment(to, 2048).fill((byte) 0x33);
            byte[] frame = Frames.frame(Frames.BROADCAST, A, length, length);
            Frames.send(tx, frame);
            for (int i = length; i < 2048; i++) {
                assertEquals(0x33, Memory.getByte(to + i), "length " + length + ", byte " + i);
            }
            assertReceived(b, frame);
            Frames.receive(c);
        }
    }

    @Test
    void aReceiverWithSmallerBuffersGetsMoreSlots() {
        int small = host.createRegion(RegionConfig.DEFAULT.withBuffers(2000, 512));
        int large = host.createRegion(RegionConfig.DEFAULT.withBuffers(2000, 8192));
        try (NetmapPort few = netmap.openPort("vale0:s@" + small + "@conf:slots=128");
                NetmapPort more = netmap.openPort("vale0:l@" + large + "@conf:slots=128")) {
            assertEquals(512, few.rxRing(0).bufferSize());
            for (int length : new int[] {60, 512, 513, 1500, 2048, 5000, 32768}) {
                byte[] frame = Frames.frame(Frames.BROADCAST, A, length, length);
                Frames.send(a, frame);
                assertReceived(few, frame);
                assertReceived(more, frame);
                byte[] back = Frames.frame(Frames.BROADCAST, A, length, Math.min(length, 15_000));
                Frames.send(more, back);
                assertReceived(few, back);
            }
            Frames.send(a, Frames.frame(Frames.BROADCAST, A, 1, 32769));
            assertReceived(few);
            assertEquals(1, traffic("vale0:s").dropped(DropCause.TOO_LONG));
        }
    }

    // What netmap does not do

    @Test
    void whatIsNotHeardForFiveMinutesIsForgotten() {
        learn(b, B);
        clock.addAndGet(299 * SECOND);
        Frames.send(a, Frames.frame(B, A, 1, 60));
        assertEquals(0, Frames.receive(c).size());
        clock.addAndGet(3 * SECOND);
        Frames.send(a, Frames.frame(B, A, 2, 60));
        assertEquals(1, Frames.receive(c).size());
        learn(b, B);
        clock.addAndGet(299 * SECOND);
        learn(b, B);
        clock.addAndGet(299 * SECOND);
        Frames.send(a, Frames.frame(B, A, 3, 60));
        assertEquals(0, Frames.receive(c).size(), "heard again in between");
    }

    /** In netmap a station that comes back to a port that has sent nothing else is not learnt again. */
    @Test
    void aStationThatMovesAwayAndBackIsFound() {
        learn(b, B);
        learn(c, B);
        learn(b, B);
        byte[] frame = Frames.frame(B, A, 1, 60);
        Frames.send(a, frame);
        assertReceived(b, frame);
        assertReceived(c);
    }

    @Test
    void withAPortItsStationsGo() {
        learn(b, B);
        b.close();
        NetmapPort successor = netmap.openPort("vale0:d");
        assertEquals(
                1,
                host.valeList().stream()
                        .filter(port -> port.name().equals("vale0:d"))
                        .findFirst()
                        .orElseThrow()
                        .port(),
                "it has got the number");
        byte[] frame = Frames.frame(B, A, 1, 60);
        Frames.send(a, frame);
        assertReceived(c, frame);
        assertReceived(successor, frame);
    }

    @Test
    void whoDoesNotWantToBeLearntIsNot() {
        TxRing tx = b.txRing(0);
        int slot = tx.head();
        tx.inject(MemorySegment.ofArray(Frames.frame(Frames.BROADCAST, B, 0, 60)));
        tx.flags(slot, NetmapSlot.NS_NO_LEARN);
        tx.sync();
        Frames.receive(a);
        Frames.receive(c);
        Frames.send(a, Frames.frame(B, A, 1, 60));
        assertEquals(1, Frames.receive(c).size());
    }

    /** In netmap whoever sends most has most of the ring. */
    @Test
    void whoFloodsARingLeavesRoomForOthers() {
        learn(b, B);
        flood(a);
        Frames.send(c, Frames.frame(B, C, 0, 60));
        assertEquals(127, Frames.receive(b).size(), "whoever is alone has all of it");
        flood(a);
        for (int i = 0; i < 20; i++) {
            Frames.send(c, Frames.frame(B, C, i, 60));
        }
        List<byte[]> received = Frames.receive(b);
        assertEquals(20, received.stream().filter(frame -> frame[11] == 0x0c).count());
        assertEquals(64 + 20, received.size());
        clock.addAndGet(3 * SECOND);
        flood(a);
        assertEquals(127, Frames.receive(b).size(), "alone again");
        SwitchPort.Traffic traffic = traffic("vale0:b");
        assertEquals(73 + 1 + 73, traffic.dropped(DropCause.FULL));
        assertEquals(136, traffic.dropped(DropCause.SHARE));
    }

    private static void flood(NetmapPort from) {
        TxRing tx = from.txRing(0);
        for (int i = 0; i < 200; i++) {
            if (tx.available() == 0 || i == 0) {
                tx.sync();
            }
            tx.inject(MemorySegment.ofArray(Frames.frame(B, A, i, 60)));
        }
        tx.sync();
    }

    @Test
    void anIncompletePacketWaitsForItsRest() {
        TxRing tx = a.txRing(0);
        byte[] frame = Frames.frame(Frames.BROADCAST, A, 1, 100);
        for (int i = 0; i < 2; i++) {
            int slot = tx.head();
            MemorySegment.copy(
                    MemorySegment.ofArray(frame), 50L * i, Memory.segment(tx.bufferAddress(slot), 50), 0, 50);
            tx.descriptor(slot, NetmapSlot.descriptor(tx.bufferIndex(slot), 50, i == 0 ? NetmapSlot.NS_MOREFRAG : 0));
            tx.advance(1);
            tx.sync();
            assertEquals(1 - i, tx.pending());
            if (i == 0) {
                assertReceived(b);
            }
        }
        assertReceived(b, frame);
    }

    // Drops

    /** One packet for each cause, and those that go through: everything is accounted for. */
    @Test
    void everyDropIsCounted() {
        try (NetmapPort deaf = netmap.openPort("vale0:deaf/T@conf:slots=128")) {
            learn(b, B);
            learn(deaf, C);
            TxRing tx = a.txRing(0);
            int bufferSize = tx.bufferSize();
            Frames.send(tx, new byte[13]);
            sendSlot(tx, tx.bufferIndex(tx.head()), bufferSize + 1, 0);
            for (int index : new int[] {-1, 0, 1, 1 << 20}) {
                sendSlot(tx, index, 60, 0);
            }
            sendSlot(tx, tx.bufferIndex(tx.head()), 60, NetmapSlot.NS_INDIRECT);
            for (int k = 0; k < 70; k++) {
                tx.descriptor(
                        tx.fromHead(k),
                        NetmapSlot.descriptor(tx.bufferIndex(tx.fromHead(k)), 60, k < 69 ? NetmapSlot.NS_MOREFRAG : 0));
            }
            tx.advance(70);
            tx.sync();
            assertTrue(tx.drained());
            learn(a, A);
            Frames.send(a, Frames.frame(A, A, 1, 60));
            Frames.send(a, Frames.frame(C, A, 2, 60));
            // Alone with the ring, once what taught the others is long enough ago.
            clock.addAndGet(3 * SECOND);
            for (int i = 0; i < 130; i++) {
                Frames.send(a, Frames.frame(B, A, 3, 60));
            }
            SwitchPort.Traffic in = traffic("vale0:a");
            assertEquals(1, in.dropped(DropCause.RUNT));
            assertEquals(5, in.dropped(DropCause.BAD_SLOT));
            assertEquals(1, in.dropped(DropCause.INDIRECT));
            assertEquals(1, in.dropped(DropCause.TOO_MANY_SLOTS));
            assertEquals(1, in.dropped(DropCause.TO_ITSELF));
            assertEquals(0, in.dropped(DropCause.NO_OTHER_PORT));
            assertEquals(1 + 5 + 1 + 1 + 1 + 1 + 1 + 130, in.taken());
            assertEquals(3, traffic("vale0:b").dropped(DropCause.FULL));
            // Two broadcasts that others were taught by, and one that was meant for it.
            assertEquals(3, traffic("vale0:deaf").dropped(DropCause.NOT_OPEN));
            assertConserved("vale0:a", "vale0:b", "vale0:c", "vale0:deaf");
            assertEquals(new PortCounters(2 + 127, 3, 1, 0), b.counters().orElseThrow());
        }
    }

    private static void sendSlot(TxRing tx, int index, int length, int flags) {
        int slot = tx.head();
        int mine = tx.bufferIndex(slot);
        tx.descriptor(slot, NetmapSlot.descriptor(index, length, flags));
        tx.advance(1);
        tx.sync();
        tx.descriptor(slot, NetmapSlot.descriptor(mine, 0, 0));
    }

    /** What was taken was dropped on the way in or copied; each copy was delivered or dropped on the way out. */
    private void assertConserved(String... names) {
        long copies = 0;
        long arrived = 0;
        for (String name : names) {
            SwitchPort.Traffic traffic = traffic(name);
            copies += traffic.copies();
            arrived += traffic.delivered();
            for (DropCause cause : DropCause.values()) {
                arrived += cause.ordinal() < DropCause.FULL.ordinal() ? 0 : traffic.dropped(cause);
            }
        }
        assertEquals(copies, arrived);
    }

    @Test
    void aPortThatIsAloneSendsToNobody() {
        try (NetmapPort alone = netmap.openPort("vale1:x")) {
            Frames.send(alone, Frames.frame(Frames.BROADCAST, A, 1, 60));
            assertEquals(1, traffic("vale1:x").dropped(DropCause.NO_OTHER_PORT));
        }
    }

    @Test
    void aTransmissionRingFullOfOnePacketIsGivenUp() {
        try (NetmapPort small = netmap.openPort("vale0:s@conf:slots=8")) {
            TxRing tx = small.txRing(0);
            for (int round = 0; round < 3; round++) {
                for (int k = 0; k < 7; k++) {
                    tx.descriptor(
                            tx.fromHead(k),
                            NetmapSlot.descriptor(tx.bufferIndex(tx.fromHead(k)), 60, NetmapSlot.NS_MOREFRAG));
                }
                tx.advance(7);
                tx.sync();
                assertTrue(tx.drained());
            }
            assertEquals(1, traffic("vale0:s").dropped(DropCause.TOO_MANY_SLOTS), "all one packet");
            tx.descriptor(tx.head(), NetmapSlot.descriptor(tx.bufferIndex(tx.head()), 60, 0));
            tx.advance(1);
            tx.sync();
            byte[] next = Frames.frame(Frames.BROADCAST, A, 1, 60);
            Frames.send(tx, next);
            assertReceived(b, next);
        }
    }

    // Ports

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vale0:a        | EBUSY  | open already",
                "vale0:a/R      | EBUSY  | receive ring 0",
                "vale0:e-5      | EINVAL | no ring 5",
                "vale0:e^       | EINVAL | no host rings",
                "vale0:e@77     | EINVAL | no region 77",
                "valetoolongname_:a | EINVAL | up to 11",
                "vale0:sixteencharacter | EINVAL | up to 15",
                "vale0:lo       | EINVAL | network interface",
            })
    void refusalsSayWhatToDo(String spec, Errno errno, String part) {
        assertRefused(errno, part, () -> netmap.openPort(spec));
        assertEquals(3, host.valeList().size(), "nothing is left of it");
        assertEquals(1, host.portInfo("", 1).memId());
    }

    @Test
    void ringsCanBeOpenedOneByOne() {
        byte[] frame = Frames.frame(Frames.BROADCAST, A, 1, 60);
        NetmapPort first = netmap.openPort("vale0:m-0@conf:rings=2,slots=16");
        try (NetmapPort second = netmap.openPort("vale0:m-1")) {
            assertTrue(first.sharesMemoryWith(second));
            assertNotEquals(a.memId(), first.memId());
            assertFalse(first.sharesMemoryWith(a));
            Frames.send(second, frame);
            assertReceived(b, frame);
            Frames.send(b, frame);
            assertReceived(first, frame);
            first.close();
            Frames.send(b, frame);
            assertEquals(1, traffic("vale0:m").dropped(DropCause.NOT_OPEN));
            try (NetmapPort again = netmap.openPort("vale0:m-0")) {
                Frames.send(b, frame);
                assertReceived(again, frame);
            }
        }
        assertEquals(3, host.valeList().size());
    }

    @Test
    void aPipeMayLieInThePortsRegion() {
        try (NetmapPort pipe = netmap.openPort("netmap:behind{1@" + a.memId() + "@conf:slots=16");
                NetmapPort out = netmap.openPort("netmap:behind}1")) {
            byte[] frame = Frames.frame(Frames.BROADCAST, B, 1, 60);
            Frames.send(b, frame);
            a.rxRing(0).sync();
            assertEquals(1, a.rxRing(0).forward(pipe.txRing(0), 8), "without copying");
            pipe.sync();
            out.rxRing(0).sync();
            assertEquals(1, out.rxRing(0).available());
            a.close();
            out.rxRing(0).sync();
            assertEquals(1, out.rxRing(0).available(), "the region remains while it is used");
        }
        assertRefused(Errno.EINVAL, "no region", () -> netmap.openPort("netmap:behind{1@2"));
    }

    @Test
    void thereAre8Switches() {
        List<NetmapPort> ports = Stream.iterate(1, i -> i + 1)
                .limit(7)
                .map(i -> netmap.openPort("vale" + i + ":x@conf:slots=2"))
                .toList();
        assertRefused(Errno.ENOMEM, "8 switches", () -> netmap.openPort("vale8:x"));
        ports.get(3).close();
        netmap.openPort("vale8:x").close();
        assertEquals(
                List.of(
                        "vale0:a", "vale0:b", "vale0:c", "vale1:x", "vale2:x", "vale3:x", "vale5:x", "vale6:x",
                        "vale7:x"),
                host.valeList().stream().map(SwitchPort::name).toList());
    }

    @Test
    void aSwitchHas252Ports() {
        for (int i = 3; i < 252; i++) {
            netmap.openPort("vale0:p" + i + "@conf:slots=2");
        }
        assertRefused(Errno.ENOMEM, "252 ports", () -> netmap.openPort("vale0:one_more"));
        Frames.send(a, Frames.frame(Frames.BROADCAST, A, 1, 60));
        assertEquals(251, traffic("vale0:a").copies());
    }

    @Test
    void persistentPortsLiveOnAndKeepTheirStations() {
        PortRequest request = new PortRequest("p0", NmreqRegister.NR_REG_ALL_NIC, 0, 0, 0, 64, 32, 2, 1, 0, 0, 0);
        assertEquals(0, host.valeNewif(request));
        assertRefused(Errno.EEXIST, "of that name", () -> host.valeNewif(request));
        assertRefused(Errno.EINVAL, "attach it first", () -> netmap.openPort("vale0:p0"));
        assertEquals(SwitchPort.UNATTACHED, host.valeList().getLast().bridge());
        assertEquals(3, host.valeAttach(PortRequest.of("vale0:p0", NmreqRegister.NR_REG_ALL_NIC)));
        assertRefused(
                Errno.EBUSY,
                "detach it there",
                () -> host.valeAttach(PortRequest.of("vale1:p0", NmreqRegister.NR_REG_ALL_NIC)));
        assertRefused(
                Errno.EBUSY,
                "a port of that name",
                () -> host.valeAttach(PortRequest.of("vale0:p0", NmreqRegister.NR_REG_ALL_NIC)));
        assertRefused(Errno.EBUSY, "detach it first", () -> host.valeDelif("p0"));
        byte[] frame = Frames.frame(Frames.BROADCAST, A, 1, 60);
        Frames.send(a, frame);
        assertEquals(1, traffic("vale0:p0").dropped(DropCause.NOT_OPEN));
        try (NetmapPort p = netmap.openPort("netmap:p0")) {
            assertEquals(List.of(2, 1), List.of(p.txRings().size(), p.rxRings().size()));
            assertEquals(
                    List.of(64, 32), List.of(p.txRing(0).slots(), p.rxRing(0).slots()));
            learn(p, C);
            byte[] toIt = Frames.frame(C, A, 2, 60);
            Frames.send(a, toIt);
            assertReceived(p, toIt);
            assertRefused(Errno.EBUSY, "open already", () -> netmap.openPort("vale0:p0"));
        }
        assertEquals(1, traffic("vale0:p0").delivered(), "counters live on");
        try (NetmapPort p = netmap.openPort("vale0:p0")) {
            assertEquals(3, host.valeDetach("vale0:p0"), "with the port open");
            Frames.send(p, Frames.frame(Frames.BROADCAST, C, 3, 60));
            assertReceived(a);
            assertEquals(1, host.valeList().getLast().traffic().orElseThrow().dropped(DropCause.NO_OTHER_PORT));
            byte[] flooded = Frames.frame(C, A, 4, 60);
            Frames.send(a, flooded);
            assertReceived(b, flooded);
            assertRefused(Errno.EBUSY, "close it first", () -> host.valeDelif("p0"));
        }
        host.valeDelif("p0");
        assertRefused(Errno.ENXIO, "no persistent port", () -> host.valeDelif("p0"));
        assertEquals(3, host.valeList().size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vale0:nosuchdevice | 1 | ENXIO  | no such interface",
                "eth0               | 1 | EINVAL | SWITCH:PORT",
                "vale0:lo           | 4 | EINVAL | mode 4",
                "vale0:a            | 1 | EBUSY  | a port of that name",
            })
    void attachmentsAreRefusedWithAReason(String name, int mode, Errno errno, String part) {
        assertRefused(errno, part, () -> host.valeAttach(PortRequest.of(name, mode)));
        assertEquals(3, host.valeList().size());
    }

    @ParameterizedTest
    @CsvSource({"valex, EINVAL", "lo, EEXIST", "sixteencharacter, EINVAL", "a:b, EINVAL", "'', EINVAL"})
    void newPortsAreRefusedWithAReason(String name, Errno errno) {
        assertRefused(errno, "", () -> host.valeNewif(PortRequest.of(name, NmreqRegister.NR_REG_ALL_NIC)));
    }

    @Test
    void detachingWhatIsNotThere() {
        assertRefused(Errno.ENXIO, "no such port", () -> host.valeDetach("vale0:x"));
        assertEquals(1, host.valeDetach("vale0:b"), "as netmap does: nothing, for a port that somebody has open");
        assertEquals(3, host.valeList().size());
    }

    @Test
    void portInfoTellsWhatAnOpenWouldFind() {
        PortReply info = host.portInfo("vale0:a", 0);
        assertEquals(List.of(128, 128, 1, 1, a.memId()), shape(info));
        assertEquals(info.memsize(), host.poolsInfo("vale0:a", 0).memsize());
        assertEquals(List.of(1024, 1024, 1, 1, 0), shape(host.portInfo("vale0:new", 0)));
        assertRefused(Errno.ENXIO, "nobody has", () -> host.poolsInfo("vale0:new", 0));
        assertEquals(3, host.valeList().size());
    }

    private static List<Integer> shape(PortReply info) {
        return List.of(info.txSlots(), info.rxSlots(), info.txRings(), info.rxRings(), info.memId());
    }

    @Test
    void aThousandOpeningsLeaveNothing() throws IOException, InterruptedException {
        int descriptors = descriptors();
        for (int i = 0; i < 1000; i++) {
            try (NetmapPort port = netmap.openPort("vale0:x", 5)) {
                assertEquals(5, port.extraBufferCount());
                if (i % 100 == 0) {
                    byte[] frame = Frames.frame(Frames.BROADCAST, A, i, 60);
                    Frames.send(port, frame);
                    assertReceived(b, frame);
                }
            }
        }
        assertEquals(descriptors, descriptors());
        assertEquals(3, host.valeList().size());
        assertRefused(Errno.EINVAL, "there are [1, 2, 3, 4]", () -> netmap.openPort("vale0:y@" + 5));
        // The address space is given back when nothing can reach it any more.
        long start = System.nanoTime();
        while (mappings() > 50) {
            System.gc();
            Thread.sleep(20);
            assertTrue(System.nanoTime() - start < 20 * SECOND, mappings() + " regions are still mapped");
        }
    }

    private static int descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.count();
        }
    }

    /** Ranges as large as the region of a port. */
    private static long mappings() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .map(line -> line.split("[ -]"))
                .mapToLong(parts -> Long.parseUnsignedLong(parts[1], 16) - Long.parseUnsignedLong(parts[0], 16))
                .filter(size -> size >= 42369024 && size < 43_000_000)
                .count();
    }

    @Test
    void whoIsClosedUnderASenderLosesNothingOfOthers() throws Exception {
        learn(b, B);
        Thread sender = new Thread(() -> {
            for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                Frames.send(a, Frames.frame(i % 2 == 0 ? Frames.BROADCAST : B, A, i, 60));
            }
        });
        sender.start();
        for (int i = 0; i < 200; i++) {
            NetmapPort port = netmap.openPort("vale0:short@conf:slots=64");
            for (int k = 0; k < 10; k++) {
                Frames.receive(port)
                        .forEach(frame -> assertArrayEquals(
                                Frames.frame(
                                        Frames.BROADCAST,
                                        A,
                                        ByteBuffer.wrap(frame).getInt(14),
                                        60),
                                frame));
                Frames.receive(b);
            }
            port.close();
        }
        sender.interrupt();
        sender.join();
        assertEquals(
                List.of("vale0:a", "vale0:b", "vale0:c"),
                host.valeList().stream().map(SwitchPort::name).toList());
        assertTrue(Arrays.stream(DropCause.values())
                .filter(cause -> cause.ordinal() < DropCause.FULL.ordinal())
                .allMatch(cause -> traffic("vale0:a").dropped(cause) == 0));
    }
}
