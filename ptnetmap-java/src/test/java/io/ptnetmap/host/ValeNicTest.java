// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.DropCause;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Network interfaces attached to a switch: three network stacks talk through it, with all their offloads on. */
@Timeout(120)
class ValeNicTest {
    private TestNetwork network;
    private EmbeddedHost host;
    private final List<String> namespaces = new ArrayList<>();
    private final List<String> interfaces = new ArrayList<>();

    @BeforeAll
    static void canMakeInterfaces() {
        TestNetwork.assumePossible();
    }

    @BeforeEach
    void attach() {
        network = new TestNetwork();
        host = EmbeddedHost.create();
        for (int i = 0; i < 3; i++) {
            namespaces.add(network.namespace("n" + i));
            interfaces.add(network.cable(namespaces.get(i), "10.9.0." + (i + 1) + "/24"));
            assertEquals(i, host.valeAttach(request(i)));
        }
    }

    private PortRequest request(int i) {
        return PortRequest.of("vale0:" + interfaces.get(i), NmreqRegister.NR_REG_ALL_NIC);
    }

    @AfterEach
    void end() {
        host.close();
        network.close();
    }

    private SwitchPort.Traffic traffic(int i) {
        return host.valeList().get(i).traffic().orElseThrow();
    }

    @Test
    void pingsLoseNothingAndGoNowhereElse() {
        TestNetwork.assumeTool("ping");
        long before = traffic(2).delivered();
        for (String size : new String[] {"56", "1400", "9000"}) {
            String said = TestNetwork.in(
                    namespaces.get(0), "ping", "-c", "50", "-i", "0.01", "-s", size, "-W", "5", "10.9.0.2");
            assertTrue(said.contains("50 received"), said);
        }
        assertTrue(traffic(1).delivered() > 150);
        assertTrue(traffic(2).delivered() - before < 20, "what is known is not for all");
        for (int i = 0; i < 3; i++) {
            assertEquals(0, traffic(i).dropped(DropCause.DEVICE));
            assertEquals(0, traffic(i).dropped(DropCause.FULL));
        }
    }

    @Test
    void aTcpStreamGoesThrough() {
        TestNetwork.assumeTool("iperf3");
        network.start(new ProcessBuilder(TestNetwork.inNamespace(namespaces.get(1), "iperf3", "-s", "-1"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD));
        TestNetwork.Result result = new TestNetwork.Result(1, "");
        for (int attempt = 0; attempt < 20 && result.status() != 0; attempt++) {
            Linux.poll(-1, 0, 200_000_000);
            result = TestNetwork.run(
                    TestNetwork.inNamespace(namespaces.get(0), "iperf3", "-n", "30M", "-c", "10.9.0.2"));
        }
        assertEquals(0, result.status(), result.output());
        String errors = TestNetwork.in(namespaces.get(1), "nstat", "-az", "TcpInCsumErrors");
        assertTrue(errors.matches("(?s).*TcpInCsumErrors +0 .*"), errors);
    }

    @Test
    void programsAreOnTheSameSwitch() {
        TestNetwork.assumeTool("ping");
        try (NetmapPort port = Netmap.over(host).openPort("vale0:program")) {
            TestNetwork.run(TestNetwork.inNamespace(namespaces.get(0), "ping", "-c", "1", "-W", "1", "10.9.0.77"));
            assertEquals(Linux.POLLIN, port.poll(Linux.POLLIN, 5_000_000_000L));
            boolean asked = Frames.receive(port).stream()
                    .anyMatch(frame -> frame[12] == 8 && frame[13] == 6 && frame[41] == 77);
            assertTrue(asked, "who has 10.9.0.77");
        }
    }

    @Test
    void detachingAndAttachingAgain() throws IOException {
        TestNetwork.assumeTool("ping");
        LinuxException twice = assertThrows(LinuxException.class, () -> host.valeAttach(request(0)));
        assertEquals(Errno.EBUSY, twice.errno());
        assertEquals(
                Errno.EBUSY,
                assertThrows(LinuxException.class, () -> host.register(request(0)))
                        .errno());
        int descriptors = descriptors();
        for (int i = 0; i < 20; i++) {
            assertEquals(1, host.valeDetach("vale0:" + interfaces.get(1)));
            assertEquals(2, host.valeList().size());
            assertEquals(1, host.valeAttach(request(1)));
        }
        assertEquals(descriptors, descriptors());
        String said = TestNetwork.in(namespaces.get(0), "ping", "-c", "3", "-i", "0.01", "-W", "5", "10.9.0.2");
        assertTrue(said.contains("3 received"), said);
        interfaces.forEach(name -> host.valeDetach("vale0:" + name));
        assertEquals(List.of(), host.valeList());
    }

    private static int descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.count();
        }
    }

    @Test
    void anInterfaceThatIsRemovedHarmsNobody() {
        TestNetwork.assumeTool("ping");
        TestNetwork.must("ip", "link", "del", interfaces.get(2));
        String said = TestNetwork.in(namespaces.get(0), "ping", "-c", "5", "-i", "0.01", "-W", "5", "10.9.0.2");
        assertTrue(said.contains("5 received"), said);
        assertEquals(2, host.valeDetach("vale0:" + interfaces.get(2)));
    }
}
