// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapIf;
import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.memory.Memory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What ports of interfaces must do, however they are joined to them: one end of a veth pair to the other, both open here. A test
 * of one way extends it.
 */
@Timeout(60)
abstract class InterfacePortTck {
    static final long SECOND = 1_000_000_000L;

    private final InterfaceMode mode;
    final EmbeddedHost host = EmbeddedHost.create();
    final Netmap netmap = Netmap.over(host);
    TestNetwork network;
    String left;
    String right;

    InterfacePortTck(InterfaceMode mode) {
        this.mode = mode;
    }

    @BeforeAll
    static void canMakeInterfaces() {
        TestNetwork.assumePossible();
    }

    @BeforeEach
    void connect() {
        network = new TestNetwork(mode);
        List<String> pair = network.pair();
        left = pair.get(0);
        right = pair.get(1);
    }

    @AfterEach
    void leaveNothing() {
        try {
            BufferAudit audit = host.audit(1);
            assertTrue(audit.clean(), audit::toString);
        } finally {
            netmap.close();
            network.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 60, 64, 65, 777, 1513, 1514})
    void framesArriveByteForByte(int length) {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            byte[] there = frame(length, 1);
            byte[] back = frame(length, 2);
            send(a, there);
            send(b, back);
            assertArrayEquals(there, receive(b));
            assertArrayEquals(back, receive(a));
            assertEquals(1, a.counters().orElseThrow().sent());
            assertEquals(1, a.counters().orElseThrow().received());
            assertEquals(0, a.rxRing(0).available(), "own transmissions do not come back");
        }
    }

    @Test
    void anIndependentCaptureSeesTheSameBytes(@TempDir Path directory) throws Exception {
        TestNetwork.assumeTool("tcpdump");
        Path file = directory.resolve("capture.pcap");
        Process tcpdump =
                network.start(new ProcessBuilder("tcpdump", "-i", right, "-U", "-c", "3", "-w", file.toString())
                        .redirectErrorStream(true));
        // It says "listening on" when it does.
        assertTrue(readUntil(tcpdump, "listening on"));
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        try (NetmapPort a = open(left)) {
            for (int i = 0; i < 3; i++) {
                byte[] frame = frame(100 + i * 700, i);
                sent.write(frame);
                send(a, frame);
            }
            assertTrue(tcpdump.waitFor(20, TimeUnit.SECONDS));
        }
        assertArrayEquals(sent.toByteArray(), payloadOf(Files.readAllBytes(file)));
    }

    static boolean readUntil(Process process, String text) throws IOException {
        StringBuilder said = new StringBuilder();
        int next = process.getInputStream().read();
        while (next >= 0 && said.indexOf(text) < 0) {
            said.append((char) next);
            next = process.getInputStream().read();
        }
        return said.indexOf(text) >= 0;
    }

    /** The packets of a little-endian capture file, one after the other. */
    private static byte[] payloadOf(byte[] pcap) {
        MemorySegment file = MemorySegment.ofArray(pcap);
        ByteArrayOutputStream packets = new ByteArrayOutputStream();
        int at = 24;
        while (at < pcap.length) {
            int length = file.get(ValueLayout.JAVA_INT_UNALIGNED, at + 8);
            packets.write(pcap, at + 16, length);
            at += 16 + length;
        }
        return packets.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x81000064, 0x8100e001, 0x88a80abc})
    void vlanTagsStay(int tag) {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            // Linux lets frames of the MTU have one tag more, if it is an 802.1Q one.
            for (int length : new int[] {60, tag >>> 16 == 0x8100 ? 1518 : 1514}) {
                byte[] tagged = frame(length, tag);
                for (int i = 0; i < 4; i++) {
                    tagged[12 + i] = (byte) (tag >>> 24 - 8 * i);
                }
                tagged[16] = 0x08;
                tagged[17] = 0x00;
                send(a, tagged);
                assertArrayEquals(tagged, receive(b));
            }
        }
    }

    @Test
    void twoTagsStay() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            byte[] tagged = frame(200, 3);
            byte[] tags = {(byte) 0x88, (byte) 0xa8, 0x00, 0x05, (byte) 0x81, 0x00, 0x00, 0x06, 0x08, 0x00};
            System.arraycopy(tags, 0, tagged, 12, tags.length);
            send(a, tagged);
            assertArrayEquals(tagged, receive(b));
        }
    }

    @Test
    void longBurstsArriveCompleteAndInOrder() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            int frames = 20_000;
            int sent = 0;
            int received = 0;
            while (received < frames) {
                while (sent < frames && a.txRing(0).inject(MemorySegment.ofArray(numbered(sent)))) {
                    sent++;
                }
                a.txRing(0).sync();
                b.poll(Linux.POLLIN, SECOND);
                RxRing rx = b.rxRing(0);
                assertTrue(rx.available() > 0, "lost after " + received);
                for (int n = rx.available(); n > 0; n--) {
                    assertEquals(received, Memory.getIntBigEndian(rx.bufferAddress(rx.head()) + 14));
                    assertEquals(0, rx.ptr(rx.head()));
                    received++;
                    rx.advance(1);
                }
            }
            assertEquals(0, b.counters().orElseThrow().receiveDropped());
        }
    }

    @Test
    void jumboFramesTakeSeveralSlots() {
        List.of(left, right).forEach(link -> TestNetwork.must("ip", "link", "set", link, "mtu", "9000"));
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            for (int length : new int[] {2047, 2048, 2049, 4096, 9014}) {
                byte[] jumbo = frame(length, length);
                byte[] after = frame(60, 5);
                assertTrue(a.txRing(0).inject(MemorySegment.ofArray(jumbo)));
                assertTrue(a.txRing(0).inject(MemorySegment.ofArray(after)));
                a.txRing(0).sync();
                assertTrue(a.txRing(0).drained());
                assertArrayEquals(jumbo, receive(b));
                assertArrayEquals(after, receive(b));
            }
        }
    }

    @Test
    void jumboFramesWaitForRoom() {
        List.of(left, right).forEach(link -> TestNetwork.must("ip", "link", "set", link, "mtu", "9000"));
        try (NetmapPort a = open(left);
                NetmapPort b = netmap.openPort("netmap:" + right + "@conf:slots=8")) {
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                sent.add(frame(9000, i));
                send(a, sent.getLast());
            }
            for (byte[] frame : sent) {
                assertArrayEquals(frame, receive(b));
            }
        }
    }

    @Test
    void aPacketIsSentWhenItsLastSlotHasCome() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            byte[] frame = frame(100, 1);
            TxRing tx = a.txRing(0);
            put(tx, frame, 0, 40, NetmapSlot.NS_MOREFRAG);
            tx.sync();
            assertEquals(0, b.poll(Linux.POLLIN, SECOND / 20));
            assertEquals(1, tx.pending());
            put(tx, frame, 40, 60, 0);
            tx.sync();
            assertArrayEquals(frame, receive(b));
            assertTrue(tx.drained());
        }
    }

    static void put(TxRing tx, byte[] bytes, int from, int length, int flags) {
        Memory.copy(bytes, from, tx.bufferAddress(tx.head()), length);
        tx.descriptor(tx.head(), NetmapSlot.descriptor(tx.bufferIndex(tx.head()), length, flags));
        tx.advance(1);
    }

    @Test
    void whatCannotBeSentIsDroppedAndCountedAndBlocksNothing() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            TxRing tx = a.txRing(0);
            byte[] first = frame(60, 1);
            byte[] last = frame(60, 2);
            tx.inject(MemorySegment.ofArray(first));
            tx.inject(MemorySegment.ofArray(frame(1519, 3)));
            tx.inject(MemorySegment.ofArray(frame(13, 4)));
            tx.descriptor(tx.head(), NetmapSlot.descriptor(tx.bufferIndex(tx.head()), 0, 0));
            tx.advance(1);
            for (int i = 0; i < NetmapSlot.NETMAP_MAX_FRAGS + 1; i++) {
                put(tx, first, 0, 1, i < NetmapSlot.NETMAP_MAX_FRAGS ? NetmapSlot.NS_MOREFRAG : 0);
            }
            tx.inject(MemorySegment.ofArray(last));
            tx.sync();
            assertTrue(tx.drained());
            assertArrayEquals(first, receive(b));
            assertArrayEquals(last, receive(b));
            assertEquals(2, a.counters().orElseThrow().sent());
            assertEquals(4, a.counters().orElseThrow().sendDropped());
        }
    }

    @Test
    void slotsThatNameNoBufferHarmNobody() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            TxRing tx = a.txRing(0);
            long good = tx.descriptor(tx.head());
            tx.descriptor(tx.head(), NetmapSlot.descriptor(0x7fffffff, 60, 0));
            tx.advance(1);
            tx.inject(MemorySegment.ofArray(frame(60, 1)));
            int bad = b.rxRing(0).fromHead(0);
            long spoiled = b.rxRing(0).descriptor(bad);
            b.rxRing(0).descriptor(bad, NetmapSlot.descriptor(-5, 0, 0));
            assertTrue((a.poll(Linux.POLLOUT, 0) & Linux.POLLERR) != 0);
            assertEquals(1, a.counters().orElseThrow().sendDropped());
            assertTrue((b.poll(Linux.POLLIN, SECOND) & Linux.POLLERR) != 0);
            assertEquals(60, b.rxRing(0).length(bad));
            tx.descriptor(0, good);
            b.rxRing(0).descriptor(bad, spoiled);
        }
    }

    @Test
    void pollWaitsForPacketsBeyondCur() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            RxRing rx = b.rxRing(0);
            send(a, frame(60, 1));
            assertEquals(Linux.POLLIN, b.poll(Linux.POLLIN, SECOND));
            rx.wakeAfter(1);
            assertEquals(0, b.poll(Linux.POLLIN, SECOND / 50), "cur has reached tail");
            rx.wakeAfter(0);
            assertEquals(Linux.POLLIN, b.poll(Linux.POLLIN, SECOND));
        }
    }

    @Test
    void aFullRingSleepsInsteadOfAskingForMore() {
        try (NetmapPort a = open(left);
                NetmapPort b = netmap.openPort("netmap:" + right + "@conf:slots=4")) {
            for (int i = 0; i < 10; i++) {
                send(a, frame(60, i));
            }
            assertEquals(Linux.POLLIN, b.poll(Linux.POLLIN, SECOND));
            assertEquals(3, b.rxRing(0).available());
            b.rxRing(0).wakeAfter(3);
            long before = System.nanoTime();
            assertEquals(0, b.poll(Linux.POLLIN, SECOND / 10));
            assertTrue(System.nanoTime() - before >= SECOND / 10);
        }
    }

    @Test
    void aRingThatBreaksTheRulesIsPutRight() {
        try (PortBinding binding = host.register(PortRequest.of(left, NmreqRegister.NR_REG_ALL_NIC))) {
            long netmapIf = binding.memory().address() + binding.reply().offset();
            long tx = netmapIf + NetmapIf.ringOfs(netmapIf, NetmapIf.txTableIndex(0));
            NetmapRing.head(tx, 5000);
            assertEquals(RingSync.LOOK, binding.txSync(0).sync());
            assertEquals(0, NetmapRing.head(tx));
            assertEquals(NetmapRing.numSlots(tx) - 1, NetmapRing.tail(tx));
            assertEquals(Linux.POLLERR, binding.arm(Linux.POLLIN));
            assertEquals(Linux.POLLERR, binding.disarm(Linux.POLLIN, 0));
            assertEquals(0, binding.arm(Linux.POLLIN), "said once");
            assertNotEquals(RingSync.LOOK, binding.txSync(0).sync());
        }
    }

    @Test
    void waitingUsesNoProcessor() {
        try (NetmapPort a = open(left)) {
            a.poll(Linux.POLLIN, 0);
            long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            assertEquals(0, a.poll(Linux.POLLIN, SECOND / 2));
            long used = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
            assertTrue(used < SECOND / 20, used + " ns of processor time");
            assertEquals(Linux.POLLOUT, a.poll(Linux.POLLOUT, SECOND), "there is room");
        }
    }

    @Test
    void packetsAllocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            send(a, frame(60, 1));
            // One packet goes around. The compiler allocates too, in its time: what counts is that it comes to an end.
            long least = Long.MAX_VALUE;
            for (int window = 0; window < 30 && least > 100; window++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int round = 0; round < 5000; round++) {
                    bounce(a);
                    bounce(b);
                }
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertTrue(a.counters().orElseThrow().received() > 1000);
            assertTrue(least <= 100, least + " bytes for thousands of packets");
        }
    }

    private static void bounce(NetmapPort port) {
        port.rxRing(0).sync();
        port.rxRing(0).forward(port.txRing(0), 64);
        port.txRing(0).sync();
    }

    @Test
    void aSleeperIsWokenByAPacket() throws Exception {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            Thread sender = Thread.ofPlatform().start(() -> {
                Linux.poll(-1, 0, SECOND / 5);
                send(a, frame(60, 1));
            });
            assertEquals(Linux.POLLIN, b.poll(Linux.POLLIN, 30 * SECOND));
            sender.join();
        }
    }

    @Test
    void theKernelCountsWhatASlowReaderMisses() {
        try (NetmapPort a = open(left);
                NetmapPort b = netmap.openPort("netmap:" + right + "@conf:rx-slots=4")) {
            byte[] frame = frame(1514, 1);
            int sent = 0;
            while (sent < 40_000) {
                while (sent < 40_000 && a.txRing(0).inject(MemorySegment.ofArray(frame))) {
                    sent++;
                }
                a.txRing(0).sync();
            }
            while (!a.txRing(0).drained()) {
                a.poll(Linux.POLLOUT, SECOND);
            }
            long received = 0;
            while (b.poll(Linux.POLLIN, SECOND / 5) != 0) {
                received += b.rxRing(0).available();
                b.rxRing(0).advance(b.rxRing(0).available());
            }
            long dropped = b.counters().orElseThrow().receiveDropped();
            assertTrue(dropped > 0, "nothing dropped");
            assertEquals(sent, received + dropped);
        }
    }

    @Test
    void onlyTheAskedForDirectionIsBound() {
        try (NetmapPort sender = netmap.openPort("netmap:" + left + "/T");
                NetmapPort receiver = netmap.openPort("netmap:" + right + "/R")) {
            assertTrue(sender.rxRings().isEmpty());
            assertTrue(receiver.txRings().isEmpty());
            byte[] frame = frame(60, 1);
            send(sender, frame);
            assertArrayEquals(frame, receive(receiver));
        }
        try (NetmapPort sender = open(left);
                NetmapPort deaf = netmap.openPort("netmap:" + right + "/T")) {
            send(sender, frame(60, 1));
            assertEquals(0, deaf.counters().orElseThrow().received());
            assertEquals(0, deaf.counters().orElseThrow().receiveDropped());
        }
    }

    @Test
    void buffersMoveBetweenInterfacesAndPipes() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right);
                NetmapPort in = netmap.openPort("netmap:x{1");
                NetmapPort out = netmap.openPort("netmap:x}1")) {
            byte[] frame = frame(1000, 1);
            send(a, frame);
            b.poll(Linux.POLLIN, SECOND);
            int buffer = b.rxRing(0).bufferIndex(b.rxRing(0).head());
            assertEquals(1, b.rxRing(0).forward(in.txRing(0), 10));
            in.txRing(0).sync();
            out.rxRing(0).sync();
            assertEquals(buffer, out.rxRing(0).bufferIndex(out.rxRing(0).head()));
            out.rxRing(0).forward(b.txRing(0), 10);
            b.txRing(0).sync();
            assertArrayEquals(frame, receive(a));
        }
    }

    @Test
    void goesOnWhenAnInterfaceComesUpAgain() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            TestNetwork.must("ip", "link", "set", right, "down");
            assertEquals(Linux.POLLERR, b.poll(Linux.POLLIN, 10 * SECOND));
            assertEquals(0, b.poll(Linux.POLLIN, SECOND / 10), "said once");
            send(b, frame(60, 1));
            assertTrue(b.txRing(0).drained());
            assertEquals(1, b.counters().orElseThrow().sendDropped());
            Thread raiser = Thread.ofPlatform().start(() -> TestNetwork.must("ip", "link", "set", right, "up"));
            // Sleeps, and wakes for the link.
            b.poll(Linux.POLLIN, SECOND);
            join(raiser);
            List.of(left, right).forEach(link -> TestNetwork.awaitCarrier("ip", "link", "show", link));
            byte[] frame = frame(60, 2);
            send(a, frame);
            byte[] received = receive(b);
            assertArrayEquals(frame, received);
        }
    }

    @Test
    void goesOnUnderAnotherName() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            TestNetwork.must("ip", "link", "set", right, "down");
            TestNetwork.must("ip", "link", "set", right, "name", right + "r");
            TestNetwork.must("ip", "link", "set", right + "r", "up");
            List.of(left, right + "r").forEach(link -> TestNetwork.awaitCarrier("ip", "link", "show", link));
            b.poll(Linux.POLLIN, 0);
            send(a, frame(60, 1));
            assertArrayEquals(frame(60, 1), receive(b));
            send(b, frame(60, 2));
            assertArrayEquals(frame(60, 2), receive(a));
        }
    }

    @Test
    void goesOnWithAnInterfaceThatHasComeInThePlaceOfARemovedOne() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            send(a, frame(60, 1));
            assertArrayEquals(frame(60, 1), receive(b));
            TestNetwork.must("ip", "link", "del", left);
            // It may say first that the interface is down.
            for (int i = 0; i < 2; i++) {
                assertEquals(Linux.POLLERR, b.poll(Linux.POLLIN, 10 * SECOND));
                assertEquals(Linux.POLLERR, a.poll(Linux.POLLIN, 10 * SECOND));
            }
            send(b, frame(60, 2));
            network.pairAgain(left, right);
            for (NetmapPort port : List.of(a, b)) {
                for (int i = 0; i < 100 && (port.poll(Linux.POLLIN, SECOND / 100) & Linux.POLLERR) != 0; i++) {
                    Linux.poll(-1, 0, SECOND / 100);
                }
            }
            for (int i = 3; i < 3000; i++) {
                send(a, frame(60, i));
                assertArrayEquals(frame(60, i), receive(b));
            }
            send(b, frame(60, 4));
            assertArrayEquals(frame(60, 4), receive(a));
        }
    }

    @Test
    void anInterfaceThatIsDownCanBeOpened() {
        TestNetwork.must("ip", "link", "set", right, "down");
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            assertEquals(0, b.poll(Linux.POLLIN, SECOND / 10));
            TestNetwork.must("ip", "link", "set", right, "up");
            TestNetwork.awaitCarrier("ip", "link", "show", right);
            byte[] frame = frame(60, 2);
            send(a, frame);
            assertArrayEquals(frame, receive(b));
        }
    }

    @Test
    void removalUnderLoadIsReportedAndHarmless() throws Exception {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right)) {
            Thread remover = Thread.ofPlatform().start(() -> {
                Linux.poll(-1, 0, SECOND / 5);
                TestNetwork.must("ip", "link", "del", left);
            });
            int trouble = 0;
            long deadline = System.nanoTime() + 30 * SECOND;
            while ((trouble & Linux.POLLERR) == 0 && System.nanoTime() < deadline || remover.isAlive()) {
                while (a.txRing(0).inject(MemorySegment.ofArray(frame(60, 1)))) {}
                a.txRing(0).sync();
                trouble = b.poll(Linux.POLLIN, SECOND / 10);
                b.rxRing(0).advance(b.rxRing(0).available());
            }
            remover.join();
            // A poll that sleeps must learn of it as well, and sleep no more.
            long until = System.nanoTime() + 30 * SECOND;
            for (NetmapPort port : List.of(a, b)) {
                int events = port.poll(Linux.POLLIN, 10 * SECOND) | port.poll(Linux.POLLIN, 10 * SECOND);
                while (events != Linux.POLLERR && System.nanoTime() < until) {
                    port.rxRing(0).advance(port.rxRing(0).available());
                    events = port.poll(Linux.POLLIN, 10 * SECOND);
                }
                assertEquals(Linux.POLLERR, events);
                assertEquals(Linux.POLLERR, port.poll(Linux.POLLIN, 10 * SECOND));
                port.txRing(0).inject(MemorySegment.ofArray(frame(60, 1)));
                port.sync();
                assertTrue(port.txRing(0).drained());
            }
        }
    }

    @Test
    void monitorsSeeWhatPasses() {
        try (NetmapPort a = open(left);
                NetmapPort b = open(right);
                NetmapPort sent = open(left + "/t");
                NetmapPort received = open(right + "/r");
                NetmapPort buffers = open(left + "/z")) {
            for (int i = 0; i < 300; i++) {
                byte[] frame = frame(60 + i, i);
                send(a, frame);
                assertArrayEquals(frame, receive(b));
                assertArrayEquals(frame, receive(sent));
                assertArrayEquals(frame, receive(received));
            }
            long deadline = System.nanoTime() + 10 * SECOND;
            List<byte[]> passed = new ArrayList<>();
            while (passed.size() < 300 && System.nanoTime() < deadline) {
                a.sync();
                RxRing ring = buffers.rxRing(0);
                ring.sync();
                while (ring.available() > 0) {
                    passed.add(ring.buffer(ring.head())
                            .asSlice(0, ring.length(ring.head()))
                            .toArray(ValueLayout.JAVA_BYTE));
                    ring.advance(1);
                }
            }
            assertEquals(300, passed.size(), () -> buffers.counters().toString());
            for (int i = 0; i < 300; i++) {
                assertArrayEquals(frame(60 + i, i), passed.get(i));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = 10)
    void closingLeavesNeitherDescriptorsNorBuffers(int times) {
        open(left).close();
        long before = descriptors();
        int free = host.audit(1).free();
        for (int i = 0; i < times; i++) {
            try (NetmapPort a = open(left);
                    NetmapPort b = open(right)) {
                send(a, frame(60, i));
                receive(b);
            }
            assertThrows(NetmapException.class, () -> open("nosuchif0"));
        }
        assertEquals(before, descriptors());
        assertEquals(free, host.audit(1).free());
    }

    @ParameterizedTest
    @ValueSource(ints = 40)
    void openingAndClosingLeavesNothing(int cycles) throws IOException {
        try (EmbeddedHost small = EmbeddedHost.create(new RegionConfig(16, 1024, 16, 36864, 4096, 2048, 256));
                Netmap its = Netmap.over(small)) {
            its.openPort("netmap:" + left).close();
            long before = descriptors();
            long mappings = mappings();
            for (int i = 0; i < cycles; i++) {
                its.openPort("netmap:" + left + "@conf:slots=64").close();
            }
            assertEquals(before, descriptors());
            // Mappings are given back when nothing can reach them.
            for (int i = 0; i < 100 && mappings() > mappings + 20; i++) {
                System.gc();
                Linux.poll(-1, 0, SECOND / 50);
            }
            assertTrue(mappings() <= mappings + 20, mappings() + " mappings, before " + mappings);
            assertEquals(
                    small.audit(1).total() - Region.FIRST_BUFFER, small.audit(1).free());
        }
    }

    @Tag("soak")
    @Timeout(600)
    @Test
    void aThousandCyclesLeaveNothing() throws IOException {
        closingLeavesNeitherDescriptorsNorBuffers(100);
        openingAndClosingLeavesNothing(1000);
        closingWhileAnotherThreadSyncsIsSafe(100);
    }

    private static long mappings() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
            return lines.count();
        }
    }

    static long descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = 15)
    void closingWhileAnotherThreadSyncsIsSafe(int times) {
        for (int i = 0; i < times; i++) {
            NetmapPort port = open(left);
            Thread user = Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        port.txRing(0).inject(MemorySegment.ofArray(frame(60, 1)));
                        port.sync();
                    }
                } catch (NetmapException closed) {
                    // As it must be.
                }
            });
            Linux.poll(-1, 0, SECOND / 500);
            port.close();
            join(user);
        }
    }

    @Test
    void aNameThatIsNoInterfaceIsExplained() {
        NetmapException refused = assertThrows(NetmapException.class, () -> open("nosuchif0"));
        assertEquals(Errno.ENXIO, refused.errno());
        assertTrue(refused.getMessage().contains(left), refused::getMessage);
        assertTrue(refused.getMessage().contains("nosuchif0{1"), refused::getMessage);
        assertEquals(
                Errno.ENXIO,
                assertThrows(NetmapException.class, () -> open("anamethatistoolongforlinux"))
                        .errno());
        assertEquals(
                Errno.ENXIO,
                assertThrows(LinuxException.class, () -> host.portInfo("nosuchif0", 0))
                        .errno());
        assertEquals(1, host.portInfo(left, 0).txRings());
        assertEquals(
                Errno.EOPNOTSUPP,
                assertThrows(NetmapException.class, () -> open(left + "/x")).errno());
        assertEquals(
                Errno.EINVAL,
                assertThrows(NetmapException.class, () -> open(left + "-1")).errno());
    }

    @Test
    void withoutTheRightToRawSocketsTheMessageSaysWhatToDo() throws Exception {
        TestNetwork.assumeTool("setpriv");
        TestNetwork.Result child = TestNetwork.run(InterfaceChild.command(
                List.of("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"), "open", left));
        assertTrue(child.output().contains("EPERM"), child::output);
        assertTrue(child.output().contains("CAP_NET_RAW"), child::output);
        assertFalse(child.output().contains("opened"), child::output);
    }

    @Test
    void anAttachedProcessOpensTheInterfaceOfItsOwnNamespace(@TempDir Path directory) {
        String namespace = network.namespace("a");
        String here = network.cable(namespace);
        Path socket = directory.resolve("host.sock");
        host.serve(socket);
        try (NetmapPort port = open(here)) {
            byte[] frame = frame(500, 1);
            network.start(new ProcessBuilder(InterfaceChild.command(
                            List.of(TestNetwork.inNamespace(namespace)), "echo", "eth0", socket.toString()))
                    .inheritIO());
            boolean answered = false;
            long deadline = System.nanoTime() + 30 * SECOND;
            while (!answered && System.nanoTime() < deadline) {
                send(port, frame);
                if (port.poll(Linux.POLLIN, SECOND / 5) == Linux.POLLIN) {
                    answered = Arrays.equals(frame, receiveAny(port));
                }
            }
            assertTrue(answered);
        }
    }

    NetmapPort open(String name) {
        return netmap.openPort("netmap:" + name);
    }

    static byte[] frame(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        byte[] ethernet = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, (byte) 0x88, (byte) 0xb5};
        System.arraycopy(ethernet, 0, bytes, 0, Math.min(length, ethernet.length));
        return bytes;
    }

    private static byte[] numbered(int number) {
        byte[] bytes = frame(60, 0);
        for (int i = 0; i < 4; i++) {
            bytes[14 + i] = (byte) (number >>> 24 - 8 * i);
        }
        return bytes;
    }

    static void send(NetmapPort port, byte[] frame) {
        assertTrue(port.txRing(0).inject(MemorySegment.ofArray(frame)));
        port.txRing(0).sync();
    }

    /** The next packet of those that {@link #frame} makes; a network stack may say something of its own. */
    static byte[] receive(NetmapPort port) {
        byte[] packet = receiveAny(port);
        while (packet[5] != 1 || packet[11] != 2) {
            packet = receiveAny(port);
        }
        return packet;
    }

    /** The next packet, put together from its slots. */
    static byte[] receiveAny(NetmapPort port) {
        port.poll(Linux.POLLIN, 10 * SECOND);
        RxRing rx = port.rxRing(0);
        assertTrue(rx.available() > 0, "no packet");
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        int flags;
        do {
            int slot = rx.head();
            flags = rx.flags(slot);
            byte[] part = new byte[rx.length(slot)];
            Memory.copy(rx.bufferAddress(slot), part, 0, part.length);
            packet.writeBytes(part);
            rx.advance(1);
        } while ((flags & NetmapSlot.NS_MOREFRAG) != 0);
        return packet.toByteArray();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
