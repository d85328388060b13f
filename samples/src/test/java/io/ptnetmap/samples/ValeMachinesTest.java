// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.driver.DropCause;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.host.AttachServer;
import io.ptnetmap.host.EmbeddedHost;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Two virtual machines on one switch of the embedded host: as ordinary NICs and as netmap ports they reach each other, and one
 * that means harm neither reads what the other sends nor keeps it from sending.
 */
@Tag("vm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.MethodName.class)
class ValeMachinesTest {
    private static final int EXCHANGED = 20_000;
    private static final int UNDER_FLOOD = 5_000;
    private static final long PER_SECOND = 1_000;
    private static final int WINDOW = 128;
    private static final int MUTATIONS = 100_000;
    /** Numbers of stations. */
    private static final int FIRST = 1;

    private static final int SECOND = 2;
    private static final int HOST = 3;
    private static final String STATION = Guest.JAVA + " " + Station.class.getName();
    private static final Pattern FOUND = Pattern.compile("found (\\d+) times, looked (\\d+) times at (\\d+) bytes");

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private final List<Guest> guests = new ArrayList<>();
    private Guest first;
    private Guest second;

    @BeforeAll
    void bootTwo(@TempDir Path directory) {
        Guest.hypervisor();
        Tools.need("gcc", "iperf3");
        AttachServer server = host.serve(directory.resolve("host.sock"));
        List<Path> programs = new ArrayList<>(GuestPrograms.installed("iperf3"));
        programs.add(GuestPrograms.frames(directory));
        programs.add(GuestPrograms.hostile(directory));
        for (String name : List.of("first", "second")) {
            guests.add(Guest.boot(
                    name,
                    directory,
                    server.path(),
                    List.of("vale0:" + name),
                    programs,
                    List.of(Path.of("target/test-classes"))));
        }
        first = guests.getFirst();
        second = guests.getLast();
        configure(first, FIRST);
        configure(second, SECOND);
    }

    @AfterAll
    void endAll() {
        guests.forEach(Guest::close);
        netmap.close();
    }

    private static void configure(Guest guest, int number) {
        guest.run("ip addr replace 192.0.2." + number + "/24 dev eth0 && ip link set eth0 up");
    }

    private SwitchPort.Traffic traffic(String name) {
        return host.valeList().stream()
                .filter(port -> port.name().equals("vale0:" + name))
                .findFirst()
                .orElseThrow()
                .traffic()
                .orElseThrow();
    }

    @Test
    void aOrdinaryNicsPingAndTransfer() {
        SwitchPort.Traffic before = traffic("second");
        pingAndTransfer();
        assertTrue(traffic("second").delivered() > before.delivered() + 1000, "it went by another way");
    }

    @Test
    void bDriversWithoutPassthroughPingAndTransfer() {
        second.run("rmmod e1000; modprobe e1000");
        configure(second, SECOND);
        try {
            pingAndTransfer();
        } finally {
            second.run("rmmod e1000; modprobe e1000 paravirtual=1");
            configure(second, SECOND);
        }
        pingAndTransfer();
    }

    private void pingAndTransfer() {
        first.expect(0, "for i in 1 2 3 4 5 6 7 8 9 10; do ping -c 1 -W 2 192.0.2.2 && exit 0; done; exit 1", 60);
        String said = first.run("ping -c 20 -i 0.1 -w 30 -s 1400 192.0.2.2");
        assertTrue(said.contains("20 packets transmitted, 20 packets received"), said);
        second.run(GuestPrograms.command("iperf3") + " -s -1 -D --logfile /tmp/iperf3.log; sleep 1");
        String report = first.run(GuestPrograms.command("iperf3") + " -c 192.0.2.2 -n 20M --json");
        JsonNode end = JsonMapper.shared().readTree(report).get("end");
        assertTrue(end.at("/sum_sent/bytes").asLong() >= 20 << 20, end::toString);
        // What was still on the way is not in it.
        assertTrue(end.at("/sum_received/bytes").asLong() > 10 << 20, end::toString);
        System.out.printf(
                "iperf3 between two machines: %.0f Mbit/s%n",
                end.at("/sum_received/bits_per_second").asDouble() / 1e6);
    }

    @Test
    void cNetmapProgramsOfTwoMachinesExchangePackets() {
        answer(second, SECOND, EXCHANGED);
        SwitchPort.Traffic before = traffic("first");
        // TCP, of which there may have been some before, goes on until something is dropped.
        long droppedBefore = dropped("first") + dropped("second");
        String said = first.expect(0, STATION + " ask netmap:eth0 " + FIRST + " " + SECOND + " " + EXCHANGED, 120);
        assertEquals("answered " + EXCHANGED, said.strip());
        assertEquals("answered " + EXCHANGED, awaitAnswers(second));
        SwitchPort.Traffic after = traffic("first");
        // With one hello.
        assertEquals(EXCHANGED + 1, after.taken() - before.taken());
        assertEquals(
                droppedBefore,
                dropped("first") + dropped("second"),
                () -> host.valeList().toString());
    }

    private long dropped(String name) {
        SwitchPort.Traffic traffic = traffic(name);
        return traffic.dropped(DropCause.FULL) + traffic.dropped(DropCause.SHARE) + traffic.dropped(DropCause.BAD_SLOT);
    }

    /** Has a station of a guest answer; it is ready when this returns. */
    private static void answer(Guest guest, int number, long count) {
        guest.expect(
                0,
                STATION + " answer netmap:eth0 " + number + " " + count + " >/tmp/answers 2>&1 &"
                        + " for i in $(seq 300); do grep -q ready /tmp/answers && exit 0; sleep 0.2; done;"
                        + " cat /tmp/answers; exit 1",
                90);
    }

    /** What the station of a guest said at its end. */
    private static String awaitAnswers(Guest guest) {
        return guest.expect(
                        0,
                        "for i in $(seq 300); do grep answered /tmp/answers && exit 0; sleep 0.2; done;"
                                + " cat /tmp/answers; exit 1",
                        90)
                .strip();
    }

    @Test
    void dWhatAMachineSendsToAnotherIsNowhereInAThirdOnesMemory() {
        try (NetmapPort port = netmap.openPort("vale0:host")) {
            Station station = new Station(port, HOST);
            answer(first, FIRST, EXCHANGED);
            // Drivers keep others from mapping their devices.
            second.run("rmmod e1000; rmmod netmap");
            startSearch(8);
            // All the time of the search, and some.
            long answered = station.ask(FIRST, EXCHANGED, Station.perSecond(EXCHANGED / 12, WINDOW));
            assertEquals(EXCHANGED, answered, () -> host.valeList().toString());
            assertEquals("answered " + EXCHANGED, awaitAnswers(first));
            assertEquals(0, searched());
            // That it would be found: a packet for everybody is in everybody's memory.
            station.shout();
            startSearch(1);
            assertTrue(searched() > 0, "the search finds nothing at all");
        } finally {
            loadDrivers();
        }
    }

    private void startSearch(int seconds) {
        second.run(Guest.PROGRAMS + "hostile-guest search " + HexFormat.of().formatHex(Station.canary(HOST)) + " "
                + seconds + " >/tmp/search 2>&1 &");
    }

    private void loadDrivers() {
        second.run("modprobe netmap; modprobe e1000 paravirtual=1");
        configure(second, SECOND);
    }

    /** How often the canary has been found. */
    private long searched() {
        String said = second.expect(
                0,
                "for i in $(seq 300); do grep found /tmp/search && exit 0; sleep 0.2; done; cat /tmp/search; exit 1",
                90);
        Matcher found = FOUND.matcher(said);
        assertTrue(found.find(), said);
        assertTrue(Long.parseLong(found.group(3)) > 8 << 20, said);
        System.out.print(said);
        return Long.parseLong(found.group(1));
    }

    /** Who has sent before a flood begins has its share from its first packet on; a newcomer may find the ring full once. */
    private static CompletableFuture<Long> askBeforeAFlood(NetmapPort port) {
        return CompletableFuture.supplyAsync(
                () -> new Station(port, HOST).ask(FIRST, UNDER_FLOOD, Station.perSecond(PER_SECOND, WINDOW)));
    }

    @Test
    void eAFloodTakesNobodysShare() {
        try (NetmapPort port = netmap.openPort("vale0:host")) {
            second.run("ip link set eth0 up");
            answer(first, FIRST, UNDER_FLOOD);
            SwitchPort.Traffic before = traffic("second");
            long start = System.nanoTime();
            CompletableFuture<Long> asking = askBeforeAFlood(port);
            second.run("sleep 0.5; " + Guest.PROGRAMS
                    + "frames send eth0 1000000000 >/tmp/flood & echo $! >/tmp/flooder; sleep 1");
            long answered = asking.join();
            double seconds = (System.nanoTime() - start) * 1e-9;
            second.run("kill -0 $(cat /tmp/flooder) && kill $(cat /tmp/flooder)");
            long flooded = traffic("second").taken() - before.taken();
            System.out.printf(
                    "%d questions answered in %.1f s, while another machine sent %d packets to all%n",
                    answered, seconds, flooded);
            assertEquals(UNDER_FLOOD, answered, () -> host.valeList().toString());
            assertTrue(seconds < 4.0 * UNDER_FLOOD / PER_SECOND, () -> seconds + " s");
            assertTrue(flooded > 20 * UNDER_FLOOD, () -> "a flood of " + flooded + " packets");
            assertTrue(traffic("first").dropped(DropCause.SHARE) > 0, () -> "no flood: " + host.valeList());
            awaitAnswers(first);
        }
    }

    @Test
    void fWhatAMachineDoesToItsOwnMemoryHarmsNobodyElse() {
        try (NetmapPort port = netmap.openPort("vale0:host")) {
            answer(first, FIRST, UNDER_FLOOD);
            // Its own drivers out of the way: they would only be harmed, too.
            second.run("rmmod e1000; rmmod netmap");
            CompletableFuture<Long> asking = askBeforeAFlood(port);
            second.run("sleep 0.5; (while " + Guest.PROGRAMS + "hostile-guest " + MUTATIONS
                    + " $(cat /proc/uptime | tr -d '. '); do :; done) >/tmp/mutations 2>&1 & sleep 2");
            long answered = asking.join();
            assertEquals(UNDER_FLOOD, answered, () -> host.valeList().toString());
            String said = second.run("killall hostile-guest; sleep 1; grep mutations /tmp/mutations | tail -n 1");
            assertTrue(said.contains(MUTATIONS + " mutations on 1 NICs"), said);
            awaitAnswers(first);
        } finally {
            loadDrivers();
        }
        second.run("ping -c 5 -i 0.2 -w 20 192.0.2." + FIRST);
    }
}
