// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * One NIC of one guest as an ordinary e1000, as a netmap port, and through all that happens to drivers: after each of these
 * the guest's stack still reaches, by a pipe and a chain on the host, a network namespace behind a real interface.
 */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.MethodName.class)
class PassthroughTest {
    private static final String ID = Long.toString(ProcessHandle.current().pid());
    private static final String MIDDLE = "nfv-middle-" + ID;
    private static final String OUTSIDE = "nfv-outside-" + ID;
    private static final String WIRE = """
            chain: wire
            functions:
              - port: "netmap:wire{1"
              - type: monitor
              - port: netmap:outside
            """;
    private static final int PAGE_BYTES = 3_000_000;

    private final List<Process> processes = new ArrayList<>();
    private boolean prepared;
    private String pageHash;
    private Guest guest;

    @BeforeAll
    void connectGuestAndNamespace(@TempDir Path directory) throws Exception {
        Guest.hypervisor();
        Tools.needRoot();
        Tools.need("ip", "python3", "gcc");
        prepared = true;
        for (String namespace : List.of(MIDDLE, OUTSIDE)) {
            Tools.run("ip", "netns", "add", namespace);
        }
        Tools.run(
                "ip", "-n", MIDDLE, "link", "add", "outside", "type", "veth", "peer", "name", "eth0", "netns", OUTSIDE);
        Tools.run("ip", "-n", MIDDLE, "link", "set", "outside", "up");
        Tools.run("ip", "-n", OUTSIDE, "addr", "add", "192.0.2.1/24", "dev", "eth0");
        Tools.run("ip", "-n", OUTSIDE, "link", "set", "eth0", "up");
        Path socket = directory.resolve("host.sock");
        processes.add(Nfv.startHost(socket));
        Path chain = Files.writeString(directory.resolve("wire.yaml"), WIRE);
        ProcessBuilder wire = Nfv.command(
                List.of("ip", "netns", "exec", MIDDLE), "run", chain.toString(), "--no-live", "--duration", "1h");
        wire.environment().put("PTNETMAP_HOST", socket.toString());
        processes.add(wire.inheritIO().start());
        servePage(directory);
        guest = Guest.boot(directory, socket, List.of("netmap:wire}1"), List.of(GuestPrograms.frames(directory)));
        configure();
    }

    /** Gives the page to whoever connects. */
    private void servePage(Path directory) throws Exception {
        byte[] page = new byte[PAGE_BYTES];
        new Random(1).nextBytes(page);
        pageHash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(page));
        String server = """
                import socket, sys
                page = open(sys.argv[1], 'rb').read()
                with socket.create_server(('192.0.2.1', 8000)) as server:
                    while True:
                        with server.accept()[0] as connection:
                            connection.sendall(page)
                """;
        Path file = Files.write(directory.resolve("page"), page);
        processes.add(new ProcessBuilder("ip", "netns", "exec", OUTSIDE, "python3", "-c", server, file.toString())
                .inheritIO()
                .start());
    }

    @AfterAll
    void removeAll() throws InterruptedException {
        if (guest != null) {
            guest.close();
        }
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
        if (prepared) {
            for (String namespace : List.of(MIDDLE, OUTSIDE)) {
                Tools.run("ip", "netns", "delete", namespace);
            }
        }
    }

    private void configure() {
        guest.run("ip addr replace 192.0.2.2/24 dev eth0 && ip link set eth0 up");
    }

    /** What ordinary use of the NIC must give, and that the kernel has found nothing wrong with itself. */
    private void assertOrdinary() {
        guest.expect(0, "for i in 1 2 3 4 5 6 7 8 9 10; do ping -c 1 -W 2 192.0.2.1 && exit 0; done; exit 1", 60);
        guest.run("ping -c 5 -i 0.2 -w 20 192.0.2.1");
        assertEquals(
                pageHash,
                guest.expect(0, "nc 192.0.2.1 8000 </dev/null | sha256sum | cut -d ' ' -f 1", 60)
                        .strip());
        assertEquals(
                "",
                guest.run("dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace|blocked for more|NETDEV WATCHDOG' || true"));
    }

    private static BigInteger receivedOutside() {
        return new BigInteger(
                Tools.run("ip", "netns", "exec", OUTSIDE, "cat", "/sys/class/net/eth0/statistics/rx_packets")
                        .getFirst());
    }

    @Test
    void aTheGuestsStackPingsAndLoadsAPage() {
        assertOrdinary();
        guest.run("ping -c 5 -i 0.2 -w 20 -s 1400 192.0.2.1");
    }

    @Test
    void netmapFramesReachTheOtherNamespaceAndThenTheStackIsBack() throws Exception {
        BigInteger before = receivedOutside();
        guest.run(Guest.PROGRAMS + "frames send eth0 10000");
        BigInteger expected = before.add(BigInteger.valueOf(10_000));
        for (int i = 0; receivedOutside().compareTo(expected) < 0 && i < 100; i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertTrue(receivedOutside().compareTo(expected) >= 0, "frames are missing");
        assertOrdinary();
    }

    @Test
    void thePortIsOpenedAndClosedAThousandTimes() {
        guest.expect(0, Guest.PROGRAMS + "frames churn eth0 1000", 300);
        assertOrdinary();
    }

    @Test
    void theInterfaceGoesDownAndUpUnderLoad() {
        guest.run(Guest.PROGRAMS + "frames send eth0 100000000 & echo $! >/tmp/sender; sleep 1");
        guest.run("for i in 1 2 3 4 5; do ip link set eth0 down; ip link set eth0 up; done; ip link set eth0 mtu 1400;"
                + " ip link set eth0 mtu 1500; kill -0 $(cat /tmp/sender)");
        guest.run("kill $(cat /tmp/sender); sleep 0.5; ! kill -0 $(cat /tmp/sender) 2>/dev/null");
        configure();
        assertOrdinary();
    }

    @Test
    void aProgramIsKilledUnderLoad() {
        for (int i = 0; i < 5; i++) {
            guest.run(Guest.PROGRAMS + "frames send eth0 100000000 & sleep 1; kill -9 $!");
        }
        assertOrdinary();
    }

    @Test
    void theDriverIsUnloadedUnderAnOpenPortAndLoadedAgain() {
        guest.run("(" + Guest.PROGRAMS + "frames hold eth0 60 >/tmp/held 2>&1; echo ended >>/tmp/held) & sleep 1");
        guest.run("rmmod e1000");
        guest.run(
                "for i in 1 2 3 4 5 6 7 8 9 10; do grep -q ended /tmp/held && exit 0; sleep 0.5; done; cat /tmp/held; exit 1");
        guest.run("rmmod netmap; modprobe netmap && modprobe e1000 paravirtual=1");
        configure();
        assertOrdinary();
        guest.run(Guest.PROGRAMS + "frames churn eth0 10");
    }

    @Test
    void zWithoutTheParameterItIsAnOrdinaryE1000() {
        guest.run("rmmod e1000; modprobe e1000");
        configure();
        assertOrdinary();
        assertTrue(guest.run(Guest.PROGRAMS + "frames churn eth0 1", 20).status() != 0, "it is a netmap port");
        guest.run("rmmod e1000; modprobe e1000 paravirtual=1");
        configure();
        assertOrdinary();
    }
}
