// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.UnixSocket;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server must outlive its clients, whatever they send, and go on serving the others. */
@Timeout(60)
class AttachServerTest {
    @TempDir
    Path directory;

    private EmbeddedHost host;
    private AttachServer server;

    @BeforeEach
    void begin() {
        host = EmbeddedHost.create();
        server = host.serve(directory.resolve("host.sock"));
    }

    @AfterEach
    void end() {
        host.close();
    }

    private UnixSocket connect() {
        return UnixSocket.connect(server.path());
    }

    private UnixSocket greeted() {
        UnixSocket socket = connect();
        assertEquals(0, exchange(socket, hello()).errno());
        return socket;
    }

    private static ByteBuffer hello() {
        Linux.registerGlobalBarrier();
        return AttachProtocol.message(AttachProtocol.HELLO, 1, 0).putInt(1);
    }

    private static ByteBuffer register(PortRequest request) {
        ByteBuffer out = AttachProtocol.message(AttachProtocol.REGISTER, 2, 0);
        AttachProtocol.putRequest(out, request);
        return out;
    }

    private static AttachProtocol.Header exchange(UnixSocket socket, ByteBuffer message) {
        socket.send(message.flip());
        UnixSocket.Message reply = socket.receive().orElseThrow();
        for (int descriptor : reply.descriptors()) {
            Linux.close(descriptor);
        }
        return AttachProtocol.header(reply.data());
    }

    /** A well-behaved client is served. */
    private void assertServes() {
        try (AttachClient client = AttachClient.connect(server.path());
                PortBinding port = client.register(PortRequest.of("good{1", NmreqRegister.NR_REG_ALL_NIC))) {
            assertEquals(1024, port.reply().txSlots());
        }
    }

    private void assertDropped(UnixSocket socket) {
        assertEquals(Optional.empty(), socket.receive());
        socket.close();
        assertServes();
    }

    @Test
    void aSocketInADirectoryThatIsMissingIsRefusedClearly() {
        Path missing = directory.resolve("missing");
        LinuxException refusal = assertThrows(LinuxException.class, () -> host.serve(missing.resolve("host.sock")));
        assertEquals(Errno.ENOENT, refusal.errno());
        assertTrue(refusal.getMessage().contains("there is no directory " + missing), refusal::getMessage);
    }

    @Test
    void garbageEndsTheConnectionThatItCameBy() {
        Random random = new Random(1);
        for (int length : new int[] {1, 15, 16, 17, 100, 4096, UnixSocket.MAX_MESSAGE}) {
            byte[] garbage = new byte[length];
            random.nextBytes(garbage);
            UnixSocket socket = connect();
            socket.send(ByteBuffer.wrap(garbage));
            assertDropped(socket);
        }
    }

    @Test
    void anotherVersionEndsTheConnection() {
        UnixSocket socket = connect();
        socket.send(hello().putShort(4, (short) 9).flip());
        assertDropped(socket);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                AttachProtocol.REGISTER,
                AttachProtocol.RELEASE,
                AttachProtocol.PORT_INFO,
                AttachProtocol.POOLS_INFO,
                AttachProtocol.OPEN_CSB,
                AttachProtocol.START,
                AttachProtocol.STOP,
                AttachProtocol.VALE_ATTACH,
                AttachProtocol.VALE_DETACH,
                AttachProtocol.VALE_LIST,
                AttachProtocol.VALE_NEWIF,
                AttachProtocol.VALE_DELIF
            })
    void aTruncatedRequestEndsTheConnection(int type) {
        UnixSocket socket = greeted();
        socket.send(AttachProtocol.message(type, 2, 0).put((byte) 1).flip());
        assertDropped(socket);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 14, 77, 0x7fff, AttachProtocol.HELLO | AttachProtocol.REPLY})
    void anUnknownRequestIsRefused(int type) {
        try (UnixSocket socket = greeted()) {
            AttachProtocol.Header reply = exchange(socket, AttachProtocol.message(type, 5, 0));
            assertEquals(Errno.EOPNOTSUPP.number(), reply.errno());
            assertEquals(5, reply.sequence());
            assertEquals(0, exchange(socket, hello()).errno(), "and the session goes on");
        }
    }

    @Test
    void aSessionBeginsWithHello() {
        try (UnixSocket socket = connect()) {
            ByteBuffer request = register(PortRequest.of("x{1", NmreqRegister.NR_REG_ALL_NIC));
            assertEquals(Errno.EPROTO.number(), exchange(socket, request).errno());
        }
    }

    @Test
    void descriptorsSentAlongAreClosed() {
        int event = Linux.eventfd();
        try (UnixSocket socket = greeted()) {
            int before = openDescriptors();
            for (int i = 0; i < 200; i++) {
                socket.send(hello().flip(), event, event, event, event);
                socket.receive();
            }
            assertEquals(before, openDescriptors());
        } finally {
            Linux.close(event);
        }
        assertServes();
    }

    private static int openDescriptors() {
        return new File("/proc/self/fd").list().length;
    }

    @Test
    void thousandsOfRegistersExhaustTheRegionAndNothingElse() {
        int descriptors = openDescriptors();
        try (UnixSocket socket = greeted()) {
            int granted = 0;
            for (int i = 0; i < 3000; i++) {
                int errno = exchange(socket, register(request("many" + i + "{1", 16, 0)))
                        .errno();
                assertTrue(errno == 0 || errno == Errno.ENOMEM.number(), "errno " + errno);
                granted += errno == 0 ? 1 : 0;
            }
            assertEquals(128, granted, "rings for so many pipes");
        }
        await(() -> host.audit(1).free() == host.audit(1).total() - 2);
        await(() -> openDescriptors() == descriptors);
        assertServes();
    }

    private static PortRequest request(String name, int slots, int extra) {
        return new PortRequest(name, NmreqRegister.NR_REG_ALL_NIC, 0, 0, 0, slots, slots, 0, 0, 0, 0, extra);
    }

    /** All kinds of numbers in a REGISTER: granted or refused, but answered, and nothing stays behind. */
    @Test
    void wildRegistersAreAnswered() {
        Random random = new Random(7);
        int[] wild = {0, 1, 2, -1, 7, 64, 255, 4096, 65536, Integer.MAX_VALUE, Integer.MIN_VALUE};
        try (UnixSocket socket = greeted()) {
            for (int i = 0; i < 1000; i++) {
                int[] n = random.ints(11, 0, wild.length).map(k -> wild[k]).toArray();
                int mode = random.nextBoolean() ? n[0] : NmreqRegister.NR_REG_NULL;
                int memId = random.nextBoolean() ? 1 : n[2];
                int extra = random.nextInt(20) == 0 ? n[10] : 0;
                PortRequest request = new PortRequest(
                        "w" + i % 7 + "{1", mode, n[1], n[3], memId, n[4], n[5], n[6], n[7], n[8], n[9], extra);
                assertEquals(
                        AttachProtocol.REGISTER | AttachProtocol.REPLY,
                        exchange(socket, register(request)).type(),
                        request::toString);
                exchange(
                        socket,
                        AttachProtocol.message(AttachProtocol.RELEASE, 3, 0).putInt(i - 20));
            }
        }
        await(() -> host.audit(1).free() == host.audit(1).total() - 2);
        assertTrue(host.audit(1).clean());
        assertServes();
    }

    @Test
    void aConnectionStormIsWeathered() {
        for (int wave = 0; wave < 5; wave++) {
            List<UnixSocket> storm = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                storm.add(connect());
            }
            assertServes();
            storm.forEach(UnixSocket::close);
        }
        await(() -> server.connections() == 0);
        assertServes();
    }

    @Test
    void aClientThatNeverReadsIsDropped() {
        UnixSocket socket = greeted();
        assertThrows(LinuxException.class, () -> {
            for (int i = 0; i < 100_000; i++) {
                socket.send(hello().flip());
            }
        });
        socket.close();
        assertServes();
    }

    @Test
    void aClientsPortsEndWithItsConnection() {
        try (AttachClient first = AttachClient.connect(server.path())) {
            first.register(request("mine{1", 64, 3));
            assertThrows(LinuxException.class, () -> host.register(request("mine{1", 64, 0)));
        }
        await(() -> host.audit(1).free() == host.audit(1).total() - 2);
        host.register(request("mine{1", 64, 0)).close();
    }

    @Test
    void aClosedClientTouchesNothingShared() {
        PortBinding here = host.register(request("mine}1", 8, 0));
        AttachClient client = AttachClient.connect(server.path());
        PortBinding there = client.register(request("mine{1", 8, 0));
        client.close();
        there.txSync(0).sync();
        assertEquals(Linux.POLLERR, there.arm(Linux.POLLIN));
        here.rxSync(0).sync();
        assertTrue(host.audit(1).clean());
        there.close();
        here.close();
        assertThrows(LinuxException.class, () -> client.register(request("mine{1", 8, 0)));
    }

    @Test
    void theSocketIsItsUsersOnly() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(server.path())));
    }

    @Test
    void aServedSocketIsNotTakenOver() {
        try (EmbeddedHost other = EmbeddedHost.create()) {
            LinuxException refusal = assertThrows(LinuxException.class, () -> other.serve(server.path()));
            assertEquals(Errno.EADDRINUSE, refusal.errno());
        }
        assertServes();
    }

    @Test
    void aSocketThatNobodyServesIsReplaced() {
        Path path = directory.resolve("stale.sock");
        UnixSocket.listen(path).close();
        try (EmbeddedHost other = EmbeddedHost.create();
                AttachServer replacement = other.serve(path);
                AttachClient client = AttachClient.connect(path)) {
            assertEquals(path, replacement.path());
            assertEquals(1, client.portInfo("x{1", 0).memId());
        }
    }

    @Test
    void whenTheHostIsGoneItsPortsGoOn() {
        AttachClient client = AttachClient.connect(server.path());
        PortBinding sender = client.register(request("on{1", 8, 0));
        PortBinding receiver = client.register(request("on}1", 8, 0));
        server.close();
        assertNotEquals(RingSync.LOOK, sender.txSync(0).sync());
        assertNotEquals(RingSync.LOOK, receiver.rxSync(0).sync());
        LinuxException refusal = assertThrows(LinuxException.class, () -> client.register(request("on{2", 8, 0)));
        assertTrue(refusal.getMessage().contains(server.path().toString()), refusal.getMessage());
        sender.close();
        receiver.close();
        client.close();
    }

    private static void await(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - start < 10_000_000_000L, "not within 10 s");
            Thread.onSpinWait();
        }
    }
}
