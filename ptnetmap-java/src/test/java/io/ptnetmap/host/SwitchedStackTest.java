// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.NetworkInterfaces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An interface attached to a switch with its host stack: this machine's stack reaches what is behind the wire by the switch. */
class SwitchedStackTest {
    private static final int TRANSFERRED = 5_000_000;
    /** In a network of benchmarks (RFC 2544) that no other test of this machine uses at the same time. */
    private static final int NET = (int) (ProcessHandle.current().pid() % 250);

    private static final String ADDRESS = "198.18." + NET + ".1";
    private static final String OTHER = "198.18." + NET + ".2";

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private TestNetwork network;
    private String far;
    private String link;

    @BeforeEach
    void cable() {
        TestNetwork.assumePossible();
        TestNetwork.assumeTool("python3");
        network = new TestNetwork();
        far = network.namespace("far");
        link = network.cable(far, OTHER + "/24");
        TestNetwork.must("ip", "address", "add", ADDRESS + "/24", "dev", link);
    }

    @AfterEach
    void remove() {
        if (network != null) {
            network.close();
        }
        netmap.close();
    }

    private int attach() {
        return host.valeAttach(PortRequest.of("vale0:" + link, NmreqRegister.NR_REG_NIC_SW));
    }

    private List<String> names() {
        return host.valeList().stream().map(SwitchPort::name).toList();
    }

    private void ping() {
        TestNetwork.must("ping", "-c", "3", "-i", "0.2", "-w", "20", OTHER);
    }

    /** A connection of the stack's to a server behind the wire, which sends back what it gets. */
    private static void transfer(String namespace, TestNetwork network) throws Exception {
        String echo = """
                import socket
                with socket.create_server(('%s', 8000)) as server:
                    print('ready', flush=True)
                    with server.accept()[0] as connection:
                        while part := connection.recv(65536):
                            connection.sendall(part)
                """.formatted(OTHER);
        Process server = network.start(new ProcessBuilder(TestNetwork.inNamespace(namespace, "python3", "-c", echo)));
        assertEquals("ready", server.inputReader().readLine());
        byte[] sent = new byte[TRANSFERRED];
        new Random(1).nextBytes(sent);
        try (Socket socket = new Socket(OTHER, 8000)) {
            socket.setSoTimeout(20_000);
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    socket.getOutputStream().write(sent);
                    socket.shutdownOutput();
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
            byte[] received = socket.getInputStream().readAllBytes();
            sending.join();
            assertArrayEquals(sent, received);
        }
    }

    @Test
    void theStacksTrafficPassesTheSwitch() throws Exception {
        attach();
        assertEquals(List.of("vale0:" + link, "vale0:" + link + "^"), names());
        ping();
        transfer(far, network);
        SwitchPort stack = host.valeList().getLast();
        assertTrue(stack.traffic().orElseThrow().taken() > 1000, stack::toString);
        assertTrue(stack.traffic().orElseThrow().delivered() > 1000, stack::toString);
    }

    @Test
    void aThirdPortTalksToTheStackToo() throws Exception {
        attach();
        try (NetmapPort third = netmap.openPort("vale0:third")) {
            byte[] arp = Frames.frame(0xffff_ffff_ffffL, 0x0200_0000_0099L, 0, 60);
            // Who has .1? Tell .9.
            byte[] request = {
                8,
                6,
                0,
                1,
                8,
                0,
                6,
                4,
                0,
                1,
                2,
                0,
                0,
                0,
                0,
                (byte) 0x99,
                (byte) 198,
                18,
                (byte) NET,
                9,
                0,
                0,
                0,
                0,
                0,
                0,
                (byte) 198,
                18,
                (byte) NET,
                1
            };
            System.arraycopy(request, 0, arp, 12, request.length);
            Frames.send(third, arp);
            boolean answered = false;
            long deadline = System.nanoTime() + 10_000_000_000L;
            while (!answered && System.nanoTime() < deadline) {
                third.poll(Linux.POLLIN, 100_000_000);
                for (byte[] frame : Frames.receive(third)) {
                    answered |= frame[12] == 8 && frame[13] == 6 && frame[21] == 2 && frame[31] == 1;
                }
            }
            assertTrue(answered, "the stack does not answer");
        }
    }

    @Test
    void afterDetachingTheStackHasItsInterfaceAgain() throws Exception {
        for (int i = 0; i < 3; i++) {
            attach();
            ping();
            host.valeDetach("vale0:" + link);
            assertEquals(List.of(), names());
            assertEquals(0, NetworkInterfaces.index(link + "^"), "the tap device is still there");
            ping();
        }
        transfer(far, network);
    }

    @Test
    void whereTheStackIsTakenTheInterfaceIsNotAttachedEither() {
        try (NetmapPort stack = netmap.openPort("netmap:" + link + "^")) {
            LinuxException refusal = assertThrows(LinuxException.class, this::attach);
            assertEquals(Errno.EBUSY, refusal.errno(), refusal::toString);
            assertEquals(List.of(), names());
            assertTrue(stack.rxRings().size() > 0);
        }
        attach();
        ping();
    }

    @Test
    void aPersistentPortHasNoStack() {
        host.valeNewif(PortRequest.of("v0", NmreqRegister.NR_REG_ALL_NIC));
        LinuxException refusal = assertThrows(
                LinuxException.class, () -> host.valeAttach(PortRequest.of("vale0:v0", NmreqRegister.NR_REG_NIC_SW)));
        assertEquals(Errno.EINVAL, refusal.errno());
    }
}
