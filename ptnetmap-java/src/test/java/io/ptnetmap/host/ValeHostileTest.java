// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Ring;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.DropCause;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.linux.UnixSocket;
import io.ptnetmap.memory.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A user of a switch's port writes whatever it likes wherever it can: into its CSB, rings, slots and buffers. Two others on
 * the same switch go on unharmed, and nothing of their memory is in what the hostile one has mapped, but the frames that the
 * switch had for it.
 */
class ValeHostileTest extends MutationTck {
    private static final long PATIENCE = 60_000_000_000L;
    private static final int INNOCENT_PACKETS = 2_000;
    private static final int FLOODED_PACKETS = 500;
    private static final long LEFT = 0x02_00_00_00_00_01L;
    private static final long RIGHT = 0x02_00_00_00_00_02L;
    /** In all buffers of the innocent, behind what they send. */
    private static final long CANARY = 0x7ec4_a1b2_c3d4_e5f6L;

    /** In every packet of the innocent, and in no other. */
    private static final long MARK = 0x0123_4567_89ab_cdefL;

    private static final int MARK_AT = 32;
    private static final int LENGTH = 200;

    @TempDir
    Path directory;

    private EmbeddedHost host;
    private AttachServer server;
    private AttachClient innocent;
    private NetmapPort left;
    private NetmapPort right;

    /** One of the innocent is served by the loop that serves the hostile one, too, the other forwards by itself. */
    @BeforeEach
    void begin() {
        host = EmbeddedHost.create();
        server = host.serve(directory.resolve("host.sock"));
        innocent = AttachClient.connect(server.path());
        left = Netmap.over(host).openPort("vale0:left");
        right = Netmap.over(innocent).openPort("vale0:right");
    }

    @AfterEach
    void end() {
        innocent.close();
        host.close();
    }

    @Override
    void survive(int mutations) throws Exception {
        fillWithCanaries(left);
        fillWithCanaries(right);
        teach();
        startOthers();
        try (Evil evil = new Evil()) {
            others.endure(
                    mutations, INNOCENT_PACKETS, evil::act, () -> assertEquals(0, evil.canaries(), others.seed()));
            assertTrue(taken("vale0:evil") > 0, "some of what it sends goes through");
        }
        Innocents.eventually(() -> host.valeList().size() == 2);
        others.goOnAndStop();
        left.close();
        right.close();
        Innocents.eventually(() -> host.valeList().isEmpty());
    }

    private void startOthers() {
        others.start("ping", this::ping);
        others.start("echo", this::echo);
    }

    private long taken(String name) {
        return host.valeList().stream()
                .filter(port -> port.name().equals(name))
                .mapToLong(port -> port.traffic().orElseThrow().taken())
                .sum();
    }

    private static void fillWithCanaries(NetmapPort port) {
        for (Ring ring : List.of(port.txRing(0), port.rxRing(0))) {
            for (int k = 0; k < ring.slots(); k++) {
                for (int at = (LENGTH + 7) & -8; at < ring.bufferSize(); at += Long.BYTES) {
                    Memory.putLong(ring.bufferAddress(k) + at, CANARY);
                }
            }
        }
    }

    /** Both are known to the switch from now on, unless somebody claims to be them. */
    private void teach() {
        Frames.send(right, Frames.frame(LEFT, RIGHT, 0, 60));
        Packet.await(left);
        Frames.receive(left);
        Frames.send(left, Frames.frame(RIGHT, LEFT, 0, 60));
        Packet.await(right);
        Frames.receive(right);
    }

    /** The frames of the innocent. */
    private static final class Packet {
        static byte[] of(long to, long from, int number) {
            byte[] frame = Frames.frame(to, from, number, LENGTH);
            ByteBuffer.wrap(frame).order(ByteOrder.nativeOrder()).putLong(MARK_AT, MARK);
            return frame;
        }

        static boolean isOurs(byte[] frame) {
            return frame.length == LENGTH
                    && ByteBuffer.wrap(frame).order(ByteOrder.nativeOrder()).getLong(MARK_AT) == MARK;
        }

        static int number(byte[] frame) {
            return ByteBuffer.wrap(frame).getInt(14);
        }

        static void await(NetmapPort port) {
            long start = System.nanoTime();
            while (port.poll(Linux.POLLIN, 1_000_000_000L) == 0) {
                if (System.nanoTime() - start > PATIENCE) {
                    throw new AssertionError("nothing arrives at " + port);
                }
            }
        }
    }

    /** Sends numbered packets, each after the last one has come back whole. */
    private void ping() {
        for (int number = 1; !others.stopped(); number++) {
            byte[] mine = Packet.of(RIGHT, LEFT, number);
            byte[] back = Packet.of(LEFT, RIGHT, number);
            boolean returned = false;
            long start = System.nanoTime();
            Frames.send(left, mine);
            while (!returned && !others.stopped()) {
                if (left.poll(Linux.POLLIN, 100_000_000L) == 0 && System.nanoTime() - start > 1_000_000_000L) {
                    // The other's ring may have been full of the hostile one's packets.
                    Frames.send(left, mine);
                    start = System.nanoTime();
                }
                for (byte[] frame : Frames.receive(left)) {
                    if (Packet.isOurs(frame)) {
                        if (!Arrays.equals(Packet.of(LEFT, RIGHT, Packet.number(frame)), frame)) {
                            throw new AssertionError("packet " + Packet.number(frame) + " is spoilt");
                        }
                        returned |= Arrays.equals(back, frame);
                    }
                }
            }
            others.passed().incrementAndGet();
        }
    }

    private void echo() {
        while (!others.stopped()) {
            right.poll(Linux.POLLIN, 100_000_000L);
            for (byte[] frame : Frames.receive(right)) {
                if (Packet.isOurs(frame)) {
                    int number = Packet.number(frame);
                    if (!Arrays.equals(Packet.of(RIGHT, LEFT, number), frame)) {
                        throw new AssertionError("packet " + number + " is spoilt");
                    }
                    Frames.send(right, Packet.of(LEFT, RIGHT, number));
                }
            }
        }
    }

    /** The hostile one: an ordinary client of the host, as far as the socket is concerned. */
    private final class Evil implements AutoCloseable {
        private static final int SLOTS = 64;

        private final CsbClient client = CsbClient.connect(server.path());
        private final CsbClient.Port port = client.open("vale0:evil", SLOTS);
        private final CsbUser tx = CsbUser.tx(port);
        private final CsbUser rx = CsbUser.rx(port);

        Evil() {
            port.start();
            tx.begin();
            rx.begin();
        }

        void act() {
            switch (random.nextInt(8)) {
                case 0 -> Memory.putInt(port.csb.address() + 4L * random.nextInt(2048), nonsense());
                case 1 -> Memory.putLong(port.region.address() + 8L * random.nextInt(1 << 15), random.nextLong());
                case 2 -> tx.publish(random.nextInt(SLOTS), random.nextInt(SLOTS));
                case 3 -> rx.publish(random.nextInt(SLOTS), random.nextInt(SLOTS));
                case 4 -> {
                    // Straight into slots, with indexes, lengths and flags that may make sense.
                    CsbUser ring = random.nextBoolean() ? tx : rx;
                    NetmapSlot.write(
                            ring.slot(random.nextInt(SLOTS)),
                            NetmapSlot.descriptor(
                                    random.nextInt(-2, 5000), random.nextInt(1 << 16), random.nextInt(1 << 16)));
                }
                default -> send();
            }
            Linux.eventfdSignal(port.kicks[random.nextInt(2)]);
        }

        private int nonsense() {
            return random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(-1, SLOTS + 1);
        }

        /** Well-formed packets to everybody, from stations of its own: a flood, when it gets through. */
        private void send() {
            tx.refresh();
            int count = Math.min(tx.available(), 8);
            if (Integer.compareUnsigned(tx.head, SLOTS) >= 0 || count <= 0) {
                tx.begin();
                return;
            }
            for (int i = 0, k = tx.head; i < count; i++, k = tx.next(k)) {
                int index = 100 + random.nextInt(64);
                long buffer =
                        port.region.address() + port.granted.pools().buffer().offset() + 2048L * index;
                byte[] frame = Frames.frame(
                        random.nextBoolean() ? Frames.BROADCAST : RIGHT,
                        0x06_00_00_00_00_00L + random.nextInt(99),
                        i,
                        60);
                Memory.copy(frame, 0, buffer, frame.length);
                NetmapSlot.write(tx.slot(k), NetmapSlot.descriptor(index, 60, 0));
            }
            tx.advance(count);
        }

        /** Words of the innocent in all that it can see: its region, of which it has mapped more than it should, and CSB. */
        int canaries() {
            return count(port.region) + count(port.csb);
        }

        private int count(Mapping memory) {
            int found = 0;
            for (long at = 0; at + 8 <= memory.length(); at += 8) {
                if (Memory.getLong(memory.address() + at) == CANARY) {
                    found++;
                }
            }
            return found;
        }

        @Override
        public void close() {
            client.close();
            port.close();
        }
    }

    // Trust

    @Test
    void nobodyIsLetIntoTheRegionOfAnothersPort() {
        try (AttachClient other = AttachClient.connect(server.path())) {
            Netmap stranger = Netmap.over(other);
            for (NetmapPort port : List.of(left, right)) {
                for (String spec : List.of("vale0:spy@", "netmap:spy{1@", "vale1:spy@")) {
                    NetmapException refusal =
                            assertThrows(NetmapException.class, () -> stranger.openPort(spec + port.memId()));
                    assertEquals(Errno.EACCES, refusal.errno(), refusal.getMessage());
                    assertTrue(refusal.getMessage().contains("read and write all of it"), refusal.getMessage());
                }
                assertEquals(
                        Errno.EACCES,
                        assertThrows(NetmapException.class, () -> stranger.openScratch(port.memId(), 1, 8))
                                .errno());
            }
            try (NetmapPort pipe = Netmap.over(innocent).openPort("netmap:own{1@" + right.memId())) {
                assertEquals(right.memId(), pipe.memId(), "who has the port open may");
                assertEquals(
                        Errno.EACCES,
                        assertThrows(NetmapException.class, () -> stranger.openPort("netmap:own}1"))
                                .errno(),
                        "the other end lies in that region, too");
            }
        }
    }

    @Test
    void aClientCannotRunTheRingsOfASwitch() {
        try (RawClient raw = new RawClient()) {
            LinuxException refusal = assertThrows(LinuxException.class, () -> raw.register("vale0:raw"));
            assertEquals(Errno.EOPNOTSUPP, refusal.errno());
        }
        assertEquals(Set.of("vale0:left", "vale0:right"), names());
    }

    private Set<String> names() {
        Set<String> names = new HashSet<>();
        host.valeList().forEach(port -> names.add(port.name()));
        return names;
    }

    /** Says REGISTER where an honest client says OPEN_CSB. */
    private final class RawClient implements AutoCloseable {
        private final UnixSocket socket = UnixSocket.connect(server.path());

        RawClient() {
            exchange(AttachProtocol.message(AttachProtocol.HELLO, 1, 0).putInt(AttachProtocol.HELLO_MEMBARRIER));
        }

        void register(String name) {
            ByteBuffer out = AttachProtocol.message(AttachProtocol.REGISTER, 2, 0);
            AttachProtocol.putRequest(out, PortRequest.of(name, NmreqRegister.NR_REG_ALL_NIC));
            exchange(out);
        }

        private void exchange(ByteBuffer request) {
            socket.send(request.flip());
            UnixSocket.Message reply = socket.receive().orElseThrow();
            AttachProtocol.Header header = AttachProtocol.header(reply.data());
            if (header.errno() != 0) {
                throw new LinuxException("refused", header.errno(), AttachProtocol.text(reply.data()));
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    /** A flood takes room in others' rings, and their turn, but not more than its share of either. */
    @Test
    void aFloodIsCountedWhereItIsDropped() throws Exception {
        teach();
        startOthers();
        try (Evil evil = new Evil()) {
            others.endure(
                    0,
                    FLOODED_PACKETS,
                    () -> {
                        evil.send();
                        Linux.eventfdSignal(evil.port.kicks[0]);
                    },
                    () -> {});
            assertTrue(taken("vale0:evil") > 1000);
        }
        others.stop();
        assertEquals(
                0,
                host.valeList().stream()
                        .mapToLong(port -> port.traffic().orElseThrow().dropped(DropCause.NOT_OPEN))
                        .sum());
    }
}
