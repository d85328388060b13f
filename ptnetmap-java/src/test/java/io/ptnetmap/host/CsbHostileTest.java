// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Packets;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.memory.Memory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A user behind a CSB writes whatever it likes wherever it can: into its CSBs, and into all of its region, lanes included.
 * The host goes on serving others in other regions, whose packets arrive as they were sent, and takes everything back when
 * the user is gone.
 */
class CsbHostileTest extends MutationTck {
    private static final int INNOCENT_PACKETS = 1_000;

    @TempDir
    Path directory;

    private EmbeddedHost host;
    private AttachServer server;
    private Netmap netmap;
    private int evilRegion;

    @BeforeEach
    void begin() {
        RegionConfig small = new RegionConfig(32, 1024, 32, 8192, 4096, 2048);
        host = EmbeddedHost.create(small);
        netmap = Netmap.over(host);
        evilRegion = host.createRegion(small);
        server = host.serve(directory.resolve("host.sock"));
    }

    @AfterEach
    void end() {
        host.close();
    }

    @Override
    void survive(int mutations) throws Exception {
        others.start("sender", this::innocentSender);
        others.start("forwarder", this::innocentMachine);
        others.start("receiver", this::innocentReceiver);
        others.start("peer", this::peer);
        try (Evil evil = new Evil()) {
            others.endure(mutations, INNOCENT_PACKETS, evil::act, () -> {});
        }
        // The two machines' sessions remain, and then none.
        Innocents.eventually(() -> server.connections() == 1);
        others.goOnAndStop();
        Innocents.eventually(() -> server.connections() == 0);
        for (int region : new int[] {1, evilRegion}) {
            BufferAudit audit = host.audit(region);
            assertTrue(audit.clean(), () -> audit + ", " + others.seed());
            assertEquals(audit.total() - Region.FIRST_BUFFER, audit.free(), others.seed());
        }
    }

    private void innocentSender() {
        try (NetmapPort port = netmap.openPort("netmap:good{1@conf:slots=64")) {
            TxRing tx = port.txRing(0);
            long number = 0;
            while (!others.stopped()) {
                tx.sync();
                if (tx.available() > 0) {
                    number++;
                    Packets.send(tx, number, 60 + (int) (number % 64));
                }
                port.poll(Linux.POLLOUT, 1_000_000);
            }
        }
    }

    private void innocentReceiver() {
        try (NetmapPort port = netmap.openPort("netmap:good}2@conf:slots=64")) {
            RxRing rx = port.rxRing(0);
            while (!others.stopped()) {
                port.poll(Linux.POLLIN, 1_000_000);
                for (long number : Packets.receive(rx)) {
                    assertEquals(others.passed().get() + 1, number);
                    others.passed().set(number);
                }
            }
        }
    }

    /** Moves the good packets from pipe 1 to pipe 2, served by the same loop as the evil one. */
    private void innocentMachine() {
        try (CsbClient client = CsbClient.connect(server.path());
                CsbClient.Port in = client.open("good}1", 64);
                CsbClient.Port out = client.open("good{2", 64)) {
            in.start();
            out.start();
            CsbForwarder forwarder = new CsbForwarder(CsbUser.rx(in), CsbUser.tx(out));
            while (!others.stopped()) {
                if (forwarder.move() == 0) {
                    forwarder.nap();
                }
            }
        }
    }

    /** A user of the evil one's region at the other end of its pipe: may get anything, but stays alive. */
    private void peer() {
        try (NetmapPort port = netmap.openPort("netmap:evil}1@" + evilRegion + "@conf:slots=64")) {
            while (!others.stopped()) {
                port.poll(Linux.POLLIN, 100_000);
                RxRing rx = port.rxRing(0);
                for (int i = 0, slot = rx.head(); i < rx.available(); i++, slot = rx.next(slot)) {
                    long sum = 0;
                    for (int at = 0; at < rx.length(slot); at++) {
                        sum += Memory.getByte(rx.bufferAddress(slot) + at);
                    }
                    rx.ptr(slot, sum);
                }
                rx.forward(port.txRing(0), Integer.MAX_VALUE);
                port.txRing(0).sync();
            }
        }
    }

    /** Three ports in two sessions: one end of a pipe to {@link #peer}, and both ends of a pipe to itself. */
    private final class Evil implements AutoCloseable {
        private final List<CsbClient> clients = new ArrayList<>();
        private final List<CsbClient.Port> ports = new ArrayList<>();
        private final List<CsbUser> users = new ArrayList<>();
        private final Mapping region;

        Evil() {
            PortRequest whole = request("whole{1");
            clients.add(CsbClient.connect(server.path()));
            clients.add(CsbClient.connect(server.path()));
            open(0, "evil{1");
            open(0, "self{1");
            open(1, "self}1");
            // More than a guest is shown: what QEMU could write.
            this.region = clients.get(1).mapWhole(whole);
        }

        private PortRequest request(String name) {
            return new PortRequest(name, NmreqRegister.NR_REG_ALL_NIC, 0, 0, evilRegion, 64, 64, 0, 0, 0, 0, 0);
        }

        private void open(int client, String name) {
            CsbClient.Port port = clients.get(client).open(request(name));
            port.start();
            ports.add(port);
            for (int ring = 0; ring < port.kicks.length; ring++) {
                CsbUser user = new CsbUser(port, ring);
                user.begin();
                users.add(user);
            }
        }

        void act() {
            CsbClient.Port port = ports.get(random.nextInt(ports.size()));
            CsbUser user = users.get(random.nextInt(users.size()));
            switch (random.nextInt(12)) {
                case 0 -> Memory.putInt(port.csb.address() + 4L * random.nextInt(CsbPort.CSB_SIZE / 4), value());
                case 1 -> Memory.putInt(port.csb.address() + 64L * random.nextInt(2) + 4L * random.nextInt(4), value());
                case 2, 3 -> user.publish(random.nextInt(user.slots), random.nextInt(user.slots));
                case 4, 5, 6 -> behave(user);
                case 7 -> Memory.putLong(user.slot(random.nextInt(user.slots)), random.nextLong());
                case 8 -> Memory.putInt(user.ring + 4L * random.nextInt(16), value());
                case 9 -> Memory.putInt(rings() + 4L * random.nextInt(1 << 14), value());
                case 10 -> Memory.putInt(lanes() + 128L * random.nextInt(16), value());
                default -> kickOrRestart(port);
            }
        }

        /** As a good user would, but for what is in the slots. */
        private void behave(CsbUser user) {
            user.refresh();
            int available = Math.floorMod(user.available(), user.slots);
            for (int i = 0, slot = Math.floorMod(user.head, user.slots); i < available; i++, slot = user.next(slot)) {
                if (random.nextInt(4) == 0) {
                    NetmapSlot.write(
                            user.slot(slot),
                            NetmapSlot.descriptor(random.nextInt(4200), random.nextInt(3000), random.nextInt(64)));
                }
            }
            user.publish((user.head + available) % user.slots, (user.head + available) % user.slots);
        }

        private void kickOrRestart(CsbClient.Port port) {
            Linux.eventfdSignal(port.kicks[random.nextInt(port.kicks.length)]);
            if (random.nextInt(50) == 0) {
                try {
                    if (random.nextBoolean()) {
                        port.stop();
                    } else {
                        port.start();
                    }
                } catch (LinuxException running) {
                    assertEquals(16, running.number());
                }
            }
        }

        /** Somewhere among headers of ports and rings, the peer's too. */
        private long rings() {
            return region.address();
        }

        private long lanes() {
            return region.address() + ports.getFirst().granted.mappable();
        }

        private int value() {
            return switch (random.nextInt(5)) {
                case 0 -> random.nextInt();
                case 1 -> random.nextInt(64);
                case 2 -> 1 << random.nextInt(32);
                case 3 -> -1;
                default -> 0;
            };
        }

        @Override
        public void close() {
            clients.forEach(CsbClient::close);
            ports.forEach(CsbClient.Port::close);
            region.close();
        }
    }
}
